import { errorOf } from '@mcpclient/testing'
import { expect, test } from 'vitest'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { discoverAuthorizationServer } from '../../src/oauth/discovery.ts'
import { ASK, ENDPOINTS, grantOf, scriptedWorld, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

const ISSUER = 'https://login.example/tenant'
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: 'https://login.example/authorize',
  token_endpoint: 'https://login.example/token',
}

test('RFC 8414 first, then both places of OpenID Connect', async () => {
  const { context, transport } = scriptedWorld([{ status: 404 }, { status: 404 }, { json: METADATA }])
  expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject(METADATA)
  expect(transport.requests.map(({ url }) => url)).toEqual([
    'https://login.example/.well-known/oauth-authorization-server/tenant',
    'https://login.example/.well-known/openid-configuration/tenant',
    'https://login.example/tenant/.well-known/openid-configuration',
  ])
})

test('OpenID Connect first where it is spoken', async () => {
  const { context, transport } = scriptedWorld([{ json: METADATA }])
  await discoverAuthorizationServer(context, ISSUER, { openId: true })
  expect(transport.requests[0]?.url).toBe('https://login.example/tenant/.well-known/openid-configuration')
})

test('a web page for whatever is not there is no metadata', async () => {
  const page = { headers: { 'content-type': 'text/html' }, text: '<html>' }
  const { context } = scriptedWorld([page, { json: { ok: true } }, { json: METADATA }])
  expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject(METADATA)
})

test.each(['https://login.example/tenant/', 'https://LOGIN.example/tenant', 'https://evil.example'])(
  'metadata that call their issuer %s are another server',
  async (issuer) => {
    const { context } = scriptedWorld([{ json: { ...METADATA, issuer } }])
    const failure = await errorOf(discoverAuthorizationServer(context, ISSUER))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'issuer_mismatch' } })
  },
)

test.each([
  'http://login.example/token',
  'http://169.254.169.254/token',
  'http://127.0.0.1:8080/token',
  'file:///etc/passwd',
])('metadata that name %s are refused', async (url) => {
  const { context } = scriptedWorld([{ json: { ...METADATA, token_endpoint: url } }])
  expect(await errorOf(discoverAuthorizationServer(context, ISSUER))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
})

test('metadata are asked for once an hour', async () => {
  const { context, transport, clock } = scriptedWorld([{ json: METADATA }, { json: METADATA }])
  await discoverAuthorizationServer(context, ISSUER)
  await clock.advance(3_599_999)
  await discoverAuthorizationServer(context, ISSUER)
  expect(transport.requests).toHaveLength(1)
  await clock.advance(1)
  await discoverAuthorizationServer(context, ISSUER)
  expect(transport.requests).toHaveLength(2)
})

test('a server in trouble is one that may be asked later, and the refresh token was not shown', async () => {
  const { context, transport } = scriptedWorld([{ status: 503 }])
  const { refresh } = await protocolOf(oauth2({ issuer: ISSUER }))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER })))
  expect(failure).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'not_processed' } })
  transport.verify()
})

test('a grant is never shown to another server', async () => {
  const { context, transport } = scriptedWorld([])
  const { refresh } = await protocolOf(oauth2({ issuer: 'https://other.example' }))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER })))
  expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'issuer_changed' } })
  transport.verify()
})

test('nor to one whose endpoints are written down', async () => {
  const { context, transport } = scriptedWorld([])
  const { refresh } = await protocolOf(oauth2({ ...ENDPOINTS, issuer: 'https://other.example' }))
  expect((await errorOf(refresh(context, grantOf({ issuer: ISSUER })))).details.reason).toBe('issuer_changed')
  transport.verify()
})

test('a callback belongs to the server that the person was sent to', async () => {
  const { context } = scriptedWorld([{ json: METADATA }])
  const { authorize } = await protocolOf(oauth2({ issuer: ISSUER }))
  const { pending } = await authorize(context, ASK)
  const { redeem } = await protocolOf(oauth2({ issuer: 'https://other.example' }))
  const failure = await errorOf(redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c&state=${ASK.state}`)))
  expect(failure.details.reason).toBe('issuer_changed')
})

test.each([
  ['client_secret_post', ['client_secret_post'], false],
  ['client_secret_basic', ['client_secret_basic'], true],
  ['both', ['client_secret_basic', 'client_secret_post'], false],
  ['nothing, which means Basic', undefined, true],
])('the app proves itself as the metadata offer: %s', async (_name, offered, isBasic) => {
  const metadata = { ...METADATA, token_endpoint_auth_methods_supported: offered }
  const { context, transport } = scriptedWorld([{ json: metadata }, { json: TOKENS }])
  const { refresh } = await protocolOf(oauth2({ issuer: ISSUER }))
  await refresh(context, grantOf({ issuer: ISSUER }))
  expect(transport.requests[1]?.headers['authorization'] !== undefined).toBe(isBasic)
})

test.each([
  ['S256', ['plain', 'S256'], true, true],
  ['plain only', ['plain'], true, false],
  ['nothing', undefined, true, true],
  ['nothing, and the definition insists', undefined, 'required', false],
] as const)('PKCE where the metadata offer %s', async (_name, methods, pkce, works) => {
  const { context } = scriptedWorld([{ json: { ...METADATA, code_challenge_methods_supported: methods } }])
  const { authorize } = await protocolOf(oauth2({ issuer: ISSUER, pkce }))
  const code = await authorize(context, ASK).then(
    () => 'fine',
    (error: { code: string }) => error.code,
  )
  expect(code).toBe(works ? 'fine' : 'CONFIGURATION_ERROR')
})
