import { fetchTransport } from '@mcpclient/core'
import type { Grant, FlowContext, GrantProtocol } from '@mcpclient/core/oauth'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { createEmulator } from 'emulate'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const APP = { clientId: '4417.1', clientSecret: 'slack-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['chat:write', 'users:read'] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=slack-code-canary&state=${ASK.state}`)
const GRANT: Grant = {
  accessToken: 'xoxe.xoxb-canary-1',
  refreshToken: 'xoxe-canary-1',
  issuedAt: 0,
  scopes: ['chat:write'],
}

const { flow } = slack.profile.auth
const load = async (): Promise<Required<GrantProtocol>> => (await flow?.load()) as Required<GrantProtocol>

function world(replies: readonly ScriptedReply[], given: Partial<FlowContext> = {}) {
  const transport = scriptedTransport(replies)
  const clock = createFakeClock()
  const context: FlowContext = {
    app: APP,
    fields: {},
    settings: {},
    transport,
    clock,
    signal: undefined,
    documents: new Map(),
    registrations: {
      find: () => Promise.resolve(undefined),
      keep: (_issuer, registration) => Promise.resolve(registration),
      forget: () => Promise.resolve(),
    },
    ...given,
  }
  return { transport, clock, context }
}

// The shape of https://docs.slack.dev/reference/methods/oauth.v2.access
const INSTALLED = {
  ok: true,
  access_token: 'xoxe.xoxb-1',
  token_type: 'bot',
  scope: 'chat:write,users:read',
  bot_user_id: 'U0KRQLJ9H',
  app_id: 'A0KRD7HC3',
  expires_in: 43200,
  refresh_token: 'xoxe-1',
  team: { name: 'Marshes', id: 'T9TK3CUKW' },
  enterprise: null,
  authed_user: { id: 'U1234' },
}

describe('installing the app', () => {
  it('requests the scopes of a bot, separated by commas', async () => {
    const { context } = world([])
    const { authorize } = await load()
    const { url } = await authorize(context, ASK)
    expect(url.split('?')[0]).toBe('https://slack.com/oauth/v2/authorize')
    expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: ASK.redirectUri,
      state: ASK.state,
      scope: 'chat:write,users:read',
    })
  })

  it('requests every scope that a tool needs, and no more', () => {
    const needed = Object.values(slack.tools).flatMap(({ scopes = [] }) => scopes)
    expect(new Set(flow?.scopes)).toEqual(new Set(needed.filter((scope) => scope !== 'search:read')))
  })

  it("reads the bot's token, its scopes and its account", async () => {
    const { context, clock, transport } = world([{ json: INSTALLED }])
    const { authorize, redeem } = await load()
    const { pending } = await authorize(context, ASK)
    expect(await redeem(context, pending, ASK, CALLBACK)).toEqual({
      accessToken: 'xoxe.xoxb-1',
      refreshToken: 'xoxe-1',
      issuedAt: clock.now(),
      expiresAt: clock.now() + 43_200_000,
      scopes: ['chat:write', 'users:read'],
      account: { id: 'T9TK3CUKW:U0KRQLJ9H', name: 'Marshes' },
    })
    expect(transport.requests[0]).toMatchObject({
      url: 'https://slack.com/api/oauth.v2.access',
      form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'slack-code-canary' },
    })
  })

  it('reads the nested token of an installation for one user', async () => {
    const { access_token: _bot, bot_user_id: _id, refresh_token: _r, expires_in: _e, ...rest } = INSTALLED
    const user = { id: 'U1234', access_token: 'xoxp-1', token_type: 'user', scope: 'search:read' }
    const { context } = world([{ json: { ...rest, authed_user: user } }])
    const { authorize, redeem } = await load()
    const { pending } = await authorize(context, ASK)
    const grant = await redeem(context, pending, ASK, CALLBACK)
    expect(grant).toMatchObject({ accessToken: 'xoxp-1', scopes: ['search:read'], account: { id: 'T9TK3CUKW:U1234' } })
    // Without token rotation it does not end.
    expect(grant).not.toHaveProperty('expiresAt')
  })

  it('accepts a token without expiry from an app without token rotation', async () => {
    const { refresh_token: _r, expires_in: _e, ...rest } = INSTALLED
    const { context } = world([{ json: rest }])
    const { authorize, redeem } = await load()
    const { pending } = await authorize(context, ASK)
    const grant = await redeem(context, pending, ASK, CALLBACK)
    expect(grant).not.toHaveProperty('expiresAt')
    expect(grant).not.toHaveProperty('refreshToken')
  })
})

describe('an error with status 200', () => {
  it.each([
    ['invalid_refresh_token', 'MCP_AUTHENTICATION_FAILURE', 'invalid_refresh_token'],
    ['token_revoked', 'MCP_AUTHENTICATION_FAILURE', 'revoked_by_user'],
    ['account_inactive', 'MCP_AUTHENTICATION_FAILURE', 'account_inactive'],
    ['bad_client_secret', 'CONFIGURATION_ERROR', undefined],
    ['invalid_client_id', 'CONFIGURATION_ERROR', undefined],
    ['bad_redirect_uri', 'CONFIGURATION_ERROR', undefined],
    ['internal_error', 'MCP_SERVER_ERROR', undefined],
    ['ratelimited', 'MCP_RATE_LIMIT_EXCEEDED', undefined],
    ['a_word_of_tomorrow', 'MCP_CLIENT_ERROR', 'refusal_unexplained'],
  ])('%s', async (error, code, reason) => {
    const { context } = world([{ json: { ok: false, error } }])
    const { refresh } = await load()
    const failure = await errorOf(refresh(context, GRANT))
    expect(failure.code).toBe(code)
    expect(failure.details.reason).toBe(reason)
    expect(failure.message).toContain(error)
  })

  it('never leaks a secret that Slack repeats', async () => {
    const { context } = world([{ json: { ok: false, error: `token xoxe-canary-1 of ${APP.clientSecret}` } }])
    const { refresh } = await load()
    const shown = JSON.stringify(await errorOf(refresh(context, GRANT)))
    expect(shown).not.toContain('canary')
  })
})

it('uses a refresh token once', async () => {
  const { context, transport } = world([{ json: INSTALLED }])
  const { refresh } = await load()
  expect(await refresh(context, GRANT)).toMatchObject({ accessToken: 'xoxe.xoxb-1', refreshToken: 'xoxe-1' })
  expect(transport.requests[0]?.form).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'xoxe-canary-1' })
  expect(flow?.refresh).toEqual({ rotation: 'single_use' })
})

it('revokes both tokens, the refresh token first, and accepts one that is revoked already', async () => {
  const done = { json: { ok: true, revoked: true } }
  const { context, transport } = world([done, { json: { ok: false, error: 'token_expired' } }])
  const { revoke } = await load()
  await revoke(context, GRANT)
  expect(transport.requests).toMatchObject(
    [GRANT.refreshToken, GRANT.accessToken].map((token) => ({
      method: 'POST',
      url: 'https://slack.com/api/auth.revoke',
      headers: { authorization: `Bearer ${token}` },
    })),
  )
})

it('revokes the other token after a failure, and reports the failure', async () => {
  const { context, transport } = world([
    { json: { ok: false, error: 'internal_error' } },
    { json: { ok: true, revoked: true } },
  ])
  const { revoke } = await load()
  expect((await errorOf(revoke(context, GRANT))).code).toBe('MCP_SERVER_ERROR')
  expect(transport.requests).toHaveLength(2)
})

it('authorizes against an emulator of Slack: consent, callback, exchange', async () => {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Marshes', domain: 'marshes' },
        users: [{ name: 'ada', real_name: 'Ada Reed', email: 'ada@marshes.example' }],
        oauth_apps: [
          { client_id: APP.clientId, client_secret: APP.clientSecret, name: 'Heron', redirect_uris: [ASK.redirectUri] },
        ],
      },
    },
  })
  try {
    const endpoints = {
      authorizationUrl: `${emulator.url}/oauth/v2/authorize`,
      tokenUrl: `${emulator.url}/api/oauth.v2.access`,
    }
    const { context } = world([], { app: { ...APP, endpoints }, transport: fetchTransport() })
    const { authorize, redeem } = await load()
    const { url, pending } = await authorize(context, ASK)
    const page = await (await fetch(url)).text()
    const fields = [...page.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(
      ([, name = '', value = '']): [string, string] => [name, value],
    )
    const agreed = await fetch(`${emulator.url}/oauth/v2/authorize/callback`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(fields),
    })
    const grant = await redeem(context, pending, ASK, new URL(agreed.headers.get('location') ?? ''))
    expect(grant).toMatchObject({
      accessToken: expect.stringMatching(/^xoxb-/) as string,
      scopes: ASK.scopes,
      account: { name: 'Marshes' },
    })
    const wrong = { ...context, app: { ...APP, clientSecret: 'not-the-secret', endpoints } }
    const again = await authorize(wrong, ASK)
    expect((await errorOf(redeem(wrong, again.pending, ASK, CALLBACK))).code).toBe('CONFIGURATION_ERROR')
  } finally {
    await emulator.close()
  }
})
