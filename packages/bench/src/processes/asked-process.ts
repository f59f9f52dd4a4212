import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Reply } from './serve-requests.ts'

/** A separate process, so that measurements share no compiled code, heap or garbage. */
export interface AskedProcess {
  /** @throws Error with the other process's stack if its handler failed */
  ask<Value>(name: string, input?: unknown): Promise<Value>
  close(): Promise<void>
}

const sources = join(import.meta.dirname, '..')
/** The number of stored characters of a process's standard error. */
const MAX_SAID = 4000

/**
 * Starts a file of this folder in a separate process. It sees the built packages, not their sources.
 * @param file path from `src`
 * @param options.nodeOptions such as `--expose-gc`
 */
export function startProcess(
  file: string,
  options: { readonly arguments?: readonly string[]; readonly nodeOptions?: readonly string[] } = {},
): AskedProcess {
  const child = fork(join(sources, file), options.arguments ?? [], {
    execArgv: [...(options.nodeOptions ?? [])],
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  })
  // Some peers print notices; they matter only if the process ends early.
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID)
  })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>()
  let lastId = 0
  child.on('message', (reply: Reply) => {
    const asker = waiting.get(reply.id)
    waiting.delete(reply.id)
    if ('problem' in reply) asker?.reject(new Error(`${file}: ${reply.problem}`))
    else asker?.resolve(reply.value)
  })
  const ended = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended before it responded. ${said}`))
  })
  return {
    ask: <Value>(name: string, input?: unknown) =>
      new Promise<Value>((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
        child.send({ id, name, input })
      }),
    async close() {
      if (child.connected) child.disconnect()
      await ended
    },
  }
}
