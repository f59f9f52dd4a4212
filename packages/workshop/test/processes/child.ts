import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Results, Order } from './messages.ts'

interface Message {
  readonly id?: number
  readonly result?: unknown
  readonly error?: string
}

/** The compile cache of Node: a process then starts five times as fast. */
const COMPILED = fileURLToPath(new URL('../../../../node_modules/.cache/processes', import.meta.url))

export interface Child {
  readonly process: ChildProcess
  /** The first message. */
  readonly greeting: unknown
  ask<Deed extends Order['do']>(order: Extract<Order, { do: Deed }>): Promise<Results[Deed]>
  /** Lets it end by itself, as it does when its parent goes. */
  release(): Promise<void>
  /** Ends it at once, wherever it stands. */
  kill(): Promise<void>
}

/** Starts a module as a process of its own that ends with this one, and waits for its first message. */
export async function startChild(module: URL, ...args: readonly string[]): Promise<Child> {
  const file = fileURLToPath(module)
  const child = fork(file, args, {
    execArgv: ['--conditions=@mcpclient/source', '--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILED },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>()
  child.on('message', ({ id, result, error }: Message) => {
    const asked = id === undefined ? undefined : waiting.get(id)
    if (id === undefined || asked === undefined) return
    waiting.delete(id)
    if (error === undefined) asked.resolve(result)
    else asked.reject(new Error(error))
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  void ended.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} has ended. ${complaints}`))
  })
  const greeting = await Promise.race([
    once(child, 'message').then(([message]) => message as unknown),
    ended.then(() => Promise.reject(new Error(`${file} did not start: ${complaints}`))),
  ])
  let last = 0
  return {
    process: child,
    greeting,
    ask: (order) =>
      new Promise((resolve, reject) => {
        const id = ++last
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
        child.send({ id, order })
      }),
    release: async () => {
      if (child.connected) child.disconnect()
      await ended
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
