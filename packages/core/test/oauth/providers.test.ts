import { errorOf } from '@mcpclient/testing'
import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { jwtBearer } from '../../src/oauth/jwt-bearer.ts'
import { oauth2 } from '../../src/oauth/oauth2.ts'
import { tokenExchange } from '../../src/oauth/token-exchange.ts'
import type { Account } from '../../src/identity/connection.ts'
import {
  APP,
  ASK,
  CALLBACK,
  ENDPOINTS,
  grantOf,
  scriptedContext,
  strategyWith,
  TOKEN,
  TOKENS,
} from './scripted-server.ts'
import type { Definition } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import type { FlowContext } from '../../src/auth/grant-flow.ts'
import type { ScriptedReply } from '@mcpclient/testing'

async function redeem(definition: Definition, script: readonly ScriptedReply[], given: Partial<FlowContext> = {}) {
  const { context, transport } = scriptedContext(script, given)
  const protocol = await protocolOf(strategyWith(definition))
  const { pending } = await protocol.authorize(context, ASK)
  return { redeeming: protocol.redeem(context, pending, ASK, CALLBACK), transport, protocol, context }
}

it('handles Salesforce: the host of the instance, and no lifetime', async () => {
  const read = (body: unknown) => ({
    members: body,
    settings: { instanceUrl: (body as { instance_url: string }).instance_url },
  })
  const answer = {
    access_token: 'a',
    token_type: 'Bearer',
    instance_url: 'https://acme.my.salesforce.com',
    refresh_token: 'r',
  }
  const { redeeming } = await redeem({ token: { read } }, [{ json: answer }])
  const grant = await redeeming
  expect(grant.settings).toEqual({ instanceUrl: 'https://acme.my.salesforce.com' })
  expect(grant).not.toHaveProperty('expiresAt')
})

const sites = {
  url: 'https://api.example/accessible-resources',
  choose: (body: unknown) =>
    (body as readonly { id: string; name: string }[]).map(({ id, name }) => ({ id, name, settings: { cloudId: id } })),
}

it('selects the only site of Jira', async () => {
  const { redeeming, transport } = await redeem({ discover: sites }, [
    { json: TOKENS },
    { json: [{ id: 's1', name: 'Acme' }] },
  ])
  expect(await redeeming).toMatchObject({ settings: { cloudId: 's1' } })
  expect(await redeeming).not.toHaveProperty('choices')
  expect(transport.requests[1]?.headers['authorization']).toBe('Bearer access-2')
})

const two = [
  { id: 's1', name: 'Acme' },
  { id: 's2', name: 'Acme Labs' },
]

it('selects none of several sites of Jira', async () => {
  const { redeeming } = await redeem({ discover: sites }, [{ json: TOKENS }, { json: two }])
  const grant = await redeeming
  expect(grant).not.toHaveProperty('settings')
  expect(grant.choices).toEqual([
    { id: 's1', name: 'Acme', settings: { cloudId: 's1' } },
    { id: 's2', name: 'Acme Labs', settings: { cloudId: 's2' } },
  ])
})

it('selects the site of Jira that the settings name', async () => {
  const script = [{ json: TOKENS }, { json: two }]
  const { redeeming } = await redeem({ discover: sites }, script, { settings: { cloudId: 's2' } })
  expect(await redeeming).toMatchObject({ settings: { cloudId: 's2' } })
  expect(await redeeming).not.toHaveProperty('choices')
})

it('refuses a grant of Jira without a site', async () => {
  const { redeeming } = await redeem({ discover: sites }, [{ json: TOKENS }, { json: [] }])
  expect((await errorOf(redeeming)).details.reason).toBe('no_account')
})

const pages = {
  url: 'https://graph.example/accounts',
  choose: (body: unknown) =>
    (body as { data: { id: string; access_token: string }[] }).data.map(({ id, access_token: accessToken }) => ({
      id,
      name: `Page ${id}`,
      settings: {},
      accessToken,
    })),
}
const listed = (...ids: readonly string[]) => ({ data: ids.map((id) => ({ id, access_token: `token-of-${id}` })) })

it('replaces the tokens of the user by the token of the only page', async () => {
  const { redeeming } = await redeem({ discover: pages }, [{ json: TOKENS }, { json: listed('p1') }])
  const grant = await redeeming
  expect(grant).toMatchObject({ accessToken: 'token-of-p1', scopes: ['read', 'write'] })
  // They belong to the token of the user.
  expect(grant).not.toHaveProperty('expiresAt')
  expect(grant).not.toHaveProperty('refreshToken')
})

it('keeps the token of each page until the user chooses', async () => {
  const { redeeming } = await redeem({ discover: pages }, [{ json: TOKENS }, { json: listed('p1', 'p2') }])
  expect(await redeeming).toMatchObject({
    accessToken: 'access-2',
    choices: [
      { id: 'p1', accessToken: 'token-of-p1' },
      { id: 'p2', accessToken: 'token-of-p2' },
    ],
  })
})

it('proves the client secret to the list of accounts and to a revocation', async () => {
  const revoke = { url: 'https://graph.example/permissions', method: 'DELETE', authenticate: 'token' } as const
  const definition = { discover: pages, secretProof: 'appsecret_proof', revoke }
  const { redeeming, transport, protocol, context } = await redeem(definition, [
    { json: TOKENS },
    { json: listed('p1') },
    { json: { success: true } },
  ])
  const grant = await redeeming
  await protocol.revoke(context, grant)
  const proofOf = (token: string) => createHmac('sha256', APP.clientSecret).update(token).digest('hex')
  expect(transport.requests.slice(1)).toMatchObject([
    { path: '/accounts', query: { appsecret_proof: proofOf('access-2') } },
    { path: '/permissions', query: { appsecret_proof: proofOf('token-of-p1') } },
  ])
})

it('requests the data centre of Mailchimp with its own scheme', async () => {
  const discover = {
    url: 'https://login.example/metadata',
    scheme: 'OAuth',
    choose: (body: unknown) => {
      const { dc, user_id: id, accountname: name } = body as { dc: string; user_id: number; accountname: string }
      const account: Account = { id: String(id), name }
      return [{ id: String(id), name, settings: { dc }, account }]
    },
  }
  const { redeeming, transport } = await redeem({ discover, pkce: false }, [
    { json: { access_token: 'a', expires_in: 0, scope: null } },
    { json: { dc: 'us6', user_id: 7, accountname: 'Acme' } },
  ])
  expect(await redeeming).toMatchObject({ settings: { dc: 'us6' }, account: { id: '7', name: 'Acme' } })
  expect(transport.requests[1]?.headers['authorization']).toBe('OAuth a')
})

const facebook = {
  url: TOKEN,
  grantType: 'fb_exchange_token',
  tokenParameter: 'fb_exchange_token',
  sends: ['client_id', 'client_secret'],
} as const

it('exchanges a short-lived token of Facebook for a long-lived one, and that one for the next', async () => {
  const short = { access_token: 'short-lived', token_type: 'bearer', expires_in: 3600 }
  const long = { access_token: 'long-lived', token_type: 'bearer', expires_in: 5_183_944 }
  const { redeeming, transport, protocol, context } = await redeem(
    { exchange: { afterConnect: facebook, refresh: facebook } },
    [{ json: short }, { json: long }, { json: { ...long, access_token: 'longer-lived' } }],
  )
  const grant = await redeeming
  expect(grant).toMatchObject({ accessToken: 'long-lived', scopes: ['read', 'write'] })
  expect(transport.requests[1]?.form).toEqual({
    grant_type: 'fb_exchange_token',
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
    fb_exchange_token: 'short-lived',
  })
  expect(await protocol.refresh(context, grant)).toMatchObject({ accessToken: 'longer-lived' })
  expect(transport.requests[2]?.form).toMatchObject({ fb_exchange_token: 'long-lived' })
})

it('exchanges a token of Instagram with a GET', async () => {
  const bought = {
    url: 'https://graph.example/refresh',
    grantType: 'ig_refresh_token',
    tokenParameter: 'access_token',
    method: 'GET',
  } as const
  const { context, transport } = scriptedContext([{ json: { access_token: 'next', expires_in: 5_184_000 } }])
  const strategy = oauth2({ ...ENDPOINTS, exchange: { refresh: bought } })
  expect(strategy.flow?.renewal).toBe('access_token')
  const { refresh } = await protocolOf(strategy)
  expect(await refresh(context, grantOf({ refreshToken: undefined }))).toMatchObject({ accessToken: 'next' })
  expect(transport.requests[0]).toMatchObject({
    method: 'GET',
    query: { grant_type: 'ig_refresh_token', access_token: 'access-canary-0001' },
  })
})

it('revokes the refresh token (RFC 7009)', async () => {
  const { context, transport } = scriptedContext([{ status: 200 }])
  const { revoke } = await protocolOf(oauth2(ENDPOINTS))
  await revoke(context, grantOf())
  expect(transport.requests[0]?.form).toMatchObject({ token: 'refresh-canary-0001', token_type_hint: 'refresh_token' })
})

it('treats a revoked grant as a success', async () => {
  const { context } = scriptedContext([{ status: 400, json: { error: 'invalid_token' } }])
  const { revoke } = await protocolOf(oauth2(ENDPOINTS))
  await expect(revoke(context, grantOf())).resolves.toBeUndefined()
})

it('deletes a grant of GitHub with Basic authentication', async () => {
  const { context, transport } = scriptedContext([{ status: 204 }, { status: 404 }, { status: 401 }])
  const { revoke } = await protocolOf(
    oauth2({
      ...ENDPOINTS,
      revoke: {
        method: 'DELETE',
        url: ({ clientId }) => `https://api.github.example/applications/${clientId}/token`,
        authenticate: 'client',
        tokenMember: 'access_token',
      },
    }),
  )
  await revoke(context, grantOf())
  expect(transport.requests[0]).toMatchObject({
    method: 'DELETE',
    path: '/applications/app-1/token',
    json: { access_token: 'access-canary-0001' },
    headers: { authorization: `Basic ${btoa(`${APP.clientId}:${APP.clientSecret}`)}` },
  })
  await revoke(context, grantOf())
  expect((await errorOf(revoke(context, grantOf()))).code).toBe('CONFIGURATION_ERROR')
})

it('handles the device flow of Google: another member name, and 428 for pending', async () => {
  const { context } = scriptedContext([
    {
      json: {
        device_code: 'device-canary',
        user_code: 'AB-CD',
        verification_url: 'https://g.example/device',
        expires_in: 1800,
        interval: '5',
      },
    },
    { status: 428, json: { error: 'authorization_pending' } },
    { status: 403, json: { error: 'slow_down' } },
    { status: 400, json: { error: 'expired_token' } },
    { status: 403, json: { error: 'access_denied' } },
    { json: TOKENS },
  ])
  const strategy = oauth2({ deviceUrl: 'https://login.example/device', tokenUrl: TOKEN })
  const { authorizeDevice, redeemDevice } = await protocolOf(strategy)
  const start = await authorizeDevice(context, { scopes: ['read'] })
  expect(start).toMatchObject({ verificationUri: 'https://g.example/device', userCode: 'AB-CD', intervalMs: 5000 })
  expect(await redeemDevice(context, start.pending)).toEqual({ pending: true, slowDown: false })
  expect(await redeemDevice(context, start.pending)).toEqual({ pending: true, slowDown: true })
  expect((await errorOf(redeemDevice(context, start.pending))).details.reason).toBe('code_expired')
  expect((await errorOf(redeemDevice(context, start.pending))).details.reason).toBe('denied_by_user')
  expect(await redeemDevice(context, start.pending)).toMatchObject({
    grant: { accessToken: 'access-2', scopes: ['read'] },
  })
})

it('refuses a verification URL that is not a web page', async () => {
  const { context } = scriptedContext([
    { json: { device_code: 'd', user_code: 'u', verification_uri: 'javascript:alert(1)', expires_in: 1800 } },
  ])
  const { authorizeDevice } = await protocolOf(oauth2({ deviceUrl: 'https://login.example/device', tokenUrl: TOKEN }))
  expect((await errorOf(authorizeDevice(context, { scopes: [] }))).code).toBe('MCP_SERVER_ERROR')
})

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()

it('obtains a grant for a service account of Google, on behalf of a user', async () => {
  const strategy = jwtBearer({
    tokenUrl: TOKEN,
    issuerField: 'clientEmail',
    scopesIn: 'assertion',
    lifeSeconds: 3600,
    scopes: ['calendar'],
  })
  expect(Object.keys(strategy.fields)).toEqual(['clientEmail', 'privateKey', 'keyId', 'subject'])
  const fields = {
    clientEmail: 'robot@acme.example',
    privateKey: pem.replaceAll('\n', String.raw`\n`),
    keyId: 'k1',
    subject: 'ada@acme.example',
  }
  const { context, transport, clock } = scriptedContext([{ json: { access_token: 'a', expires_in: 3599 } }], {
    fields,
    app: {},
  })
  const { obtain } = await protocolOf(strategy)
  expect(await obtain(context, { scopes: ['calendar'] })).toMatchObject({ accessToken: 'a', scopes: ['calendar'] })
  const { assertion, ...rest } = transport.requests[0]?.form ?? {}
  expect(rest).toEqual({ grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer' })
  const { payload, protectedHeader } = await jwtVerify(String(assertion), createPublicKey(pem), {
    currentDate: new Date(clock.now()),
  })
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
  expect(payload).toMatchObject({
    iss: 'robot@acme.example',
    sub: 'ada@acme.example',
    aud: TOKEN,
    scope: 'calendar',
    exp: clock.now() / 1000 + 3600,
  })
})

it('sends Salesforce an assertion for the login host', async () => {
  const strategy = jwtBearer({
    tokenUrl: ({ loginUrl }) => `${String(loginUrl)}/services/oauth2/token`,
    audience: ({ loginUrl }) => String(loginUrl),
    subject: 'required',
  })
  const settings = { loginUrl: 'https://test.salesforce.example' }
  const fields = { clientId: 'consumer-key', privateKey: pem, subject: 'ada@acme.example' }
  const { context, transport, clock } = scriptedContext([{ json: TOKENS }], { fields, settings, app: {} })
  const { obtain } = await protocolOf(strategy)
  await obtain(context, { scopes: [] })
  expect(transport.requests[0]?.url).toBe('https://test.salesforce.example/services/oauth2/token')
  await jwtVerify(String(transport.requests[0]?.form?.['assertion']), createPublicKey(pem), {
    currentDate: new Date(clock.now()),
    audience: 'https://test.salesforce.example',
    issuer: 'consumer-key',
    subject: 'ada@acme.example',
  })
  const nobody = { ...context, fields: { clientId: 'consumer-key', privateKey: pem } }
  expect((await errorOf(obtain(nobody, { scopes: [] }))).code).toBe('CONFIGURATION_ERROR')
})

it.each([
  ['in an old format', pair.privateKey.export({ format: 'pem', type: 'pkcs1' }).toString(), 'openssl pkcs8'],
  ['a public key', pair.publicKey.export({ format: 'pem', type: 'spki' }).toString(), 'PKCS#8'],
  ['nonsense', 'private-key-canary', 'PKCS#8'],
])('refuses a private key that is %s', async (_name, privateKey, hint) => {
  const fields = { clientId: 'c', privateKey }
  const { context, transport } = scriptedContext([], { fields, app: {} })
  const { obtain } = await protocolOf(jwtBearer({ tokenUrl: TOKEN }))
  const failure = await errorOf(obtain(context, { scopes: [] }))
  expect(failure.code).toBe('CONFIGURATION_ERROR')
  expect(failure.advice).toContain(hint)
  transport.verify()
})

it('exchanges a token for another one (RFC 8693)', async () => {
  const strategy = tokenExchange({ tokenUrl: TOKEN, audience: 'https://reports.example', requestedTokenType: 'urn:x' })
  const fields = { subjectToken: 'subject-canary' }
  const { context, transport } = scriptedContext([{ json: TOKENS }], { fields })
  const { obtain } = await protocolOf(strategy)
  await obtain(context, { scopes: ['reports'] })
  expect(transport.requests[0]?.form).toEqual({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'subject-canary',
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    requested_token_type: 'urn:x',
    audience: 'https://reports.example',
    scope: 'reports',
    client_id: APP.clientId,
    client_secret: APP.clientSecret,
  })
})
