import { agree } from './agree.ts'
import type { Moment, TokenUse } from './authorization-server.ts'
import { startChild } from './child.ts'
import type { Child } from './child.ts'
import type { WorkerSettings } from './messages.ts'
import type { StoreAddress } from './open-store.ts'

export interface Worker extends Pick<Child, 'ask'> {
  readonly name: string
}

/** Several processes of one host on one store, and the provider that they are all connected to. */
export interface RunningHost {
  /** Returns the running workers, in no order. */
  workers(): readonly Worker[]
  /** The names of those that were killed. */
  readonly killed: ReadonlySet<string>
  /** Connects the user again: one process begins, another one completes. */
  connect(): Promise<void>
  /** Kills processes, and starts as many new ones. */
  replace(names: readonly string[]): Promise<readonly Worker[]>
  /** Holds the next refresh at a moment; the name of its process, once it is there. */
  hold(moment: Moment): Promise<string>
  uses(): Promise<readonly TokenUse[]>
  end(): Promise<void>
}

export const TOKEN_SECONDS = 2
/** Short, so that what a killed process held is taken over soon; long enough for a busy machine. */
export const LEASE_MS = 2000
/** Everything that is waited for comes long before. */
export const PATIENCE_MS = 20_000
const REDIRECT_URI = 'http://127.0.0.1:9/callback'

/**
 * @param options.store is empty
 * @param options.processes at least two
 * @param options.responseDelayMs the provider's delay between redeeming a token and its response
 */
export async function startHost(options: {
  readonly store: StoreAddress
  readonly processes: number
  readonly responseDelayMs: number
}): Promise<RunningHost> {
  const { store, processes, responseDelayMs } = options
  const server = await startChild(
    new URL('./authorization-server.ts', import.meta.url),
    String(TOKEN_SECONDS),
    REDIRECT_URI,
    String(responseDelayMs),
  )
  const { issuer } = server.greeting as { readonly issuer: string }
  const running = new Map<string, Child>()
  const killed = new Set<string>()
  let started = 0

  const start = async (): Promise<Worker> => {
    const name = `process ${++started}`
    const settings: WorkerSettings = { name, store, issuer, redirectUri: REDIRECT_URI, leaseMs: LEASE_MS }
    const child = await startChild(new URL('./worker.ts', import.meta.url), JSON.stringify(settings))
    running.set(name, child)
    return { name, ask: child.ask }
  }
  const startMany = (count: number): Promise<readonly Worker[]> => Promise.all(Array.from({ length: count }, start))
  const workers = (): readonly Worker[] => [...running].map(([name, { ask }]) => ({ name, ask }))
  const get = async (path: string): Promise<unknown> =>
    (await fetch(issuer + path, { signal: AbortSignal.timeout(PATIENCE_MS) })).json()
  const end = async (): Promise<void> => {
    await Promise.all([...running.values(), server].map((child) => child.release()))
  }

  try {
    await startMany(processes)
  } catch (error) {
    await end()
    throw error
  }
  return {
    workers,
    killed,
    async connect() {
      const [one, other] = workers()
      if (one === undefined || other === undefined) throw new Error('It takes two processes.')
      const callback = await agree(await one.ask({ do: 'begin' }), REDIRECT_URI)
      const status = await other.ask({ do: 'complete', callback })
      if (status !== 'connected') throw new Error(`Connecting ended with ${status}.`)
    },
    async replace(names) {
      await Promise.all(
        names.map(async (name) => {
          const child = running.get(name)
          running.delete(name)
          killed.add(name)
          await child?.kill()
        }),
      )
      return startMany(names.length)
    },
    hold: async (moment) => String(await get(`/hold?moment=${moment}`)),
    uses: async () => (await get('/uses')) as readonly TokenUse[],
    end,
  }
}
