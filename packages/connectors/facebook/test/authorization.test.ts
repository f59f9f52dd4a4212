import { createHmac } from 'node:crypto'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { facebook, facebookUser } from '../src/index.ts'

const APP = { clientId: '4417001', clientSecret: 'app_secret_1' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['pages_show_list'] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}`)
const SHORT = { access_token: 'EAAJshort', token_type: 'bearer', expires_in: 5184 }
const LONG = { access_token: 'EAAJlong', token_type: 'bearer', expires_in: 5_183_944 }
const marsh = { id: '11', name: 'Marsh Watch', access_token: 'EAAJpage11' }
const reeds = { id: '12', name: 'Reed Cutters', access_token: 'EAAJpage12' }
const proofOf = (token: string) => createHmac('sha256', APP.clientSecret).update(token).digest('hex')

async function redeemed(replies: readonly ScriptedReply[], settings: object = {}) {
  const auth = await protocolOf(facebook.profile.auth)
  const flow = scriptedFlow(replies, { app: APP, settings: { ...settings } })
  const { pending } = await auth.authorize(flow.context, ASK)
  return { ...flow, redeeming: auth.redeem(flow.context, pending, ASK, CALLBACK) }
}

describe('signing in', () => {
  it('asks for the permissions of the tools, separated by commas', async () => {
    const { context } = scriptedFlow([], { app: APP, settings: { version: 'v26.0' } })
    const { flow } = facebook.profile.auth
    const scopes = [...(flow?.scopes ?? [])]
    const { url } = await (await protocolOf(facebook.profile.auth)).authorize(context, { ...ASK, scopes })
    const { origin, pathname, searchParams } = new URL(url)
    expect(origin + pathname).toBe('https://www.facebook.com/v26.0/dialog/oauth')
    expect(searchParams.get('scope')?.split(',').toSorted()).toEqual([
      'pages_manage_engagement',
      'pages_manage_metadata',
      'pages_manage_posts',
      'pages_read_engagement',
      'pages_read_user_content',
      'pages_show_list',
      'read_insights',
    ])
    expect(searchParams.get('auth_type')).toBe('rerequest')
  })

  it('exchanges the token for a long-lived one, and that one for the token of the page', async () => {
    const { redeeming, transport } = await redeemed([{ json: SHORT }, { json: LONG }, { json: { data: [marsh] } }])
    const grant = await redeeming
    expect(grant).toMatchObject({
      accessToken: 'EAAJpage11',
      account: { id: '11', name: 'Marsh Watch' },
      settings: { pageId: '11' },
    })
    // The token of a page does not expire.
    expect(grant).not.toHaveProperty('expiresAt')
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://graph.facebook.com/v25.0/oauth/access_token',
        form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'code-canary' },
      },
      {
        method: 'POST',
        path: '/v25.0/oauth/access_token',
        form: { grant_type: 'fb_exchange_token', fb_exchange_token: 'EAAJshort', client_secret: APP.clientSecret },
      },
      {
        path: '/v25.0/me/accounts',
        query: { fields: 'id,name,access_token', appsecret_proof: proofOf('EAAJlong') },
        headers: { authorization: 'Bearer EAAJlong' },
      },
    ])
  })

  it('lets the user choose a page, and takes the one that the settings name', async () => {
    const replies = [{ json: SHORT }, { json: LONG }, { json: { data: [marsh, reeds] } }]
    const { redeeming } = await redeemed(replies)
    expect((await redeeming).choices?.map(({ id, name }) => [id, name])).toEqual([
      ['11', 'Marsh Watch'],
      ['12', 'Reed Cutters'],
    ])
    const { redeeming: settled } = await redeemed(replies, { pageId: '12' })
    expect(await settled).toMatchObject({ accessToken: 'EAAJpage12', settings: { pageId: '12' } })
  })

  it('fails for a user without a page that the app may use', async () => {
    const { access_token: _none, ...bare } = marsh
    const { redeeming } = await redeemed([{ json: SHORT }, { json: LONG }, { json: { data: [bare] } }])
    expect((await errorOf(redeeming)).details.reason).toBe('no_account')
  })

  it('reports a code that was used', async () => {
    const error = { message: 'This authorization code has been used.', type: 'OAuthException', code: 100 }
    const { redeeming } = await redeemed([{ status: 400, json: { error: { ...error, error_subcode: 36_009 } } }])
    expect(await errorOf(redeeming)).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'code_used' },
    })
  })
})

describe('a connection', () => {
  it('calls with the token and the id of the chosen page, and proves the secret', async () => {
    const transport = scriptedTransport([
      { json: SHORT },
      { json: LONG },
      { json: { data: [marsh, reeds] } },
      { json: { id: '12', name: 'Reed Cutters' } },
      { json: { id: '12_1' } },
    ])
    const mcp = createMcpClient({
      connectors: { facebook: facebook(APP) },
      vault: vault({ redirectUri: ASK.redirectUri }),
      transport,
    })
    const ada = mcp.as('ada').facebook
    const started = await ada.connect()
    const state = started.status === 'authorize' ? new URL(started.url).searchParams.get('state') : undefined
    await mcp.completeAuthorization(`${ASK.redirectUri}?code=c1&state=${state}`, 'ada')
    expect(await ada.choose('12')).toMatchObject({ status: 'connected', account: { id: '12', name: 'Reed Cutters' } })
    await ada.call('create_post', { message: 'Hello' })
    expect(transport.requests.at(-1)).toMatchObject({
      path: '/v25.0/12/feed',
      query: { appsecret_proof: proofOf('EAAJpage12') },
      headers: { authorization: 'Bearer EAAJpage12' },
    })
  })
})

describe('the token of a user', () => {
  const { auth } = facebookUser.profile

  it('is exchanged for the next one', async () => {
    const { context, transport, clock } = scriptedFlow([{ json: LONG }], { app: APP })
    const { refresh } = await protocolOf(auth)
    expect(await refresh(context, { accessToken: 'EAAJold', issuedAt: 0 })).toMatchObject({
      accessToken: 'EAAJlong',
      expiresAt: clock.now() + 5_183_944_000,
    })
    expect(transport.requests[0]?.form).toMatchObject({ fb_exchange_token: 'EAAJold' })
  })

  it('is revoked with all permissions of the app', async () => {
    const { context, transport } = scriptedFlow([{ json: { success: true } }], { app: APP })
    await (await protocolOf(auth)).revoke(context, { accessToken: 'EAAJlong', issuedAt: 0 })
    expect(transport.requests).toMatchObject([
      { method: 'DELETE', path: '/v25.0/me/permissions', query: { appsecret_proof: proofOf('EAAJlong') } },
    ])
    expect(auth.flow?.revocationEnds).toBe('account')
  })
})
