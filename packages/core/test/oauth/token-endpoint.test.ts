import { errorOf } from '@mcpclient/testing'
import { TransportError } from '@mcpclient/core'
import { expect, it } from 'vitest'
import { errorTable } from '../../src/connector/error-table.ts'
import { valueAt } from '../../src/connector/reply.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { ASK, CALLBACK, ENDPOINTS, grantOf, scriptedContext, strategyWith, TOKENS } from './scripted-server.ts'
import type { Definition } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import type { ScriptedReply } from '@mcpclient/testing'

async function refreshWith(reply: ScriptedReply, definition: Definition = {}) {
  const { context, transport } = scriptedContext([reply])
  const { refresh } = await protocolOf(strategyWith(definition))
  return { refreshing: refresh(context, grantOf()), transport, now: context.clock.now() }
}

async function redeemWith(reply: ScriptedReply, definition: Definition = {}) {
  const { context, transport } = scriptedContext([reply])
  const protocol = await protocolOf(strategyWith(definition))
  const { pending } = await protocol.authorize(context, ASK)
  return { redeeming: protocol.redeem(context, pending, ASK, CALLBACK), transport, now: context.clock.now() }
}

it('redeems the code as RFC 6749 requires', async () => {
  const { redeeming, transport, now } = await redeemWith({ json: TOKENS })
  expect(await redeeming).toEqual({
    accessToken: 'access-2',
    refreshToken: 'refresh-2',
    issuedAt: now,
    expiresAt: now + 3_600_000,
    scopes: ['read', 'write'],
  })
  const [{ form, headers, method } = { form: {}, headers: {} }] = transport.requests
  expect(method).toBe('POST')
  expect(form).toEqual({
    grant_type: 'authorization_code',
    code: 'code-canary-1234',
    redirect_uri: ASK.redirectUri,
    code_verifier: expect.any(String) as string,
    client_id: 'app-1',
    client_secret: 'client-secret-canary',
  })
  expect(headers).toMatchObject({ accept: 'application/json' })
  expect(headers).not.toHaveProperty('user-agent')
})

it('returns only the members of the refresh response', async () => {
  const { refresh_token: _kept, ...tokens } = TOKENS
  const { refreshing, now } = await refreshWith({ json: { ...tokens, scope: 'read' } })
  expect(await refreshing).toEqual({
    accessToken: 'access-2',
    issuedAt: now,
    expiresAt: now + 3_600_000,
    scopes: ['read'],
  })
})

it('counts the lifetime from the time of the request, not of the response', async () => {
  const { context, clock } = scriptedContext([
    async () => {
      await clock.advance(20_000)
      return { json: TOKENS }
    },
  ])
  const sentAt = clock.now()
  const { refresh } = await protocolOf(oauth2(ENDPOINTS))
  const grant = await refresh(context, grantOf())
  expect(clock.now()).toBe(sentAt + 20_000)
  expect(grant).toMatchObject({ issuedAt: sentAt, expiresAt: sentAt + 3_600_000 })
})

it.each([
  ['a string', { expires_in: '1800' }, 1_800_000],
  ['a fraction', { expires_in: 1800.5 }, 1_800_500],
  ['nothing', { expires_in: undefined }, undefined],
  ['null', { expires_in: null }, undefined],
  ['0, which means never (Mailchimp)', { expires_in: 0 }, undefined],
  ['not a number', { expires_in: 'soon' }, undefined],
])('reads expires_in as %s', async (_name, said, lifeMs) => {
  const { refreshing, now } = await refreshWith({ json: { ...TOKENS, ...said } })
  const { expiresAt } = await refreshing
  expect(expiresAt).toBe(lifeMs === undefined ? undefined : now + lifeMs)
})

it.each([
  ['no token type', { token_type: undefined }, { accessToken: 'access-2' }],
  ['scopes with commas (GitHub)', { scope: 'repo,user' }, { scopes: ['repo', 'user'] }],
  ['scopes as a list', { scope: ['repo', 'user'] }, { scopes: ['repo', 'user'] }],
  ['scope: null', { scope: null }, { scopes: ['read', 'write'] }],
  ['no scope', {}, { scopes: ['read', 'write'] }],
])('reads a response with %s', async (_name, said, expected) => {
  const { refreshing } = await refreshWith({ json: { ...TOKENS, ...said } })
  expect(await refreshing).toMatchObject(expected)
})

it('ignores a refresh token that is null (Notion)', async () => {
  const { refreshing } = await refreshWith({ json: { ...TOKENS, refresh_token: null } })
  expect(await refreshing).not.toHaveProperty('refreshToken')
})

it.each(['refresh_token_expires_in', 'refresh_expires_in'])(
  'reads the expiry of the refresh token from %s',
  async (name) => {
    const { refreshing, now } = await refreshWith({ json: { ...TOKENS, [name]: '86400' } })
    expect((await refreshing).refreshExpiresAt).toBe(now + 86_400_000)
  },
)

it('reads a nested token and settings beside it', async () => {
  const { redeeming } = await redeemWith(
    {
      json: { ok: true, team: { id: 'T1', name: 'Acme' }, authed_user: { access_token: 'xoxp-1', token_type: 'user' } },
    },
    {
      token: {
        read(body) {
          const { authed_user: user, team } = body as { authed_user: object; team: { id: string; name: string } }
          return { members: { ...user, token_type: 'bearer' }, account: team, settings: { teamId: team.id } }
        },
      },
    },
  )
  expect(await redeeming).toMatchObject({
    accessToken: 'xoxp-1',
    account: { id: 'T1', name: 'Acme' },
    settings: { teamId: 'T1' },
  })
})

it('sends the request as JSON with Basic authentication (Notion)', async () => {
  const { redeeming, transport } = await redeemWith(
    { json: TOKENS },
    { token: { format: 'json', params: { owner: 'user' } }, clientAuthentication: 'basic', pkce: false },
  )
  await redeeming
  expect(transport.requests[0]).toMatchObject({
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${btoa('app-1:client-secret-canary')}`,
    },
    json: {
      grant_type: 'authorization_code',
      code: 'code-canary-1234',
      redirect_uri: ASK.redirectUri,
      owner: 'user',
    },
  })
})

it.each([
  ['invalid_grant', 400, 'MCP_AUTHENTICATION_FAILURE'],
  ['invalid_grant with 403 (Atlassian)', 403, 'MCP_AUTHENTICATION_FAILURE'],
  ['invalid_client', 401, 'CONFIGURATION_ERROR'],
  ['unauthorized_client', 400, 'CONFIGURATION_ERROR'],
  ['invalid_scope', 400, 'CONFIGURATION_ERROR'],
  ['temporarily_unavailable', 400, 'MCP_SERVER_ERROR'],
  ['unknown_to_the_standards', 400, 'MCP_CLIENT_ERROR'],
])('maps %s to its code', async (name, status, code) => {
  const [error] = name.split(' ')
  const headers = { 'www-authenticate': 'Bearer error="invalid_token"' }
  const { refreshing } = await refreshWith({ status, headers, json: { error, error_description: 'Because.' } })
  const failure = await errorOf(refreshing)
  expect(failure).toMatchObject({ code, details: { providerCode: error, status } })
  expect(failure.message).toContain(`${error} (Because)`)
})

it('recognizes a refusal with status 200', async () => {
  const refused = { error: 'bad_refresh_token', error_description: 'The refresh token passed is incorrect or expired.' }
  const plain = await refreshWith({ json: refused })
  expect(await errorOf(plain.refreshing)).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { reason: 'bad_refresh_token' },
  })
  const read = await refreshWith(
    { json: refused },
    {
      errors: errorTable(
        { code: 'error' },
        { bad_refresh_token: { code: 'MCP_AUTHENTICATION_FAILURE', reason: 'invalid_grant' } },
      ),
    },
  )
  expect(await errorOf(read.refreshing)).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { reason: 'invalid_grant' },
  })
})

it('reports why a grant is invalid, as the connector defines it', async () => {
  const { refreshing } = await refreshWith(
    { status: 400, json: { error: 'invalid_grant', error_description: 'Password was changed.' } },
    {
      errors: errorTable(
        {},
        {
          invalid_grant: (body) =>
            String(valueAt(body, 'error_description')).includes('Password')
              ? { reason: 'password_changed', hint: 'Agree again: the password was changed.' }
              : {},
        },
      ),
    },
  )
  const { details } = await errorOf(refreshing)
  expect(details).toMatchObject({ reason: 'password_changed', hint: 'Agree again: the password was changed.' })
})

it('reports the failure if the row of the table throws', async () => {
  const stumbles = (): never => {
    throw new TypeError('of the connector')
  }
  const errors = errorTable({ code: 'error' }, { invalid_grant: stumbles })
  const { refreshing } = await refreshWith({ status: 400, json: { error: 'invalid_grant' } }, { errors })
  expect((await errorOf(refreshing)).details.reason).toBe('invalid_grant')
})

const html = { headers: { 'content-type': 'text/html' }, text: '<html>Sign in to the proxy</html>' }

it.each<[string, ScriptedReply, Partial<ConnectorError['details']> & { code: string }]>([
  ['a page with 200', html, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
  [
    'a page with 400 is no invalid_grant',
    { status: 400, ...html },
    { code: 'MCP_SERVER_ERROR', reason: 'refusal_unexplained', outcome: 'not_processed' },
  ],
  ['half of a response', { text: '{"access_token":"a' }, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
  ['a list', { json: [] }, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
  ['no token', { json: { ok: true } }, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
  ['500', { status: 500, json: { error: 'invalid_grant' } }, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
  ['503', { status: 503, headers: { 'retry-after': '7' } }, { code: 'MCP_SERVER_ERROR', retryAfterMs: 7000 }],
  [
    '429',
    { status: 429, headers: { 'retry-after': '5' } },
    { code: 'MCP_RATE_LIMIT_EXCEEDED', retryAfterMs: 5000, outcome: 'not_processed' },
  ],
  ['a redirect', { status: 302, headers: { location: 'https://evil.example' } }, { code: 'MCP_SERVER_ERROR' }],
  [
    'no connection',
    new TransportError('refused', { sent: false }),
    { code: 'MCP_CONNECTION_ERROR', outcome: 'not_processed' },
  ],
  [
    'a connection that broke off',
    new TransportError('reset', { sent: true }),
    { code: 'MCP_CONNECTION_ERROR', outcome: 'unknown' },
  ],
  ['an endless response', { bytes: new Uint8Array(1_100_000) }, { code: 'MCP_SERVER_ERROR', outcome: 'unknown' }],
])('reports %s', async (_name, reply, { code, ...details }) => {
  const { refreshing } = await refreshWith(reply)
  expect(await errorOf(refreshing)).toMatchObject({ code, details })
})

it('reports a connector that throws on a response', async () => {
  const { refreshing } = await refreshWith(
    { json: { secret: 'answer-canary' } },
    { token: { read: (body) => ({ members: (body as { a: { b: object } }).a.b }) } },
  )
  const failure = await errorOf(refreshing)
  expect(failure).toMatchObject({ code: 'MCP_SERVER_ERROR', details: { outcome: 'unknown' } })
  expect(failure.advice).toContain('token.read')
})

it('aborts a running request with the signal, and sends none after it', async () => {
  const limit = new ConnectorError('TIMEOUT', 'The lease is over.')
  const ending = new AbortController()
  const asked = Promise.withResolvers<void>()
  const hangs = (): Promise<never> => {
    asked.resolve()
    return new Promise(() => undefined)
  }
  const { context, transport } = scriptedContext([hangs], { signal: ending.signal })
  const { refresh } = await protocolOf(oauth2(ENDPOINTS))
  const refreshing = errorOf(refresh(context, grantOf()))
  await asked.promise
  ending.abort(limit)
  expect(await refreshing).toMatchObject({ code: 'TIMEOUT', details: { outcome: 'unknown' } })
  const again = await errorOf(refresh(context, grantOf()))
  expect(again).toMatchObject({ code: 'TIMEOUT', details: { outcome: 'not_processed' } })
  expect(transport.requests).toHaveLength(1)
})

it('refuses a refresh without a refresh token, and sends nothing', async () => {
  const { context, transport } = scriptedContext([])
  const { refresh } = await protocolOf(oauth2(ENDPOINTS))
  const failure = await errorOf(refresh(context, grantOf({ refreshToken: undefined })))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'no_refresh_token' } })
  transport.verify()
})
