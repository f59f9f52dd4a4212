import { errorOf } from '@mcpclient/testing'
import { afterEach, expect, it } from 'vitest'
import { oauth2 } from '../../../src/oauth/oauth2.ts'
import { oidc } from '../../../src/oauth/oidc.ts'
import { APP, REDIRECT_URI, startAuthorizationServer } from '../../authorization-server.ts'
import type { AuthorizationServer, AuthorizationServerOptions } from '../../authorization-server.ts'
import { flowContext, memoryRegistrations } from '../flow-context.ts'
import { protocolOf } from '../strategy-flow.ts'
import { connect, introspect } from './connect.ts'

let server: AuthorizationServer
afterEach(() => server.close())

const start = async (options?: AuthorizationServerOptions) => {
  server = await startAuthorizationServer(options)
  return {
    issuer: server.issuer,
    scopes: ['offline_access', 'email', 'notes.read'],
    authorize: { params: { prompt: 'consent' } },
  }
}

it('redeems a code with PKCE, and returns the account', async () => {
  const strategy = oidc(await start())
  const grant = await connect(server, strategy, flowContext({ app: APP }))
  expect(grant).toMatchObject({
    account: { id: 'ada', name: 'ada@example.com' },
    scopes: ['openid', 'offline_access', 'email', 'notes.read'],
    issuer: server.issuer,
  })
  expect(grant.expiresAt).toBe(grant.issuedAt + 3_600_000)
  expect(await introspect(server, grant.accessToken)).toMatchObject({ active: true, sub: 'ada', client_id: 'app' })
  const [request] = server.tokenRequests
  expect(request?.get('code_verifier')).toHaveLength(43)
})

it('pushes the request if the server requires it, and keeps the parameters out of the URL', async () => {
  const strategy = oidc(await start({ requiresPar: true }))
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const ask = { redirectUri: REDIRECT_URI, state: 's1', scopes: ['openid'] }
  const { url, pending } = await protocol.authorize(context, ask)
  expect([...new URL(url).searchParams.keys()]).toEqual(['client_id', 'request_uri'])
  const grant = await protocol.redeem(context, pending, ask, await server.agree(url))
  expect(grant.account?.id).toBe('ada')
})

it('rotates the refresh token; the previous one revokes the grant', async () => {
  const strategy = oidc(await start())
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const first = await connect(server, strategy, context)
  const second = await protocol.refresh(context, first)
  expect(second.refreshToken).not.toBe(first.refreshToken)
  expect(second.account?.id).toBe('ada')
  const replayed = await errorOf(protocol.refresh(context, first))
  expect(replayed).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'invalid_grant' } })
  const family = await errorOf(protocol.refresh(context, second))
  expect(family.details.providerCode).toBe('invalid_grant')
})

it('invalidates a revoked grant', async () => {
  const strategy = oidc(await start())
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const grant = await connect(server, strategy, context)
  await protocol.revoke(context, grant)
  expect(await introspect(server, grant.accessToken)).toEqual({ active: false })
  expect((await errorOf(protocol.refresh(context, grant))).code).toBe('MCP_AUTHENTICATION_FAILURE')
  await protocol.revoke(context, grant)
})

it('refuses a callback of another issuer, and does not redeem its code', async () => {
  const strategy = oidc(await start())
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const ask = { redirectUri: REDIRECT_URI, state: 's1', scopes: ['openid'] }
  const { url, pending } = await protocol.authorize(context, ask)
  const callback = await server.agree(url)
  const forged = new URL(callback)
  forged.searchParams.set('iss', 'https://evil.example')
  const silent = new URL(callback)
  silent.searchParams.delete('iss')
  const stale = new URL(callback)
  stale.searchParams.set('state', 's0')
  for (const [wrong, reason] of [
    [forged, 'issuer_mismatch'],
    [silent, 'issuer_missing'],
    [stale, 'state_mismatch'],
  ] as const) {
    const failure = await errorOf(protocol.redeem(context, pending, ask, wrong))
    expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason } })
  }
  expect(server.tokenRequests).toHaveLength(0)
  expect((await protocol.redeem(context, pending, ask, callback)).account?.id).toBe('ada')
})

it('refuses an altered id_token', async () => {
  const tamper = (answer: string, path: string) => {
    if (path !== '/token') return answer
    const { id_token: token, ...rest } = JSON.parse(answer) as { id_token: string }
    const [header = '', claims = '', signature = ''] = token.split('.')
    const altered = { ...(JSON.parse(atob(claims)) as object), sub: 'mallory' }
    return JSON.stringify({
      ...rest,
      id_token: `${header}.${btoa(JSON.stringify(altered)).replace(/=/g, '')}.${signature}`,
    })
  }
  const strategy = oidc(await start({ tamper }))
  const failure = await errorOf(connect(server, strategy, flowContext({ app: APP })))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'id_token_invalid' } })
  expect(failure.message).toContain('its signature is not valid')
})

it('refuses an id_token with the algorithm "none"', async () => {
  const tamper = (answer: string, path: string) => {
    if (path !== '/token') return answer
    const { id_token: token, ...rest } = JSON.parse(answer) as { id_token: string }
    const header = btoa(JSON.stringify({ alg: 'none' })).replace(/=/g, '')
    return JSON.stringify({ ...rest, id_token: `${header}.${token.split('.')[1]}.` })
  }
  const strategy = oidc(await start({ tamper }))
  const failure = await errorOf(connect(server, strategy, flowContext({ app: APP })))
  expect(failure.details.reason).toBe('id_token_invalid')
})

it('reports a user who declined', async () => {
  const strategy = oauth2(await start())
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const ask = { redirectUri: REDIRECT_URI, state: 's1', scopes: [] }
  const { pending } = await protocol.authorize(context, ask)
  const callback = new URL(`${REDIRECT_URI}?error=access_denied&state=s1&iss=${encodeURIComponent(server.issuer)}`)
  const failure = await errorOf(protocol.redeem(context, pending, ask, callback))
  expect(failure.details.reason).toBe('denied_by_user')
})

it('registers the app once with a server that is discovered at run time', async () => {
  const definition = { ...(await start()), registration: { clientName: 'Notes of a test' } }
  const strategy = oidc(definition)
  const registrations = memoryRegistrations()
  const context = flowContext({ registrations })
  const grant = await connect(server, strategy, context)
  expect(grant.account?.id).toBe('ada')
  const [registered] = registrations.kept.values()
  await connect(server, strategy, context)
  expect([...registrations.kept.values()]).toEqual([registered])
  const protocol = await protocolOf(strategy)
  expect((await protocol.refresh(context, grant)).accessToken).not.toBe(grant.accessToken)
})
