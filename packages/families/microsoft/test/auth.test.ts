import { createMcpClient, fetchTransport, systemClock } from '@mcpclient/core'
import { defineConnector, get, tool } from '@mcpclient/core/define'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { listen, protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { createEmulator } from 'emulate'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { microsoft, microsoftApp, microsoftAppSettings, microsoftSettings } from '../src/index.ts'

const APP = { clientId: '6731de76-14a6-49ae-97bc-6eba6914391e', clientSecret: 'microsoft-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['openid', 'Notes.Read'] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}`)
const HOME = '9188040d-6c67-4c5b-b112-36a304b66dad'

const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
const KEYS = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] }

interface Claims {
  readonly issuer: string
  readonly tid?: unknown
}

const idToken = ({ issuer, tid }: Claims, nonce: unknown, seconds: number): Promise<string> =>
  new SignJWT({ nonce, tid, preferred_username: 'ada@marshes.example' })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(issuer)
    .setSubject('AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ')
    .setAudience(APP.clientId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(privateKey)

/** Completes a flow whose id_token has these claims. */
async function redeemWith(claims: Claims, settings: Readonly<Record<string, unknown>> = {}) {
  const auth = await protocolOf(microsoft())
  const { context: asking } = scriptedFlow([], { app: APP, settings })
  const { pending } = await auth.authorize(asking, ASK)
  const { context, transport, clock } = scriptedFlow(
    [
      {
        json: {
          access_token: 'eyJ0-access',
          expires_in: 3921,
          refresh_token: '0.AR-refresh',
          scope: 'openid profile https://graph.microsoft.com/Notes.Read',
          token_type: 'Bearer',
          id_token: await idToken(claims, pending['nonce'], Math.floor(asking.clock.now() / 1000)),
        },
      },
      { json: KEYS },
    ],
    { app: APP, settings },
  )
  return { redeeming: auth.redeem(context, pending, ASK, CALLBACK), transport, clock }
}

const issuerOf = (tenant: string, host = 'login.microsoftonline.com'): string => `https://${host}/${tenant}/v2.0`

describe('signing in', () => {
  it('asks for a code in the query, with S256', async () => {
    const { context } = scriptedFlow([], { app: APP })
    const { url } = await (await protocolOf(microsoft())).authorize(context, ASK)
    const { searchParams, origin, pathname } = new URL(url)
    expect(origin + pathname).toBe('https://login.microsoftonline.com/common/oauth2/v2.0/authorize')
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      response_mode: 'query',
      client_id: APP.clientId,
      redirect_uri: ASK.redirectUri,
      state: ASK.state,
      scope: 'openid Notes.Read',
      nonce: expect.any(String) as string,
      code_challenge: expect.any(String) as string,
      code_challenge_method: 'S256',
    })
  })

  it.each([
    [{ tenant: 'organizations' }, 'organizations'],
    [{ tenant: 'contoso.onmicrosoft.com' }, 'contoso.onmicrosoft.com'],
    [{ tenant: HOME }, HOME],
    [{}, 'consumers'],
    // A setting of the wrong shape never becomes a part of the address.
    [{ tenant: '../../evil' }, 'consumers'],
    [{ tenant: 7 }, 'consumers'],
  ])('signs in to the tenant of the settings %o, else to the one of the definition', async (settings, tenant) => {
    const { context } = scriptedFlow([], { app: APP, settings })
    const { url } = await (await protocolOf(microsoft({ tenant: 'consumers' }))).authorize(context, ASK)
    expect(new URL(url).pathname).toBe(`/${tenant}/oauth2/v2.0/authorize`)
  })

  it.each(['common', 'organizations', 'consumers', HOME, 'contoso.com'])('accepts the setting %s', (tenant) => {
    expect(microsoftSettings.safeParse({ tenant }).success).toBe(true)
  })

  it.each(['', '.', 'a/b', 'a?b', 'a#b', 'a b', '-a', 'evil.example/x', 'a\n', 'é'])(
    'refuses the setting %j',
    (tenant) => {
      expect(microsoftSettings.safeParse({ tenant }).success).toBe(false)
    },
  )

  it.each([
    ['of a personal account', HOME],
    ['of an organization', '72f988bf-86f1-41af-91ab-2d7cd011db47'],
  ])('reads the account from an id_token %s', async (_what, tid) => {
    const { redeeming, transport, clock } = await redeemWith({ issuer: issuerOf(tid), tid }, { tenant: 'common' })
    expect(await redeeming).toMatchObject({
      accessToken: 'eyJ0-access',
      refreshToken: '0.AR-refresh',
      expiresAt: clock.now() + 3_921_000,
      scopes: ['openid', 'profile', 'https://graph.microsoft.com/Notes.Read'],
      account: { id: 'AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ', name: 'ada@marshes.example' },
    })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        url: 'https://login.microsoftonline.com/common/oauth2/v2.0/token',
        form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'code-canary' },
      },
      { url: 'https://login.microsoftonline.com/common/discovery/v2.0/keys' },
    ])
    // An Origin header makes Entra treat a server as a web page, which may send no secret.
    expect(transport.requests[0]?.headers).not.toHaveProperty('origin')
  })

  it('accepts the issuer of a national cloud', async () => {
    const issuer = issuerOf(HOME, 'login.microsoftonline.us')
    expect(await (await redeemWith({ issuer, tid: HOME })).redeeming).toHaveProperty('account')
  })

  it.each([
    ['of another tenant than its own claim', { issuer: issuerOf(HOME), tid: 'b9419818-09af-49c2-b0c3-653adc1f376e' }],
    ['with the template for an issuer', { issuer: issuerOf('{tenantid}'), tid: HOME }],
    ['of the shared tenant', { issuer: issuerOf('common'), tid: HOME }],
    ['without a tenant', { issuer: issuerOf(HOME) }],
    ['with a tenant that is no string', { issuer: issuerOf(HOME), tid: [HOME] }],
    ['of another host', { issuer: issuerOf(HOME, 'login.microsoftonline.com.evil.example'), tid: HOME }],
    ['of the older endpoint', { issuer: `https://sts.windows.net/${HOME}/`, tid: HOME }],
  ] satisfies [string, Claims][])('rejects an id_token %s', async (_what, claims) => {
    const { redeeming } = await redeemWith(claims)
    expect((await errorOf(redeeming)).details.reason).toBe('id_token_invalid')
  })

  it('expects a new refresh token, the old one to stay valid, and no revocation', async () => {
    expect(microsoft().flow).toMatchObject({
      refresh: { rotation: 'rotate' },
      incrementalConsent: true,
      family: 'microsoft',
    })
    expect(await microsoft().flow?.load()).not.toHaveProperty('revoke')
  })

  it.each([
    [{ error: 'invalid_grant' }, 'MCP_AUTHENTICATION_FAILURE', 'invalid_grant'],
    [{ error: 'invalid_grant', suberror: 'bad_token' }, 'MCP_AUTHENTICATION_FAILURE', 'bad_token'],
    [{ error: 'invalid_grant', suberror: 'consent_required' }, 'MCP_AUTHENTICATION_FAILURE', 'consent_required'],
    [{ error: 'invalid_grant', suberror: 'a_new_one' }, 'MCP_AUTHENTICATION_FAILURE', 'invalid_grant'],
    [{ error: 'interaction_required', error_codes: [50076] }, 'MCP_AUTHENTICATION_FAILURE', 'interaction_required'],
    [
      { error: 'interaction_required', suberror: 'message_only', error_codes: [53003] },
      'MCP_AUTHENTICATION_FAILURE',
      'message_only',
    ],
    [{ error: 'invalid_grant', error_codes: [90094] }, 'MCP_AUTHENTICATION_FAILURE', 'admin_consent_required'],
    [{ error: 'invalid_client', error_codes: [7000222] }, 'CONFIGURATION_ERROR', undefined],
    [{ error: 'invalid_client', error_codes: [7000218] }, 'CONFIGURATION_ERROR', undefined],
    [{ error: 'unauthorized_client', error_codes: [700016] }, 'CONFIGURATION_ERROR', undefined],
    [{ error: 'temporarily_unavailable' }, 'MCP_SERVER_ERROR', undefined],
  ])('maps the refusal %o of a refresh to %s', async (body, code, reason) => {
    const description = { error_description: 'AADSTS0: Words. Trace ID: 1', correlation_id: 'c' }
    const { context } = scriptedFlow([{ status: 400, json: { ...body, ...description } }], { app: APP })
    const { refresh } = await protocolOf(microsoft())
    const failure = await errorOf(refresh(context, { accessToken: 'a', refreshToken: '0.AR', issuedAt: 0 }))
    expect(failure.code).toBe(code)
    expect(failure.details.reason).toBe(reason)
    expect(JSON.stringify(failure)).not.toContain('canary')
  })

  it('authorizes against an emulator of Microsoft: consent, callback, exchange, refresh', async () => {
    await using holder = await listen((_request, response) => response.end())
    const port = Number(new URL(holder.url).port)
    await holder[Symbol.asyncDispose]()
    const emulator = await createEmulator({
      service: 'microsoft',
      port,
      // Its id_tokens have the issuer of Microsoft.
      baseUrl: 'https://login.microsoftonline.com',
      seed: {
        microsoft: {
          users: [{ email: 'ada@marshes.example', name: 'Ada Reed' }],
          oauth_clients: [
            {
              client_id: APP.clientId,
              client_secret: APP.clientSecret,
              name: 'Heron',
              redirect_uris: [ASK.redirectUri],
            },
          ],
        },
      },
    })
    // Every request goes to the emulator, which has no tenants in its paths.
    const ask = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input)
      const path = pathname.replace(/^\/common\//, '/')
      return fetch(`http://127.0.0.1:${port}${path}${search}`, { ...init, redirect: 'manual' })
    }
    try {
      const { context } = scriptedFlow([], {
        app: APP,
        transport: fetchTransport({ fetch: ask }),
        clock: systemClock,
      })
      const auth = await protocolOf(microsoft())
      const { url, pending } = await auth.authorize(context, ASK)
      const page = await (await ask(url)).text()
      const fields = [...page.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      )
      const agreed = await ask('https://login.microsoftonline.com/oauth2/v2.0/authorize/callback', {
        method: 'POST',
        body: new URLSearchParams({ ...Object.fromEntries(fields), email: 'ada@marshes.example' }),
      })
      const grant = await auth.redeem(context, pending, ASK, new URL(agreed.headers.get('location') ?? ''))
      expect(grant).toMatchObject({ scopes: ASK.scopes, account: { name: 'ada@marshes.example' } })
      const renewed = await auth.refresh(context, grant)
      const refreshed = 'grant' in renewed ? renewed.grant : renewed
      expect(refreshed.refreshToken).toMatch(/^r_microsoft_/)
      expect(refreshed.refreshToken).not.toBe(grant.refreshToken)
    } finally {
      await emulator.close()
    }
  })
})

describe('scopes', () => {
  const scopesFor = (wanted: readonly string[], includes = {}) =>
    microsoft({ includes }).forTools?.(wanted).flow?.scopes?.slice(4)

  it('always requests a refresh token and the name of the account', () => {
    const expected = ['openid', 'profile', 'email', 'offline_access', 'Notes.Read']
    expect(microsoft().forTools?.(['Notes.Read']).flow?.scopes).toEqual(expected)
    expect(microsoft({ scopes: ['Notes.Read'] }).forTools?.(['Tags.Read']).flow?.scopes).toEqual(expected)
  })

  it('requests those of the tools, without those that another one includes', () => {
    expect(scopesFor(['Notes.Read', 'Notes.ReadWrite', 'Tags.Read'])).toEqual(['Notes.ReadWrite', 'Tags.Read'])
    expect(scopesFor(['Notes.Read', 'Notes.ReadBasic'])).toEqual(['Notes.Read', 'Notes.ReadBasic'])
    expect(scopesFor(['Notes.Read', 'Notes.ReadBasic'], { 'Notes.Read': ['Notes.ReadBasic'] })).toEqual(['Notes.Read'])
  })

  it.each([
    ['Notes.ReadWrite', 'Notes.Read', true],
    ['Notes.ReadWrite.Shared', 'Notes.Read.Shared', true],
    ['https://graph.microsoft.com/notes.readwrite', 'Notes.Read', true],
    ['https://graph.microsoft.com/Notes.Read', 'Notes.Read', true],
    ['Notes.Read', 'Notes.ReadWrite', false],
    ['Notes.ReadWrite', 'Notes.ReadBasic', false],
    ['Notes.ReadWrite', 'Tags.Read', false],
    ['https://evil.example/Notes.Read', 'Notes.Read', false],
    ['constructor', 'name', false],
  ])('treats a grant of %s for %s as %s', (granted, wanted, isCovered) => {
    expect(microsoft().flow?.covers?.(granted, wanted)).toBe(isCovered)
  })
})

describe('an app without a user', () => {
  const notes = defineConnector({
    id: 'notes',
    name: 'Notes',
    baseUrl: 'https://graph.microsoft.com/v1.0/',
    auth: microsoftApp(),
    settings: microsoftAppSettings,
    tools: {
      list_notes: tool({
        description: 'List the notes.',
        effect: 'read',
        scopes: ['Notes.Read'],
        input: z.object({ user: z.string() }),
        output: z.object({ value: z.array(z.object({ id: z.string() })) }),
        request: ({ user }) => get(`users/${user}/notes`),
      }),
    },
  })

  it('obtains a token for all permissions of the app, which covers every tool', async () => {
    const { vault } = await import('@mcpclient/core/vault')
    const transport = scriptedTransport([
      { json: { access_token: 'eyJ0-app', expires_in: 3599, token_type: 'Bearer' } },
      { json: { value: [{ id: 'n1' }] } },
    ])
    const mcp = createMcpClient({
      connectors: { notes: notes({ ...APP, tenant: 'contoso.com' }) },
      vault: vault(),
      transport,
    })
    expect(await mcp.as('ada').notes.call('list_notes', { user: 'ada@contoso.com' })).toEqual({ value: [{ id: 'n1' }] })
    expect(transport.requests).toMatchObject([
      {
        url: 'https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token',
        form: {
          grant_type: 'client_credentials',
          client_id: APP.clientId,
          client_secret: APP.clientSecret,
          scope: 'https://graph.microsoft.com/.default',
        },
      },
      { url: 'https://graph.microsoft.com/v1.0/users/ada@contoso.com/notes' },
    ])
  })

  it.each(['common', 'Organizations', 'consumers', '', 'a/b'])('refuses the tenant %j', (tenant) => {
    expect(microsoftAppSettings.safeParse({ tenant }).success).toBe(false)
  })
})
