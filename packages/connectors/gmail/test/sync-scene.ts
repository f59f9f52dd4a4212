import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import type { SimulatedGmailOptions } from '@mcpclient/testing/simulators'
import { memoryTable } from '@mcpclient/testkit'
import { gmail } from '../src/index.ts'

export const TOKEN = 'ya29.simulated'

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

interface SceneOptions extends Partial<SimulatedGmailOptions> {
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: ((request: Request, send: () => Promise<Response>) => Promise<Response>) | undefined
}

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** Composes a client with one mailbox, a table and a simulated Gmail. */
export function setUp({ plan, around = (_request, send) => send(), ...options }: SceneOptions = {}) {
  const { clock = createFakeClock() } = options as { clock?: ReturnType<typeof createFakeClock> }
  const google = simulatedGmail({ random: seededRandom(7), accessToken: TOKEN, ...options, clock })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const response = await around(request, () => google.handle(request))
      sent.push({
        method: request.method,
        url: new URL(request.url),
        body: parsed(text),
        status: response.status,
        response: parsed(await response.clone().text()),
      })
      return response
    },
  })
  const mcp = createMcpClient({
    connectors: { mail: gmail({ token: TOKEN }) },
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
  const both = (params: { readonly format?: 'metadata' | 'full' } = {}) =>
    clock.until(mcp.as('ada').mail.syncData('messages', { direction: 'both', first: 'merge', params }))
  /** Syncs until nothing changes, after what was written has settled. */
  const settle = async () => {
    await both()
    await clock.advance(2 * 60_000)
    await both()
    return both()
  }
  const idOf = (subject: string) => table.idWhere((each) => each['subject'] === subject)
  const row = (subject: string) => table.rows().find((each) => each['subject'] === subject)
  return {
    google,
    table,
    clock,
    sent,
    both,
    settle,
    row,
    idOf,
    labels: (subject: string) => new Set(row(subject)?.['labelIds'] as readonly string[]),
    /** Changes the labels of a row. */
    relabel(subject: string, ...labelIds: readonly string[]) {
      table.edit(idOf(subject), { labelIds })
    },
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}
