import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { discoverAuthorizationServer } from '../../src/oauth/discovery.ts'
import { ASK, ENDPOINTS, grantOf, scriptedContext, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'

const ISSUER = 'https://login.example/tenant'
const METADATA = {
  issuer: ISSUER,
  authorization_endpoint: 'https://login.example/authorize',
  token_endpoint: 'https://login.example/token',
}

it('tries RFC 8414 first, then both locations of OpenID Connect', async () => {
  const { context, transport } = scriptedContext([{ status: 404 }, { status: 404 }, { json: METADATA }])
  expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject(METADATA)
  expect(transport.requests.map(({ url }) => url)).toEqual([
    'https://login.example/.well-known/oauth-authorization-server/tenant',
    'https://login.example/.well-known/openid-configuration/tenant',
    'https://login.example/tenant/.well-known/openid-configuration',
  ])
})

it('tries OpenID Connect first if the openid scope is requested', async () => {
  const { context, transport } = scriptedContext([{ json: METADATA }])
  await discoverAuthorizationServer(context, ISSUER, { openId: true })
  expect(transport.requests[0]?.url).toBe('https://login.example/tenant/.well-known/openid-configuration')
})

it('ignores a web page in place of metadata', async () => {
  const page = { headers: { 'content-type': 'text/html' }, text: '<html>' }
  const { context } = scriptedContext([page, { json: { ok: true } }, { json: METADATA }])
  expect(await discoverAuthorizationServer(context, ISSUER)).toMatchObject(METADATA)
})

it.each(['https://login.example/tenant/', 'https://LOGIN.example/tenant', 'https://evil.example'])(
  'refuses metadata with the issuer %s',
  async (issuer) => {
    const { context } = scriptedContext([{ json: { ...METADATA, issuer } }])
    const failure = await errorOf(discoverAuthorizationServer(context, ISSUER))
    expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'issuer_mismatch' } })
  },
)

it.each([
  'http://login.example/token',
  'http://169.254.169.254/token',
  'http://127.0.0.1:8080/token',
  'file:///etc/passwd',
])('refuses metadata with the endpoint %s', async (url) => {
  const { context } = scriptedContext([{ json: { ...METADATA, token_endpoint: url } }])
  expect(await errorOf(discoverAuthorizationServer(context, ISSUER))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
})

it('caches metadata for an hour', async () => {
  const { context, transport, clock } = scriptedContext([{ json: METADATA }, { json: METADATA }])
  await discoverAuthorizationServer(context, ISSUER)
  await clock.advance(3_599_999)
  await discoverAuthorizationServer(context, ISSUER)
  expect(transport.requests).toHaveLength(1)
  await clock.advance(1)
  await discoverAuthorizationServer(context, ISSUER)
  expect(transport.requests).toHaveLength(2)
})

it('fails temporarily without sending the refresh token if discovery fails', async () => {
  const { context, transport } = scriptedContext([{ status: 503 }])
  const { refresh } = await protocolOf(oauth2({ issuer: ISSUER }))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER })))
  expect(failure).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'not_processed' } })
  transport.verify()
})

it('never sends a grant to another server', async () => {
  const { context, transport } = scriptedContext([])
  const { refresh } = await protocolOf(oauth2({ issuer: 'https://other.example' }))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER })))
  expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { reason: 'issuer_changed' } })
  transport.verify()
})

it('never sends a grant to another server with configured endpoints', async () => {
  const { context, transport } = scriptedContext([])
  const { refresh } = await protocolOf(oauth2({ ...ENDPOINTS, issuer: 'https://other.example' }))
  expect((await errorOf(refresh(context, grantOf({ issuer: ISSUER })))).details.reason).toBe('issuer_changed')
  transport.verify()
})

it('refuses a callback from another server', async () => {
  const { context } = scriptedContext([{ json: METADATA }])
  const { authorize } = await protocolOf(oauth2({ issuer: ISSUER }))
  const { pending } = await authorize(context, ASK)
  const { redeem } = await protocolOf(oauth2({ issuer: 'https://other.example' }))
  const failure = await errorOf(redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c&state=${ASK.state}`)))
  expect(failure.details.reason).toBe('issuer_changed')
})

it.each([
  ['client_secret_post', ['client_secret_post'], false],
  ['client_secret_basic', ['client_secret_basic'], true],
  ['both', ['client_secret_basic', 'client_secret_post'], false],
  ['nothing, which means Basic', undefined, true],
])('authenticates as the metadata offers: %s', async (_name, offered, isBasic) => {
  const metadata = { ...METADATA, token_endpoint_auth_methods_supported: offered }
  const { context, transport } = scriptedContext([{ json: metadata }, { json: TOKENS }])
  const { refresh } = await protocolOf(oauth2({ issuer: ISSUER }))
  await refresh(context, grantOf({ issuer: ISSUER }))
  expect(transport.requests[1]?.headers['authorization'] !== undefined).toBe(isBasic)
})

it.each([
  ['S256', ['plain', 'S256'], true, true],
  ['plain only', ['plain'], true, false],
  ['nothing', undefined, true, true],
  ['nothing, and the definition insists', undefined, 'required', false],
] as const)('handles PKCE if the metadata offers %s', async (_name, methods, pkce, works) => {
  const { context } = scriptedContext([{ json: { ...METADATA, code_challenge_methods_supported: methods } }])
  const { authorize } = await protocolOf(oauth2({ issuer: ISSUER, pkce }))
  const code = await authorize(context, ASK).then(
    () => 'fine',
    (error: { code: string }) => error.code,
  )
  expect(code).toBe(works ? 'fine' : 'CONFIGURATION_ERROR')
})
