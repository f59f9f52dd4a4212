import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Server {
  /** Absent if this machine has none. */
  readonly url?: string | undefined
  readonly missing?: string | undefined
  stop(): Promise<void>
}

/** Starts a server with the program of the package that tests a store on it. */
export async function startServer(): Promise<Server> {
  const file = fileURLToPath(new URL('../../../stores/redis/test/serve-redis.ts', import.meta.url))
  const child = fork(file, {
    execArgv: ['--conditions=@mcpclient/source'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  const [greeting] = (await once(child, 'message')) as [Pick<Server, 'url' | 'missing'>]
  return {
    ...greeting,
    async stop() {
      child.disconnect()
      await ended
    },
  }
}
