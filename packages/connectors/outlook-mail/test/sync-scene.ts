import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import type { SimulatedGraphOptions } from '@mcpclient/testing/simulators'
import { memoryTable } from '@mcpclient/testkit'
import { outlookMail } from '../src/index.ts'

export const TOKEN = 'eyJ0.simulated'

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly prefer: string | null
  readonly status: number
  readonly response: unknown
}

interface SceneOptions extends Partial<SimulatedGraphOptions> {
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: ((request: Request, send: () => Promise<Response>) => Promise<Response>) | undefined
}

/** Composes a client with one mailbox, a table and a simulated Graph. */
export function setUp({ plan, around = (_request, send) => send(), ...options }: SceneOptions = {}) {
  const { clock = createFakeClock() } = options as { clock?: ReturnType<typeof createFakeClock> }
  const graph = simulatedGraph({ random: seededRandom(7), accessToken: TOKEN, ...options, clock })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const response = await around(request, () => graph.handle(request))
      sent.push({
        method: request.method,
        url: new URL(request.url),
        prefer: request.headers.get('prefer'),
        status: response.status,
        response: await response.clone().json(),
      })
      return response
    },
  })
  const mcp = createMcpClient({
    connectors: { mail: outlookMail({ token: TOKEN }) },
    vault: vault({ store: memoryStore() }),
    capabilities: [
      syncs({
        plans: [{ connector: 'mail', sync: 'messages', replica: () => table, ...plan }],
        secret: 'a-secret-of-at-least-32-characters',
      }),
    ],
    transport,
    clock,
    random: () => 0.5,
  })
  const pull = (params: { readonly folderId?: string; readonly format?: 'metadata' | 'full' } = {}) =>
    clock.until(mcp.as('ada').mail.syncData('messages', { direction: 'pull', params }))
  return {
    graph,
    table,
    clock,
    mcp,
    sent,
    pull,
    subjects: () => table.rows().map(({ subject }) => subject),
  }
}
