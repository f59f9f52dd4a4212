import type { Grant } from '@mcpclient/core/oauth'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { linkedin } from '../src/index.ts'

const APP = { clientId: '4417', clientSecret: 'linkedin-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['openid', 'w_member_social'] }
const GRANT: Grant = { accessToken: 'a-1', refreshToken: 'r-1', issuedAt: 0, scopes: ASK.scopes }
const load = () => protocolOf(linkedin.profile.auth)

it('signs in without a code challenge, and reads scopes that are separated by commas', async () => {
  const granted = { access_token: 'a-1', expires_in: 5_184_000, scope: 'openid,w_member_social' }
  const { context, transport, clock } = scriptedFlow([{ json: granted }], { app: APP })
  const { authorize, redeem } = await load()
  const { url, pending } = await authorize(context, ASK)
  expect(url.split('?')[0]).toBe('https://www.linkedin.com/oauth/v2/authorization')
  expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
    response_type: 'code',
    client_id: APP.clientId,
    redirect_uri: ASK.redirectUri,
    state: ASK.state,
    scope: 'openid w_member_social',
  })
  const grant = await redeem(context, pending, ASK, new URL(`${ASK.redirectUri}?code=c-1&state=${ASK.state}`))
  expect(grant).toMatchObject({ accessToken: 'a-1', scopes: ASK.scopes, expiresAt: clock.now() + 5_184_000_000 })
  expect(transport.requests[0]).toMatchObject({
    url: 'https://www.linkedin.com/oauth/v2/accessToken',
    form: { grant_type: 'authorization_code', client_id: APP.clientId, client_secret: APP.clientSecret, code: 'c-1' },
  })
})

it('refreshes with the secret in the body, and keeps the refresh token', async () => {
  const granted = { access_token: 'a-2', expires_in: 5_184_000, refresh_token: 'r-1', refresh_token_expires_in: 1 }
  const { context, transport } = scriptedFlow([{ json: granted }], { app: APP })
  const { refresh } = await load()
  expect(await refresh(context, GRANT)).toMatchObject({ accessToken: 'a-2', refreshToken: 'r-1' })
  expect(transport.requests[0]?.form).toMatchObject({ refresh_token: 'r-1', client_secret: APP.clientSecret })
  expect(linkedin.profile.auth.flow?.refresh).toEqual({ rotation: 'keep' })
})
