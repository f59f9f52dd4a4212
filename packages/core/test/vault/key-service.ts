import * as z from 'zod'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { McpClientOptions, RuntimeEvents } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import type { VaultOptions } from '@mcpclient/core/vault'
import { apiKey, defineConnector, get, post, tool } from '@mcpclient/core/define'
import { createFakeClock, scriptedTransport, slowStore } from '@mcpclient/testing'

/** Long enough for a fingerprint. */
export const keyOf = (name: string): string => `key-${name}-${'0'.repeat(16)}`

const note = (effect: 'read' | 'write') =>
  tool({
    description: 'Read or write a note.',
    effect,
    input: z.object({}),
    output: z.object({ with: z.string() }),
    request: () => (effect === 'read' ? get('note') : post('note', {})),
  })

const connectorOf = (id: string, checks: boolean) =>
  defineConnector({
    id,
    name: id,
    baseUrl: `https://${id}.example/`,
    auth: apiKey({ header: 'X-Api-Key' }),
    ...(checks && { check: { request: get('me'), account: (body: unknown) => body as { id: string } } }),
    tools: { read_note: note('read'), write_note: note('write') },
  })

const eventNames = [
  'connection.connected',
  'connection.disconnected',
  'connection.degraded',
  'connection.needs_reauth',
  'connection.recovered',
  'connection.revoked',
  'credential.rotated',
  'credential.rotation_failed',
  'credential.backup_used',
  'credential.expiring',
] as const satisfies readonly (keyof RuntimeEvents)[]

/** Composes a client of a service with API keys; with `plain`, the service has no request that verifies a key. */
export function keyService({
  logger,
  ...options
}: Pick<VaultOptions, 'access' | 'audit' | 'expiryWarningDays'> & Pick<McpClientOptions<object>, 'logger'> = {}) {
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const audit = memoryAuditLog()
  /** The account of each valid key, by key. */
  const accounts = new Map<string, string>()
  const readOnly = new Set<string>()
  const trouble = { status: undefined as number | undefined, check: undefined as Promise<void> | undefined }
  const transport = scriptedTransport(async ({ headers, method, path }) => {
    if (path.endsWith('/me')) await trouble.check
    const key = headers['x-api-key'] ?? ''
    if (trouble.status !== undefined) return { status: trouble.status, json: {} }
    const account = accounts.get(key)
    if (account === undefined) return { status: 401, json: { error: `unknown key ${key}` } }
    if (method === 'POST' && readOnly.has(key)) return { status: 403, json: {} }
    return { json: path.endsWith('/me') ? { id: account } : { with: key } }
  })
  const events: { name: string; data: unknown }[] = []
  const compose = () => {
    const mcp = createMcpClient({
      connectors: { keys: connectorOf('keys', true)(), plain: connectorOf('plain', false)() },
      vault: vault({ store, audit, ...options }),
      logger,
      retry: { attempts: 1 },
      transport,
      clock,
    })
    for (const name of eventNames) mcp.on(name, (data: unknown) => events.push({ name, data }))
    return mcp
  }
  const mcp = compose()
  return {
    clock,
    store,
    audit,
    transport,
    events,
    compose,
    mcp,
    ada: mcp.as('ada'),
    trouble,
    /** Delays the verification requests until the returned function is called. */
    holdChecks: () => {
      let release = () => {}
      trouble.check = new Promise((resolve) => (release = resolve))
      return release
    },
    eventNames: () => events.map(({ name }) => name),
    /** Issues a valid key of an account. */
    issue: (name: string, account = 'acct-1') => {
      accounts.set(keyOf(name), account)
      return { apiKey: keyOf(name) }
    },
    /** Issues a key that may only read. */
    issueReadOnly: (name: string) => {
      accounts.set(keyOf(name), 'acct-1')
      readOnly.add(keyOf(name))
      return { apiKey: keyOf(name) }
    },
    /** Resolves once the provider has received a request. */
    checking: async () => {
      const before = transport.requests.length
      while (transport.requests.length === before) await new Promise((resolve) => setImmediate(resolve))
    },
    /** Revokes a key at the provider. */
    end: (name: string) => accounts.delete(keyOf(name)),
    /** Returns the keys of the requests since `from`. */
    shown: (from = 0) => transport.requests.slice(from).map(({ headers }) => headers['x-api-key']),
    connector: connectorOf,
  }
}
