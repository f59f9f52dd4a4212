import { expectTypeOf, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { apiKey, bearer } from '@mcpclient/core/define'
import { mcpClientCredentials, mcpEnterprise, mcpOAuth, mcpServer, mcpWorkloadIdentity } from '@mcpclient/mcp'
import type { ContentPart, McpServerClient, McpToolResult } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'

const url = 'https://docs.example/mcp'
const mcp = createMcpClient({
  connectors: {
    open: mcpServer({ url }),
    ours: mcpServer({ url, token: 'x' }),
    theirs: mcpServer({ url, auth: bearer() }),
    keyed: mcpServer({ url, auth: apiKey({ header: 'x-api-key' }), apiKey: 'k' }),
    agreed: mcpServer({ url, auth: mcpOAuth({ clientName: 'A host', dpop: 'where_supported' }) }),
    own: mcpServer({ url, auth: mcpClientCredentials(), clientId: 'c', clientSecret: 's' }),
    proved: mcpServer({ url, auth: mcpClientCredentials({ clientAuthentication: 'private_key_jwt' }) }),
    corporate: mcpServer({
      url,
      auth: mcpEnterprise({
        identityProvider: { tokenUrl: 'https://login.example/token', clientId: 'i' },
        clientId: 'c',
      }),
    }),
    workload: mcpServer({ url, auth: mcpWorkloadIdentity({ assertion: () => 'jwt' }), clientId: 'c' }),
    files: mcpProcess({ command: 'npx', args: ['-y', 'server'] }),
  },
})
const ada = mcp.as('ada')

it('a tool takes a record and returns parts', () => {
  expectTypeOf(ada.open.call('search', { q: 'x' })).resolves.toEqualTypeOf<McpToolResult>()
  expectTypeOf(ada.files.getData('read', { path: 'x' })).resolves.toEqualTypeOf<McpToolResult>()
  expectTypeOf<McpToolResult['content'][number]>().toEqualTypeOf<ContentPart>()
  expectTypeOf(ada.open).toEqualTypeOf<McpServerClient<{}>>()
  void ada.open.call('search', {}, { onProgress: ({ progress }) => expectTypeOf(progress).toEqualTypeOf<number>() })
  // @ts-expect-error the input is a record
  void ada.open.call('search', 'x')
  // @ts-expect-error MCP has no paged tools
  ada.open.pages('search', {})
})

it('connect takes the fields of the auth', () => {
  void ada.theirs.connect({ token: 'x' })
  void ada.keyed.connect({ apiKey: 'x' })
  // @ts-expect-error the credential is a token
  void ada.theirs.connect({ apiKey: 'x' })
  // @ts-expect-error the credential is a key
  void ada.keyed.connect({ token: 'x' })
})

it('each kind of login accepts only the options that it needs', () => {
  void ada.open.connect()
  void ada.agreed.connect(undefined, { scopes: ['read'] })
  void ada.agreed.connect({ token: 'brought along' })
  void ada.proved.connect({ clientId: 'c', privateKey: 'pem' })
  void ada.corporate.connect({ idToken: 'jwt' })
  // @ts-expect-error a key replaces the secret
  void ada.proved.connect({ clientId: 'c', clientSecret: 's' })
  // @ts-expect-error the ID token is what is exchanged
  void ada.corporate.connect({ token: 'jwt' })
  // @ts-expect-error the app is said to the strategy, which knows what it is for
  mcpServer({ url, auth: mcpOAuth(), clientSecret: 's' })
  // @ts-expect-error a JWT is asked for when one is due
  mcpWorkloadIdentity({ assertion: 'jwt' })
  // @ts-expect-error the assertion is required
  mcpEnterprise({ clientId: 'c' })
})

it('rejects wrong options', () => {
  // @ts-expect-error a server has an address
  mcpServer({})
  // @ts-expect-error no such option
  mcpServer({ url, tokn: 'x' })
  // @ts-expect-error with auth of its own, the credential is that one's
  mcpServer({ url, auth: apiKey({ header: 'x' }), token: 'x' })
  // @ts-expect-error no such effect
  mcpServer({ url, effects: { search: 'reads' } })
  // @ts-expect-error a program has a command
  mcpProcess({ args: [] })
  // @ts-expect-error a program has no address
  mcpProcess({ command: 'x', url })
})

it('events are typed', () => {
  mcp.on('open.tools_changed', ({ data }) => expectTypeOf(data.added).toEqualTypeOf<readonly string[]>())
  mcp.on('files.drifted', ({ data }) => expectTypeOf(data.tool).toEqualTypeOf<string>())
  mcp.on('files.state', ({ data }) =>
    expectTypeOf(data.to).toEqualTypeOf<'idle' | 'connecting' | 'ready' | 'degraded' | 'closed'>(),
  )
  // @ts-expect-error no such event
  mcp.on('files.exploded', () => undefined)
})
