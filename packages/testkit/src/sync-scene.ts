import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Connector, SyncOptions, SyncResult } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import type { FakeClock } from '@mcpclient/testing'
import type { Around } from './hostile-history.ts'
import { memoryTable } from './memory-table.ts'

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

export interface SyncSceneOptions {
  readonly clock: FakeClock
  /** The simulated provider. */
  readonly provider: { handle(request: Request): Promise<Response> }
  readonly sync: string
  readonly params?: object | undefined
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: Around | undefined
}

/** Options of one round. */
export interface RoundOptions {
  readonly params?: object | undefined
  readonly confirmRemovals?: boolean | undefined
}

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/**
 * Composes a client with one connector, a table, and the simulated provider.
 * @param connector one with a token in its settings; its server id is `service`
 */
export function syncScene(
  connector: Connector,
  { clock, provider, sync, params = {}, plan, around = (send) => send() }: SyncSceneOptions,
) {
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const response = await around(() => provider.handle(request), request)
      const { method, headers } = request
      sent.push({
        method,
        url: new URL(request.url),
        headers,
        body: parsed(text),
        status: response.status,
        response: parsed(await response.clone().text()),
      })
      return response
    },
  })
  const engine = syncs({
    plans: [{ connector: 'service', sync, replica: () => table, ...plan }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { service: connector },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [engine],
    transport,
    clock,
    random: () => 0.5,
  })
  // A token in the settings belongs to the app.
  const target = { connector: 'service', tenant: 'ada', connection: 'app', sync, params }
  const run = (options: SyncOptions): Promise<SyncResult> => {
    const result = mcp.client('service', 'ada').syncData?.(sync, { params, ...options })
    return result === undefined ? Promise.reject(new Error('The connector has no syncs.')) : clock.until(result)
  }
  const both = (options: RoundOptions = {}) => run({ direction: 'both', first: 'merge', ...options })
  return {
    table,
    clock,
    sent,
    both,
    pull: (options: RoundOptions = {}) => run({ direction: 'pull', ...options }),
    /** Syncs until nothing changes, after what was written has settled. */
    async settle() {
      await both()
      await clock.advance(6 * 60_000)
      await both()
      return both()
    },
    parked: () => Array.fromAsync(engine.parked(target)),
    resolve: (id: string, choice: 'remote' | 'local') => engine.resolve(target, id, choice),
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}
