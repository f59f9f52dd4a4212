import { ConnectorClient, createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import type { Capability, Connector } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { FakeClock } from '@mcpclient/testing'
import { memoryTable } from './memory-table.ts'

/** The endpoint of a host: `webhooks({ address })` of `@mcpclient/webhooks`. */
export interface WebhookEndpoint extends Capability {
  receive(request: Request): Promise<Response>
  subscribe(target: SubscriptionTarget): Promise<void>
}

export interface SubscriptionTarget {
  readonly connector: string
  readonly tenant: string
  readonly sync: string
  readonly params?: object | undefined
}

export interface SubscribedHostOptions {
  readonly clock: FakeClock
  /** The simulated provider, which delivers to `hooks`. */
  readonly provider: { handle(request: Request): Promise<Response> }
  readonly hooks: WebhookEndpoint
  /** The access token that the provider accepts. */
  readonly token: string
  readonly sync: string
  readonly params?: object | undefined
}

/**
 * Composes a host that pulls a collection into a table and has an endpoint for notifications, and connects one tenant.
 * @param connector one with a signing secret; its server id is `mailbox`
 */
export async function subscribedHost(
  connector: Connector,
  { clock, provider, hooks, token, sync, params }: SubscribedHostOptions,
) {
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
    transport: fetchTransport({ fetch: (url, init) => provider.handle(new Request(url, init)) }),
    clock,
  })
  const target: SubscriptionTarget = { connector: 'mailbox', tenant: 'ada', sync, params }
  const client = mcp.client('mailbox', 'ada')
  if (!(client instanceof ConnectorClient)) throw new Error('The connector has a client of its own.')
  await clock.until(client.connect({ token }))
  /** Lets time pass, and runs the jobs that are due. */
  const pass = async (ms: number): Promise<void> => {
    await clock.advance(ms)
    await clock.until(runner.runDue())
  }
  /** Pulls the collection for the first time, and subscribes to it. */
  const subscribe = async (): Promise<void> => {
    await engine.schedule(target, { direction: 'pull' })
    await clock.until(hooks.subscribe(target))
    await pass(0)
  }
  return { mcp, client, table, target, pass, subscribe }
}
