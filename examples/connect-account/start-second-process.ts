import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HostSettings } from './host.ts'

/** Starts `second-process.ts`. */
export async function startSecondProcess(settings: HostSettings) {
  const child = fork(fileURLToPath(new URL('second-process.ts', import.meta.url)), [JSON.stringify(settings)], {
    execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
  })
  const [first] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
  if (first !== 'ready') throw new Error('The second process did not start.')
  return {
    /** Makes calls concurrently. Returns how many succeeded. */
    call: async (count: number): Promise<number> => {
      const message = once(child, 'message')
      child.send(count)
      const [succeeded] = (await message) as [number]
      return succeeded
    },
    close: async (): Promise<void> => {
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
