import type { Grant } from '@mcpclient/core/oauth'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { asana } from '../src/index.ts'

const APP = { clientId: '4417', clientSecret: 'asana-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['default'] }
const GRANT: Grant = { accessToken: 'a-1', refreshToken: 'r-1', issuedAt: 0, scopes: ['default'] }
const load = () => protocolOf(asana.profile.auth)

// The shape of https://developers.asana.com/docs/oauth
const GRANTED = { access_token: 'a-1', token_type: 'bearer', expires_in: 3600, refresh_token: 'r-1' }

it('signs in with PKCE and the secret of the app', async () => {
  const { context, transport, clock } = scriptedFlow([{ json: GRANTED }], { app: APP })
  const { authorize, redeem } = await load()
  const { url, pending } = await authorize(context, ASK)
  expect(url.split('?')[0]).toBe('https://app.asana.com/-/oauth_authorize')
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
    response_type: 'code',
    client_id: APP.clientId,
    scope: 'default',
    code_challenge_method: 'S256',
  })
  const grant = await redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c-1&state=${ASK.state}`))
  expect(grant).toMatchObject({ accessToken: 'a-1', refreshToken: 'r-1', expiresAt: clock.now() + 3_600_000 })
  expect(transport.requests[0]).toMatchObject({
    url: 'https://app.asana.com/-/oauth_token',
    form: { grant_type: 'authorization_code', client_id: APP.clientId, client_secret: APP.clientSecret, code: 'c-1' },
  })
})

it('keeps the refresh token, because a refresh returns none', async () => {
  const { refresh_token: _kept, ...refreshed } = GRANTED
  const { context, transport } = scriptedFlow([{ json: { ...refreshed, access_token: 'a-2' } }], { app: APP })
  const { refresh } = await load()
  expect(await refresh(context, GRANT)).not.toHaveProperty('refreshToken')
  expect(transport.requests[0]?.form).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r-1' })
  expect(asana.profile.auth.flow?.refresh).toEqual({ rotation: 'keep' })
})

it('revokes with the credential of the app in the body', async () => {
  const { context, transport } = scriptedFlow([{ json: {} }], { app: APP })
  const { revoke } = await load()
  await revoke(context, GRANT)
  expect(transport.requests[0]).toMatchObject({
    url: 'https://app.asana.com/-/oauth_revoke',
    form: { client_id: APP.clientId, client_secret: APP.clientSecret, token: 'r-1' },
  })
})

it('covers the scopes of all tools with full access', () => {
  const { covers, scopes } = asana.profile.auth.flow ?? {}
  expect(scopes).toEqual(['default'])
  expect(covers?.('default', 'tasks:write')).toBe(true)
  expect(covers?.('tasks:read', 'tasks:write')).toBe(false)
})
