import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import type { McpClientOptions, Store, Transport } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { bearer, defineConnector, get, post, tool } from '@mcpclient/core/define'
import type { Limit } from '@mcpclient/core/define'
import { TOKEN } from './client.ts'

/** The schema of the response of the local server. */
export const Items = z.object({ items: z.array(z.object({ id: z.string(), name: z.string(), done: z.boolean() })) })
const Done = z.object({ ok: z.boolean() })

/** A limit that is never reached, to measure the check alone. */
export const wideLimit: Limit = { scope: 'connection', requests: 1_000_000_000, perMs: 1000, concurrent: 100_000 }

const tools = {
  list_items: tool({
    description: 'Lists items: the 1 KB response of the local server.',
    effect: 'read',
    input: z.object({ limit: z.number().int().default(20) }),
    output: Items,
    request: ({ limit }) => get('items', { limit }),
  }),
  ping: tool({
    description: 'The smallest read.',
    effect: 'read',
    input: z.object({ id: z.string() }),
    output: Done,
    request: ({ id }) => get('ping', { id }),
  }),
  send_item: tool({
    description: 'The smallest write: it is shown to the approver.',
    effect: 'write',
    input: z.object({ id: z.string() }),
    output: Done,
    request: ({ id }) => post('items', { id }),
  }),
}

const serviceWithin = (limit: Limit) =>
  defineConnector({
    id: 'service',
    name: 'Service',
    baseUrl: 'http://127.0.0.1/',
    auth: bearer(),
    limits: [limit],
    tools,
  })

/** The options of a client with every stage; the rest is on by default, or belongs to the connector. */
export const everyStage = {
  permissions: {
    policy: { allow: ['service.*', 'another.*'], deny: ['*.drop_*'], effects: ['read', 'write'] },
    approve: () => true,
  },
  logger: { debug() {}, info() {}, warn() {}, error() {} },
} satisfies Partial<McpClientOptions<never>>

export interface Governance extends Omit<McpClientOptions<never>, 'connectors' | 'vault'> {
  /** The store of the vault. */
  readonly store?: Store | undefined
  readonly baseUrl?: string | undefined
  readonly limit?: Limit | undefined
}

/** Returns a client of the service of this bench, with every stage of the pipeline. */
export function governedClient({ baseUrl, limit = wideLimit, store, ...options }: Governance = {}) {
  let finished = 0
  const service = serviceWithin(limit)
  const mcp = createMcpClient({
    ...everyStage,
    ...options,
    vault: vault({ store }),
    connectors: { service: service(baseUrl === undefined ? {} : { baseUrl: `${baseUrl}/` }) },
  })
  mcp.on('call.finished', () => {
    finished++
  })
  return {
    mcp,
    /** Returns a tenant whose credential is in the vault. */
    async connect(tenant: string) {
      const { service: client } = mcp.as({ tenant, user: 'user_1' })
      await client.connect({ token: TOKEN })
      return client
    },
    finished: () => finished,
  }
}

/** Lists the items of the local server through every stage of the pipeline. */
export async function governedListing(
  baseUrl: string,
  transport: Transport,
): Promise<() => Promise<readonly unknown[]>> {
  const service = await governedClient({ baseUrl, transport }).connect('tenant_1')
  return async () => (await service.call('list_items', { limit: 20 })).items
}
