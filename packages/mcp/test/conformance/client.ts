import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import type { McpInput } from '@mcpclient/mcp'

/**
 * What the conformance suite of the protocol drives: it starts a server, runs this with the server's address as the last
 * argument, and judges what it saw of the traffic.
 *
 *     npx @modelcontextprotocol/conformance client --requirements 2026-07-28 \
 *       --command "node --conditions=@mcpclient/source packages/mcp/test/conformance/client.ts"
 */
const { MCP_CONFORMANCE_CONTEXT, MCP_CONFORMANCE_PROTOCOL_VERSION } = process.env
const context = JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}') as {
  readonly toolCalls?: readonly { readonly name: string; readonly arguments?: McpInput }[]
}
const mcp = createMcpClient({
  connectors: {
    peer: mcpServer({
      url: process.argv.at(-1) ?? '',
      versions: MCP_CONFORMANCE_PROTOCOL_VERSION === '2026-07-28' ? 'auto' : 'legacy',
      effects: { '*': 'read' },
      elicit: () => Promise.resolve({ action: 'accept', content: {} }),
    }),
  },
  retry: { attempts: 1 },
})
const { peer } = mcp.as('conformance')

const tools = await peer.listTools()
const listed = tools.map(({ name, inputSchema }) => ({ name, arguments: exampleOf(inputSchema) as McpInput }))
// One scenario wants to see a schema that it gave.
const [focal, ...others] = tools
for (const call of listed) {
  if (others.length > 0 && 'schema' in call.arguments) call.arguments = { schema: focal?.inputSchema }
}
const calls = (context.toolCalls ?? listed).map((call) => peer.call(call.name, call.arguments ?? {}))
const resources = await peer.resources()
const prompts = await peer.prompts()
// What a scenario makes fail is for the suite to judge.
await Promise.allSettled([
  ...calls,
  ...resources.map(({ uri }) => peer.readResource(uri)),
  ...prompts.map(({ name }) => peer.getPrompt(name)),
])
await mcp.close()

/** The simplest value that a schema takes. */
function exampleOf(schema: Readonly<Record<string, unknown>>): unknown {
  const {
    type,
    properties = {},
    enum: choices,
  } = schema as {
    readonly type?: string
    readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    readonly enum?: readonly unknown[]
  }
  if (choices !== undefined) return choices[0]
  if (type === 'number' || type === 'integer') return 1
  if (type === 'boolean') return true
  if (type === 'array') return []
  if (type === 'string') return 'text'
  return Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, exampleOf(each)]))
}
