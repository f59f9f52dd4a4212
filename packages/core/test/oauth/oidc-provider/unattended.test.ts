import { errorOf } from '@mcpclient/testing'
import { generateKeyPairSync } from 'node:crypto'
import { afterEach, expect, it } from 'vitest'
import { clientCredentials } from '../../../src/oauth/client-credentials.ts'
import { oidc } from '../../../src/oauth/oidc.ts'
import { APP, RESOURCE, startAuthorizationServer } from '../../authorization-server.ts'
import type { AuthorizationServer } from '../../authorization-server.ts'
import { flowContext } from '../flow-context.ts'
import { protocolOf } from '../strategy-flow.ts'
import { connect, introspect } from './connect.ts'

let server: AuthorizationServer
afterEach(() => server.close())

it('obtains a grant with client credentials for a resource', async () => {
  server = await startAuthorizationServer({ accessTokenSeconds: 120 })
  const strategy = clientCredentials({ issuer: server.issuer, scopes: ['notes.read'], resource: RESOURCE })
  const protocol = await protocolOf(strategy)
  const grant = await protocol.obtain(flowContext({ fields: APP }), { scopes: ['notes.read'] })
  expect(grant).toMatchObject({ scopes: ['notes.read'], expiresAt: grant.issuedAt + 120_000 })
  expect(grant.refreshToken).toBeUndefined()
  expect(await introspect(server, grant.accessToken)).toMatchObject({ active: true, aud: RESOURCE })
  const wrong = flowContext({ fields: { ...APP, clientSecret: 'not-the-secret' } })
  const failure = await errorOf(protocol.obtain(wrong, { scopes: [] }))
  expect(failure).toMatchObject({ code: 'CONFIGURATION_ERROR', details: { providerCode: 'invalid_client' } })
})

it.each(['rsa', 'ec'] as const)('authenticates by private_key_jwt with an %s key', async (kind) => {
  const pair =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const alg = kind === 'rsa' ? 'RS256' : 'ES256'
  server = await startAuthorizationServer({
    clients: [
      {
        client_id: 'keyed',
        token_endpoint_auth_method: 'private_key_jwt',
        token_endpoint_auth_signing_alg: alg,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
        jwks: { keys: [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg }] },
      },
    ],
  })
  const strategy = clientCredentials({ issuer: server.issuer, clientAuthentication: 'private_key_jwt' })
  const protocol = await protocolOf(strategy)
  const privateKey = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  const context = flowContext({ fields: { clientId: 'keyed', privateKey, keyId: 'k1' } })
  const grant = await protocol.obtain(context, { scopes: [] })
  expect(await introspect(server, grant.accessToken)).toMatchObject({ active: true, client_id: 'keyed' })
})

it('polls a device flow: pending, then granted', async () => {
  server = await startAuthorizationServer()
  const strategy = oidc({ issuer: server.issuer, scopes: ['offline_access'] })
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const start = await protocol.authorizeDevice(context, { scopes: ['openid', 'offline_access'] })
  expect(start).toMatchObject({ expiresInMs: 600_000, intervalMs: 5000 })
  expect(await protocol.redeemDevice(context, start.pending)).toEqual({ pending: true, slowDown: false })
  await server.agreeToDevice(start.verificationUriComplete ?? '')
  const answer = await protocol.redeemDevice(context, start.pending)
  expect(answer).toMatchObject({ grant: { account: { id: 'ada' } } })
})

it('binds tokens to a key, with a nonce that the server requires', async () => {
  server = await startAuthorizationServer({ requiresNonce: true })
  const strategy = oidc({
    issuer: server.issuer,
    scopes: ['offline_access'],
    authorize: { params: { prompt: 'consent' } },
    dpop: true,
  })
  const context = flowContext({ app: APP })
  const protocol = await protocolOf(strategy)
  const grant = await connect(server, strategy, context)
  expect(grant).toMatchObject({ tokenType: 'DPoP', key: { kty: 'EC' } })
  const renewed = await protocol.refresh(context, grant)
  expect(await introspect(server, renewed.accessToken)).toMatchObject({
    active: true,
    token_type: 'DPoP',
    cnf: { jkt: expect.any(String) as string },
  })
  // The provider checks the proof of a request as a service would.
  const url = `${server.issuer}/me`
  const ask = async (extra: Readonly<Record<string, string>> = {}) => {
    const { headers } = await strategy.sign(
      { method: 'GET', url, headers: {} },
      { token: '' },
      { ...grant, ...renewed },
    )
    return fetch(url, { headers: { ...headers, ...extra } })
  }
  const first = await ask()
  expect(first.status).toBe(401)
  expect(strategy.onResponse?.(url, { status: 401, headers: first.headers })).toBe(true)
  const second = await ask()
  expect(await second.json()).toMatchObject({ sub: 'ada' })
  expect((await ask({ authorization: `Bearer ${renewed.accessToken}` })).status).not.toBe(200)
})
