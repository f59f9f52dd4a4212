import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { oidc } from '../../src/oauth/oidc.ts'
import { ASK, ENDPOINTS, scriptedContext, strategyWith, TOKEN } from './scripted-server.ts'
import type { Definition } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import type { FlowContext } from '../../src/auth/grant-flow.ts'

async function urlOf(
  definition: Definition,
  ask: Partial<typeof ASK & { loginHint: string }> = {},
  given: Partial<FlowContext> = {},
) {
  const { context } = scriptedContext([], given)
  const protocol = await protocolOf(strategyWith(definition))
  const { url, pending } = await protocol.authorize(context, { ...ASK, ...ask })
  return { url: new URL(url), query: Object.fromEntries(new URL(url).searchParams), pending }
}

it('sends the standard parameters with every authorization', async () => {
  const { url, query, pending } = await urlOf({ authorize: { params: { access_type: 'offline', prompt: 'consent' } } })
  expect(`${url.origin}${url.pathname}`).toBe('https://login.example/authorize')
  expect(query).toEqual({
    response_type: 'code',
    client_id: 'app-1',
    redirect_uri: ASK.redirectUri,
    state: ASK.state,
    scope: 'read write',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
    code_challenge_method: 'S256',
    access_type: 'offline',
    prompt: 'consent',
  })
  expect(pending).toMatchObject({ clientId: 'app-1', verifier: expect.stringMatching(/^[\w-]{43}$/) as string })
})

it('does not let the definition override a security parameter', async () => {
  const { query } = await urlOf({
    authorize: { params: { state: 'fixed', code_challenge: 'x', redirect_uri: 'https://evil.example' } },
  })
  expect(query).toMatchObject({ state: ASK.state, redirect_uri: ASK.redirectUri })
  expect(query['code_challenge']).not.toBe('x')
})

it('separates scopes with commas in another parameter (Slack)', async () => {
  const { query } = await urlOf({ scopeSeparator: ',', scopeParameter: 'user_scope' })
  expect(query).toMatchObject({ user_scope: 'read,write' })
  expect(query).not.toHaveProperty('scope')
})

it('omits the parameter if there are no scopes', async () => {
  expect((await urlOf({}, { scopes: [] })).query).not.toHaveProperty('scope')
})

it('sends the login hint and the resource', async () => {
  const { query } = await urlOf({ resource: 'https://api.example' }, { loginHint: 'ada@example.com' })
  expect(query).toMatchObject({ login_hint: 'ada@example.com', resource: 'https://api.example' })
})

it('omits PKCE only if the definition disables it', async () => {
  const { query, pending } = await urlOf({ pkce: false })
  expect(query).not.toHaveProperty('code_challenge')
  expect(pending).not.toHaveProperty('verifier')
})

it('resolves a host that depends on the settings', async () => {
  const definition = {
    authorizationUrl: ({ domain }: Readonly<Record<string, unknown>>) =>
      `https://${String(domain)}.my.example/authorize`,
  }
  const { url } = await urlOf(definition, {}, { settings: { domain: 'acme' } })
  expect(url.host).toBe('acme.my.example')
})

it.each(['http://login.example/authorize', 'ftp://login.example/', 'login', 'https://user:pass@login.example/a'])(
  'never redirects the user to %s',
  async (authorizationUrl) => {
    expect(await errorOf(urlOf({ authorizationUrl }))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const made = urlOf({ authorizationUrl: () => authorizationUrl })
    expect(await errorOf(made)).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  },
)

it('reports missing settings as a ConnectorError, not as a TypeError', async () => {
  const authorizationUrl = ({ domain }: Readonly<Record<string, unknown>>) =>
    `https://${(domain as string).toLowerCase()}.my.example/`
  expect(await errorOf(urlOf({ authorizationUrl }))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
})

it('allows http on this machine', async () => {
  for (const host of ['localhost:1', '127.0.0.1:1', '[::1]:1', 'login.localhost']) {
    const { url } = await urlOf({ authorizationUrl: `http://${host}/authorize` })
    expect(url.protocol).toBe('http:')
  }
})

it('uses the endpoints of the composition: a sovereign cloud, an emulator', async () => {
  const endpoints = { authorizationUrl: 'https://login.gov.example/authorize' }
  const { url } = await urlOf({}, {}, { app: { clientId: 'app-1', endpoints } })
  expect(url.host).toBe('login.gov.example')
  const unsafe = { authorizationUrl: 'http://login.gov.example/authorize' }
  const refused = urlOf({}, {}, { app: { clientId: 'app-1', endpoints: unsafe } })
  expect((await errorOf(refused)).code).toBe('CONFIGURATION_ERROR')
})

it('reports a missing app', async () => {
  const failure = await errorOf(urlOf({}, {}, { app: {} }))
  expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  expect(failure.advice).toContain('clientId')
})

it('generates a nonce and a verifier for each authorization', async () => {
  const { context } = scriptedContext([])
  const endpoints = { ...ENDPOINTS, issuer: 'https://login.example', jwksUrl: 'https://login.example/keys' }
  const protocol = await protocolOf(oidc(endpoints))
  const all = await Promise.all([1, 2, 3].map(() => protocol.authorize(context, ASK)))
  for (const name of ['nonce', 'verifier']) expect(new Set(all.map(({ pending }) => pending[name])).size).toBe(3)
  expect(new URL(all[0]?.url ?? '').searchParams.get('scope')).toBe('openid read write')
})

it.each([
  ['no authorization server', {}],
  ['no consent endpoint', { tokenUrl: TOKEN }],
])('refuses a definition with %s immediately', (_name, definition) => {
  expect(() => oauth2(definition as { issuer: string })).toThrow(/^oauth2: /)
})

it('refuses an oidc definition without a key set immediately', () => {
  expect(() => oidc({ ...ENDPOINTS, issuer: 'https://login.example' })).toThrow(/jwksUrl|id_tokens/)
})
