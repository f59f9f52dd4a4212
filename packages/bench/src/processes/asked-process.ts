import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Answer } from './answers.ts'

/** A process of its own, so that nobody's compiled code, heap or garbage is another's. */
export interface AskedProcess {
  /** @throws Error with the other process's stack if it could not answer */
  ask<Value>(name: string, input?: unknown): Promise<Value>
  close(): Promise<void>
}

const sources = join(import.meta.dirname, '..')
/** Characters of a process's complaints that are kept. */
const MOST_SAID = 4000

/**
 * Starts a file of this folder in a process of its own. It sees the built packages, not their sources.
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
  // Some peers print notices; they are only of interest if the process ends in the middle.
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID)
  })
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: Error) => void }>()
  let lastId = 0
  child.on('message', (answer: Answer) => {
    const asker = waiting.get(answer.id)
    waiting.delete(answer.id)
    if ('problem' in answer) asker?.reject(new Error(`${file}: ${answer.problem}`))
    else asker?.resolve(answer.value)
  })
  const ended = once(child, 'exit').then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended before it answered. ${said}`))
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
