import { errorOf } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { instagram } from '../src/index.ts'

const APP = { clientId: '4417001', clientSecret: 'ig_secret_1' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['instagram_business_basic'] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}#_`)
const LONG = { access_token: 'IGAAlong', token_type: 'bearer', expires_in: 5_183_944 }
const { auth } = instagram.profile

async function redeemed(replies: readonly ScriptedReply[]) {
  const protocol = await protocolOf(auth)
  const flow = scriptedFlow(replies, { app: APP })
  const { pending } = await protocol.authorize(flow.context, ASK)
  return { ...flow, redeeming: protocol.redeem(flow.context, pending, ASK, CALLBACK) }
}

describe('signing in', () => {
  it('asks for the permissions of the tools, separated by commas, without PKCE', async () => {
    const { context } = scriptedFlow([], { app: APP })
    const scopes = [...(auth.flow?.scopes ?? [])]
    const { url } = await (await protocolOf(auth)).authorize(context, { ...ASK, scopes })
    const { origin, pathname, searchParams } = new URL(url)
    expect(origin + pathname).toBe('https://www.instagram.com/oauth/authorize')
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: ASK.redirectUri,
      state: ASK.state,
      scope: scopes.join(','),
    })
    expect(scopes.toSorted()).toEqual([
      'instagram_business_basic',
      'instagram_business_content_publish',
      'instagram_business_manage_comments',
      'instagram_business_manage_insights',
    ])
  })

  // The shapes of Meta's page and of the service differ.
  const token = { access_token: 'IGAAshort', user_id: 4417 }
  it.each([
    ['a list', { data: [{ ...token, permissions: 'instagram_business_basic,instagram_business_manage_comments' }] }],
    ['an object', { ...token, permissions: ['instagram_business_basic', 'instagram_business_manage_comments'] }],
  ])('reads a token in %s, and exchanges it for a long-lived one', async (_form, json) => {
    const { redeeming, transport, clock } = await redeemed([{ json }, { json: LONG }])
    expect(await redeeming).toMatchObject({
      accessToken: 'IGAAlong',
      expiresAt: clock.now() + 5_183_944_000,
      scopes: ['instagram_business_basic', 'instagram_business_manage_comments'],
    })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://api.instagram.com/oauth/access_token',
        form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'code-canary' },
      },
      {
        method: 'GET',
        path: '/access_token',
        query: { grant_type: 'ig_exchange_token', access_token: 'IGAAshort', client_secret: APP.clientSecret },
      },
    ])
  })

  it.each([
    ['Matching code was not found or was already used', 'MCP_AUTHENTICATION_FAILURE'],
    ['Invalid platform app', 'CONFIGURATION_ERROR'],
  ])('maps the refusal "%s" to %s', async (error_message, code) => {
    const { redeeming } = await redeemed([
      { status: 400, json: { error_type: 'OAuthException', code: 400, error_message } },
    ])
    expect(await errorOf(redeeming)).toMatchObject({ code })
  })
})

describe('a token', () => {
  it('is exchanged for the next one without the secret', async () => {
    const { context, transport, clock } = scriptedFlow([{ json: { ...LONG, access_token: 'IGAAnext' } }], { app: APP })
    const { refresh } = await protocolOf(auth)
    expect(await refresh(context, { accessToken: 'IGAAlong', issuedAt: 0 })).toMatchObject({
      accessToken: 'IGAAnext',
      expiresAt: clock.now() + 5_183_944_000,
    })
    expect(transport.requests).toMatchObject([
      {
        method: 'GET',
        path: '/refresh_access_token',
        query: { grant_type: 'ig_refresh_token', access_token: 'IGAAlong' },
      },
    ])
    expect(transport.requests[0]?.query).not.toHaveProperty('client_secret')
  })

  it('ends the connection if it has expired', async () => {
    const error = { message: 'Session has expired', type: 'OAuthException', code: 190, error_subcode: 463 }
    const { context } = scriptedFlow([{ status: 400, json: { error } }], { app: APP })
    const { refresh } = await protocolOf(auth)
    expect(await errorOf(refresh(context, { accessToken: 'IGAAlong', issuedAt: 0 }))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'token_expired' },
    })
  })
})
