import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Connector, SyncResult } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import type { SimulatedGraphOptions } from '@mcpclient/testing/simulators'
import type { Around } from './hostile-history.ts'
import { memoryTable } from './memory-table.ts'

/** The access token that the simulated Graph accepts. */
export const GRAPH_TOKEN = 'eyJ0.simulated'

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

export interface GraphSceneOptions extends Partial<SimulatedGraphOptions> {
  readonly sync: string
  readonly params?: object | undefined
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: Around | undefined
}

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** Composes a client with one connector to Graph, a table, and a simulated mailbox. */
export function graphScene(
  connector: Connector,
  { sync, params = {}, plan, around = (send) => send(), ...options }: GraphSceneOptions,
) {
  const clock = createFakeClock()
  const graph = simulatedGraph({ clock, random: seededRandom(7), accessToken: GRAPH_TOKEN, ...options })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const response = await around(() => graph.handle(request))
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
    plans: [{ connector: 'mailbox', sync, replica: () => table, ...plan }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { mailbox: connector },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [engine],
    transport,
    clock,
    random: () => 0.5,
  })
  const both = (): Promise<SyncResult> => {
    const run = mcp.client('mailbox', 'ada').syncData?.(sync, { direction: 'both', first: 'merge', params })
    return run === undefined ? Promise.reject(new Error('The connector has no syncs.')) : clock.until(run)
  }
  return {
    graph,
    table,
    clock,
    sent,
    both,
    /** Syncs until nothing changes, after what was written has settled. */
    async settle() {
      await both()
      await clock.advance(6 * 60_000)
      await both()
      return both()
    },
    parked: () => engine.parked({ connector: 'mailbox', tenant: 'ada', connection: 'app', sync, params }),
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}
