import { ConnectorClient, createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Capability, Connector } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGraph } from '@mcpclient/testing/simulators'
import { GRAPH_TOKEN } from './graph-scene.ts'
import { memoryTable } from './memory-table.ts'

/** The endpoint of a host: `webhooks({ address })` of `@mcpclient/webhooks`. */
export interface WebhookEndpoint extends Capability {
  receive(request: Request): Promise<Response>
  subscribe(target: GraphSubscriptionTarget): Promise<void>
}

export interface GraphSubscriptionTarget {
  readonly connector: string
  readonly tenant: string
  readonly sync: string
  readonly params?: object | undefined
}

export interface GraphSubscriptionOptions {
  readonly hooks: WebhookEndpoint
  readonly sync: string
  readonly params?: object | undefined
}

/**
 * Composes a host whose endpoint a simulated Graph can reach, pulls a collection for the first time and subscribes to it.
 * @param connector one with a signing secret; its server id is `mailbox`
 */
export async function graphSubscription(connector: Connector, { hooks, sync, params }: GraphSubscriptionOptions) {
  const clock = createFakeClock()
  const statuses: number[] = []
  const graph = simulatedGraph({
    clock,
    random: seededRandom(7),
    accessToken: GRAPH_TOKEN,
    async deliver(request) {
      const response = await hooks.receive(request)
      statuses.push(response.status)
      return response
    },
  })
  const table = memoryTable()
  const runner = jobs()
  const engine = syncs({
    plans: [{ connector: 'mailbox', sync, replica: () => table }],
    secret: 'a-secret-of-at-least-32-characters',
  })
  const mcp = createMcpClient({
    connectors: { mailbox: connector },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [runner, engine, hooks],
    transport: fetchTransport({ fetch: (url, init) => graph.handle(new Request(url, init)) }),
    clock,
  })
  const target = { connector: 'mailbox', tenant: 'ada', sync, params }
  const client = mcp.client('mailbox', 'ada')
  if (!(client instanceof ConnectorClient)) throw new Error('The connector has a client of its own.')
  await clock.until(client.connect({ token: GRAPH_TOKEN }))
  await engine.schedule(target, { direction: 'pull' })
  await clock.until(hooks.subscribe(target))
  /** Lets time pass, and runs the jobs that are due. */
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms)
    await clock.until(runner.runDue())
  }
  await pass(5000)
  return { graph, table, clock, target, pass, /** The statuses of the responses to Graph. */ statuses }
}
