import type { Grant } from '@mcpclient/core/oauth'
import { errorOf } from '@mcpclient/testing'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { calendly } from '../src/index.ts'

const APP = { clientId: '4417', clientSecret: 'calendly-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['users:read', 'webhooks:write'] }
const GRANT: Grant = { accessToken: 'a-1', refreshToken: 'r-1', issuedAt: 0, scopes: ASK.scopes }
const load = () => protocolOf(calendly.profile.auth)

it('signs in with PKCE and the secret of the app', async () => {
  const granted = { access_token: 'a-1', token_type: 'Bearer', expires_in: 7200, refresh_token: 'r-1', created_at: 1 }
  const { context, transport, clock } = scriptedFlow([{ json: granted }], { app: APP })
  const { authorize, redeem } = await load()
  const { url, pending } = await authorize(context, ASK)
  expect(url.split('?')[0]).toBe('https://auth.calendly.com/oauth/authorize')
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({
    response_type: 'code',
    client_id: APP.clientId,
    scope: 'users:read webhooks:write',
    code_challenge_method: 'S256',
  })
  const grant = await redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c-1&state=${ASK.state}`))
  expect(grant).toMatchObject({ accessToken: 'a-1', refreshToken: 'r-1', expiresAt: clock.now() + 7_200_000 })
  expect(transport.requests[0]).toMatchObject({
    url: 'https://auth.calendly.com/oauth/token',
    form: { grant_type: 'authorization_code', client_id: APP.clientId, client_secret: APP.clientSecret, code: 'c-1' },
  })
})

it('uses a refresh token once, and reports one that was used before', async () => {
  const { context } = scriptedFlow([{ status: 400, json: { error: 'invalid_grant' } }], { app: APP })
  const { refresh } = await load()
  expect((await errorOf(refresh(context, GRANT))).code).toBe('MCP_AUTHENTICATION_FAILURE')
  expect(calendly.profile.auth.flow?.refresh).toEqual({ rotation: 'single_use' })
})

it('revokes with the credential of the app in the body', async () => {
  const { context, transport } = scriptedFlow([{ status: 200, json: {} }], { app: APP })
  const { revoke } = await load()
  await revoke(context, GRANT)
  expect(transport.requests[0]).toMatchObject({
    url: 'https://auth.calendly.com/oauth/revoke',
    form: { client_id: APP.clientId, client_secret: APP.clientSecret, token: 'r-1' },
  })
})

it('reads with a scope that writes', () => {
  const { covers } = calendly.profile.auth.flow ?? {}
  expect(covers?.('scheduled_events:write', 'scheduled_events:read')).toBe(true)
  expect(covers?.('scheduled_events:read', 'scheduled_events:write')).toBe(false)
  expect(covers?.('scheduled_events:write', 'users:read')).toBe(false)
})
