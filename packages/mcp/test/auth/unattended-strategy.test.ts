import { expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { CustomConnector } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { RecordedRequest } from '@mcpclient/testing'
import { mcpClientCredentials, mcpEnterprise, mcpServer, mcpWorkloadIdentity } from '@mcpclient/mcp'
import type { McpServerClient, McpServerTypes } from '@mcpclient/mcp'
import { KNOWN_CLIENT, startAuthorizationServer } from '../support/authorization-server.ts'
import { startGuardedServer } from '../support/guarded-http.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

it('obtains one token with client credentials for all callers, without a user', async () => {
  const login = toClose(await startAuthorizationServer())
  const server = toClose(await startGuardedServer(login))
  const clock = createFakeClock()
  const {
    url,
    mcp: { fetch },
  } = server
  const docs = mcpServer({ url, fetch, clock, auth: mcpClientCredentials(), ...KNOWN_CLIENT, effects: { '*': 'read' } })
  const mcp = toClose(createMcpClient({ connectors: { docs }, vault: vault(), clock }))
  const callForAll = () => Promise.all(['ada', 'bob', 'eve'].map((tenant) => mcp.as(tenant).docs.call('echo', {})))
  await callForAll()
  await clock.advance(60_000)
  server.expireTokens()
  server.gather(3)
  await callForAll()
  expect(server.refused).toBe(3)
  const asked = login.tokenRequests.map((form) => [form.get('grant_type'), form.get('resource'), form.get('scope')])
  expect(asked).toEqual([
    ['client_credentials', url, 'read'],
    ['client_credentials', url, 'read'],
  ])

  server.needs['pid'] = 'wipe'
  const { details } = await errorOf(mcp.as('ada').docs.call('pid', {}))
  expect(details).toMatchObject({ reason: 'needs_scope', scopes: ['wipe'] })
  expect(details.authorizeUrl).toBeUndefined()
  expect(details.hint).toContain('No user can consent')
})

const url = 'https://docs.example/mcp'
const ISSUER = 'https://login.example'
const IDENTITY_PROVIDER = 'https://identity.example/token'
const ID_JAG = 'urn:ietf:params:oauth:token-type:id-jag'

/** Returns a server that accepts one token, and the requests that obtain it. */
const scripted = () => {
  const server = rogueHttpServer({ json: true })
  server.respond = ({ headers }) =>
    headers.get('authorization') === 'Bearer of-the-server' ? undefined : new Response(null, { status: 401 })
  const responses: Readonly<Record<string, object>> = {
    'https://docs.example/.well-known/oauth-protected-resource/mcp': { resource: url, authorization_servers: [ISSUER] },
    [`${ISSUER}/.well-known/oauth-authorization-server`]: { issuer: ISSUER, token_endpoint: `${ISSUER}/token` },
    [`${ISSUER}/token`]: { access_token: 'of-the-server', token_type: 'Bearer', expires_in: 3600 },
    [IDENTITY_PROVIDER]: {
      access_token: 'the-assertion',
      issued_token_type: ID_JAG,
      token_type: 'N_A',
      expires_in: 300,
    },
  }
  const transport = scriptedTransport((request) => {
    const json = responses[request.url]
    return json === undefined ? { status: 404 } : { json }
  })
  const clock = createFakeClock()
  const hostOf = (docs: CustomConnector<McpServerTypes, McpServerClient>) =>
    toClose(createMcpClient({ connectors: { docs }, vault: vault(), transport, clock })).as('ada')
  const forms = (to: string) => transport.requests.filter((request) => request.url === to).map(({ form }) => form)
  return { server, transport, clock, hostOf, forms }
}

it('exchanges an assertion of the identity provider for a token, and sends neither server the secrets of the other', async () => {
  const { server, transport, hostOf, forms } = scripted()
  const auth = mcpEnterprise({
    identityProvider: { tokenUrl: IDENTITY_PROVIDER, clientId: 'at-identity', clientSecret: 'secret-of-identity' },
    clientId: 'at-login',
    clientSecret: 'secret-of-login',
  })
  const docs = mcpServer({ url, fetch: server.fetch, auth, idToken: 'the-id-token' })
  await hostOf(docs).docs.call('echo', {})
  expect(forms(IDENTITY_PROVIDER)).toMatchObject([
    { subject_token: 'the-id-token', requested_token_type: ID_JAG, audience: ISSUER, resource: url },
  ])
  expect(forms(`${ISSUER}/token`)).toMatchObject([{ assertion: 'the-assertion' }])
  const sent = (host: string) =>
    transport.requests
      .filter((request) => request.url.includes(host))
      .map((request) => textOf(request))
      .join('\n')
  expect(sent('identity.example')).toContain('secret-of-identity')
  expect(sent('identity.example')).not.toMatch(/at-login|secret-of-login/)
  expect(sent('login.example')).toContain('secret-of-login')
  expect(sent('login.example')).not.toMatch(/the-id-token|at-identity|secret-of-identity/)
})

/** Returns a request as text, with its Basic credential decoded. */
function textOf(request: RecordedRequest): string {
  const [, basic = ''] = /^Basic (.+)$/.exec(request.headers['authorization'] ?? '') ?? []
  return `${JSON.stringify(request)} ${atob(basic)}`
}

it('sends a new assertion of the platform for each token', async () => {
  const { server, clock, hostOf, forms } = scripted()
  let made = 0
  const auth = mcpWorkloadIdentity({ assertion: () => `assertion-${++made}` })
  const ada = hostOf(mcpServer({ url, fetch: server.fetch, auth, clientId: 'the-workload', clock }))
  await ada.docs.call('echo', {})
  await ada.docs.call('echo', {})
  expect(forms(`${ISSUER}/token`)).toMatchObject([{ assertion: 'assertion-1', resource: url }])
  await clock.advance(3_600_000)
  await ada.docs.call('echo', {})
  expect(forms(`${ISSUER}/token`)).toMatchObject([{ assertion: 'assertion-1' }, { assertion: 'assertion-2' }])
})
