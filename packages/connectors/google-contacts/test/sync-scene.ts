import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { Parked, SyncPlan } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGooglePeople } from '@mcpclient/testing/simulators'
import type { SimulatedGooglePeopleOptions } from '@mcpclient/testing/simulators'
import { memoryTable } from '@mcpclient/testkit'
import { googleContacts } from '../src/index.ts'

export const TOKEN = 'ya29.simulated'

const parsed = (text: string): unknown => (text === '' ? undefined : JSON.parse(text))

/** A request as it went to the provider. */
export interface Sent {
  readonly method: string
  readonly url: URL
  readonly body: unknown
  readonly status: number
  readonly response: unknown
}

interface SceneOptions extends Partial<SimulatedGooglePeopleOptions> {
  readonly plan?: Partial<SyncPlan> | undefined
  /** Runs around each request: it may throw before or after its effect. */
  readonly around?: ((send: () => Promise<Response>) => Promise<Response>) | undefined
}

/** Composes a client with the contacts of a user, a table and a simulated Google. */
export function setUp({ plan, around = (send) => send(), ...options }: SceneOptions = {}) {
  const clock = createFakeClock()
  const google = simulatedGooglePeople({ clock, random: seededRandom(7), accessToken: TOKEN, ...options })
  const table = memoryTable()
  const sent: Sent[] = []
  const transport = fetchTransport({
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const response = await around(() => google.handle(request))
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
  const engine = syncs({
    plans: [{ connector: 'contacts', sync: 'contacts', replica: () => table, ...plan }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { contacts: googleContacts({ token: TOKEN }) },
    vault: vault({ store: memoryStore() }),
    capabilities: [engine],
    transport,
    clock,
    random: () => 0.5,
  })
  // A token in the settings belongs to the app.
  const target = { connector: 'contacts', sync: 'contacts', tenant: 'ada', connection: 'app' }
  const both = (more: { readonly confirmRemovals?: boolean } = {}) =>
    clock.until(mcp.as('ada').contacts.syncData('contacts', { direction: 'both', first: 'merge', ...more }))
  return {
    google,
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
    async parked(): Promise<readonly Parked[]> {
      const rows: Parked[] = []
      for await (const row of engine.parked(target)) rows.push(row)
      return rows
    },
    resolve: (id: string, choice: 'remote' | 'local') => engine.resolve(target, id, choice),
    /** Returns the writes at the provider since the last call. */
    writes: () => sent.splice(0).filter(({ method }) => method !== 'GET'),
  }
}
