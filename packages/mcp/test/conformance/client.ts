import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { contextOf } from './context.ts'
import { peerFor } from './peer-for.ts'

/**
 * The client that the protocol's conformance suite runs. The suite starts a server, runs this with the server's address as
 * the last argument, and checks the traffic. `run.ts` runs all scenarios.
 */
const { MCP_CONFORMANCE_SCENARIO = '', MCP_CONFORMANCE_PROTOCOL_VERSION } = process.env
const context = contextOf(process.env)
const options: HttpServerOptions = {
  url: process.argv.at(-1) ?? '',
  versions: MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy',
  effects: { '*': 'read' },
  elicit: () => Promise.resolve({ action: 'accept', content: {} }),
}
const mcp = createMcpClient({
  connectors: { peer: peerFor(options, MCP_CONFORMANCE_SCENARIO, context) },
  vault: vault({ redirectUri: 'http://localhost:3000/callback' }),
  retry: { attempts: 1 },
})
const { peer } = mcp.as('conformance')

/** The maximum number of logins. */
const MAX_LOGINS = 3
let logins = 0

const tools = await agreed(() => peer.listTools())
const listed = tools.map(({ name, inputSchema }) => ({ name, arguments: exampleOf(inputSchema) }))
// One scenario checks that a schema is returned unchanged.
const [focal, ...others] = tools
for (const call of listed) {
  if (others.length > 0 && 'schema' in call.arguments) call.arguments = { schema: focal?.inputSchema }
}
const calls = (context.toolCalls ?? listed).map(
  (call) => () => agreed(() => peer.call(call.name, call.arguments ?? {})),
)
const resources = await agreed(() => peer.resources())
const prompts = await agreed(() => peer.prompts())
const reads = [
  ...resources.map(
    ({ uri }) =>
      () =>
        agreed(() => peer.readResource(uri)),
  ),
  ...prompts.map(
    ({ name }) =>
      () =>
        agreed(() => peer.getPrompt(name)),
  ),
]
// The suite decides whether a failure is expected.
if (MCP_CONFORMANCE_SCENARIO.startsWith('auth/')) {
  // One consent at a time, as a user gives them.
  for (const work of [...calls, ...reads]) await work().catch(() => undefined)
} else {
  await Promise.allSettled([...calls, ...reads].map((work) => work()))
}
await mcp.close()

/** Runs what needs a consent, with a user who always consents, even without effect. */
async function agreed<Value>(work: () => Promise<Value>): Promise<Value> {
  for (let url: string | undefined; ;) {
    try {
      if (url !== undefined) await agree(url)
      return await work()
    } catch (error) {
      url = await whereToAgree(error)
      if (url === undefined) throw error
    }
  }
}

/** Headless: the suite's authorization servers redirect at once. */
async function agree(url: string): Promise<void> {
  const { headers } = await fetch(url, { redirect: 'manual' })
  await mcp.completeAuthorization(headers.get('location') ?? '', 'conformance')
}

async function whereToAgree(error: unknown): Promise<string | undefined> {
  if (!ConnectorError.is(error) || error.code !== 'MCP_AUTHENTICATION_FAILURE') return undefined
  const { reason, authorizeUrl } = error.details
  if (reason === 'needs_scope') return authorizeUrl
  logins += 1
  if (logins > MAX_LOGINS) return undefined
  const result = await peer.connect()
  return result.status === 'authorize' ? result.url : undefined
}

/** Returns the simplest value that a schema allows. */
function exampleOf(schema: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { properties = {} } = schema as { readonly properties?: Readonly<Record<string, object>> }
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, simplest({ ...each })]))
}

function simplest(schema: Readonly<Record<string, unknown>>): unknown {
  const { type, enum: choices } = schema
  if (Array.isArray(choices)) return choices[0] as unknown
  if (type === 'number' || type === 'integer') return 1
  if (type === 'boolean') return true
  if (type === 'array') return []
  return type === 'string' ? 'text' : exampleOf(schema)
}
