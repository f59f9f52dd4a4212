import { createServer } from 'node:net'
import { fetchTransport, systemClock } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { createEmulator } from 'emulate'
import { exportJWK, exportPKCS8, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { google, googleServiceAccount } from '../src/index.ts'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'

const APP = { clientId: '4417.apps.googleusercontent.com', clientSecret: 'google-secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: ['openid', 'notes.readonly'] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}`)

const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
const KEYS = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] }

const idToken = (issuer: string, nonce: unknown, seconds: number): Promise<string> =>
  new SignJWT({ nonce, email: 'ada@marshes.example' })
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .setIssuer(issuer)
    .setSubject('1044')
    .setAudience(APP.clientId)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + 3600)
    .sign(privateKey)

/** Completes a flow whose id_token has this issuer. */
async function redeemFrom(issuer: string) {
  const auth = await protocolOf(google())
  const { context: asking } = scriptedFlow([], { app: APP })
  const { pending } = await auth.authorize(asking, ASK)
  const { context, transport, clock } = scriptedFlow(
    [
      {
        json: {
          access_token: 'ya29.a0',
          expires_in: 3599,
          refresh_token: '1//0r',
          scope: 'openid notes.readonly',
          token_type: 'Bearer',
          id_token: await idToken(issuer, pending['nonce'], Math.floor(asking.clock.now() / 1000)),
        },
      },
      { json: KEYS },
    ],
    { app: APP },
  )
  return { redeeming: auth.redeem(context, pending, ASK, CALLBACK), transport, clock }
}

describe('signing in', () => {
  it('asks for offline access, for consent and for the scopes granted before', async () => {
    const { context } = scriptedFlow([], { app: APP })
    const { url } = await (await protocolOf(google())).authorize(context, ASK)
    const { searchParams, origin, pathname } = new URL(url)
    expect(origin + pathname).toBe('https://accounts.google.com/o/oauth2/v2/auth')
    expect(Object.fromEntries(searchParams)).toEqual({
      response_type: 'code',
      client_id: APP.clientId,
      redirect_uri: ASK.redirectUri,
      state: ASK.state,
      scope: 'openid notes.readonly',
      access_type: 'offline',
      prompt: 'consent',
      include_granted_scopes: 'true',
      nonce: expect.any(String) as string,
      code_challenge: expect.any(String) as string,
      code_challenge_method: 'S256',
    })
  })

  it.each(['https://accounts.google.com', 'accounts.google.com'])(
    'reads the account from an id_token of %s',
    async (issuer) => {
      const { redeeming, transport, clock } = await redeemFrom(issuer)
      expect(await redeeming).toMatchObject({
        accessToken: 'ya29.a0',
        refreshToken: '1//0r',
        expiresAt: clock.now() + 3_599_000,
        scopes: ['openid', 'notes.readonly'],
        account: { id: '1044', name: 'ada@marshes.example' },
      })
      expect(transport.requests).toMatchObject([
        {
          method: 'POST',
          url: 'https://oauth2.googleapis.com/token',
          form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'code-canary' },
        },
        { url: 'https://www.googleapis.com/oauth2/v3/certs' },
      ])
    },
  )

  it.each(['https://accounts.google.com.evil.example', 'https://accounts.google.com/', 'http://accounts.google.com'])(
    'rejects an id_token of %s',
    async (issuer) => {
      const { redeeming } = await redeemFrom(issuer)
      expect((await errorOf(redeeming)).details.reason).toBe('id_token_invalid')
    },
  )

  it('revokes by RFC 7009, and knows that a revocation ends the whole account', async () => {
    const { context, transport } = scriptedFlow([{ json: {} }], { app: APP })
    const auth = google()
    await (await protocolOf(auth)).revoke(context, { accessToken: 'ya29.a0', refreshToken: '1//0r', issuedAt: 0 })
    expect(transport.requests).toMatchObject([
      { method: 'POST', url: 'https://oauth2.googleapis.com/revoke', form: { token: '1//0r' } },
    ])
    expect(auth.flow).toMatchObject({ revocationEnds: 'account', refresh: { rotation: 'keep' }, family: 'google' })
  })

  it.each([
    ['invalid_grant', 'MCP_AUTHENTICATION_FAILURE'],
    ['deleted_client', 'CONFIGURATION_ERROR'],
    ['invalid_client', 'CONFIGURATION_ERROR'],
  ])('maps the refusal %s of a refresh to %s', async (error, code) => {
    const { context } = scriptedFlow([{ status: 400, json: { error } }], { app: APP })
    const { refresh } = await protocolOf(google())
    const failure = await errorOf(refresh(context, { accessToken: 'ya29.a0', refreshToken: '1//0r', issuedAt: 0 }))
    expect(failure.code).toBe(code)
    expect(JSON.stringify(failure)).not.toContain('canary')
  })

  it('authorizes against an emulator of Google: consent, callback, exchange, refresh', async () => {
    const port = await freePort()
    const emulator = await createEmulator({
      service: 'google',
      port,
      // Its id_tokens have the issuer of Google.
      baseUrl: 'https://accounts.google.com',
      seed: {
        google: {
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
    // Every request goes to the emulator instead of Google.
    const ask = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const { pathname, search } = new URL(input instanceof Request ? input.url : input)
      return fetch(`http://127.0.0.1:${port}${pathname}${search}`, { ...init, redirect: 'manual' })
    }
    try {
      const endpoints = { tokenUrl: 'https://oauth2.googleapis.com/oauth2/token' }
      const { context } = scriptedFlow([], {
        app: { ...APP, endpoints },
        transport: fetchTransport({ fetch: ask }),
        clock: systemClock,
      })
      const auth = await protocolOf(google())
      const { url, pending } = await auth.authorize(context, ASK)
      const page = await (await ask(url)).text()
      const fields = [...page.matchAll(/<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      )
      const agreed = await ask('https://accounts.google.com/o/oauth2/v2/auth/callback', {
        method: 'POST',
        body: new URLSearchParams({ ...Object.fromEntries(fields), email: 'ada@marshes.example' }),
      })
      const grant = await auth.redeem(context, pending, ASK, new URL(agreed.headers.get('location') ?? ''))
      expect(grant).toMatchObject({ scopes: ASK.scopes, account: { name: 'ada@marshes.example' } })
      const refreshed = await auth.refresh(context, grant)
      expect(refreshed).toHaveProperty('accessToken')
      // Google keeps the refresh token, and does not return it again.
      expect(refreshed).not.toHaveProperty('refreshToken')
    } finally {
      await emulator.close()
    }
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return address.port
}

describe('scopes', () => {
  const includes = { notes: ['notes.readonly', 'notes.shared'] }

  it('requests those of the tools, without those that another one includes', () => {
    const strategy = google({ includes })
    expect(strategy.forTools?.(['notes.readonly', 'notes', 'tags']).flow?.scopes).toEqual(['openid', 'notes', 'tags'])
    expect(strategy.forTools?.(['notes.readonly', 'tags']).flow?.scopes).toEqual(['openid', 'notes.readonly', 'tags'])
  })

  it('accepts a wider scope for a narrower one, and not the other way round', () => {
    const covers = google({ includes }).flow?.covers
    expect(covers?.('notes', 'notes.readonly')).toBe(true)
    expect(covers?.('notes.readonly', 'notes')).toBe(false)
    expect(covers?.('constructor', 'name')).toBe(false)
  })

  it('requests the given ones instead', () => {
    expect(google({ scopes: ['notes.shared'] }).forTools?.(['notes']).flow?.scopes).toEqual(['openid', 'notes.shared'])
  })
})

describe('a service account', () => {
  const clientEmail = 'heron@marshes.iam.gserviceaccount.com'

  /** Obtains a token and returns the claims of the assertion. */
  async function claimsFor(fields: Readonly<Record<string, string>>, scopes: readonly string[]) {
    const privateKeyPem = await exportPKCS8(privateKey)
    const { context, transport, clock } = scriptedFlow(
      [{ json: { access_token: 'ya29.c0', expires_in: 3599, token_type: 'Bearer' } }],
      { fields: { clientEmail, privateKey: privateKeyPem, keyId: 'k1', ...fields } },
    )
    await (await protocolOf(googleServiceAccount())).obtain(context, { scopes })
    const [request] = transport.requests
    expect(request).toMatchObject({ method: 'POST', url: 'https://oauth2.googleapis.com/token' })
    // Google takes the scopes from the assertion.
    expect(request?.form).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: expect.any(String) as string,
    })
    return jwtVerify(String(request?.form?.['assertion']), publicKey, { currentDate: new Date(clock.now()) })
  }

  it('signs an assertion for at most an hour', async () => {
    const { payload, protectedHeader } = await claimsFor({}, ['notes', 'tags'])
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'k1' })
    expect(payload).toMatchObject({ iss: clientEmail, aud: 'https://oauth2.googleapis.com/token', scope: 'notes tags' })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(3600)
  })

  it('acts for a user of the domain', async () => {
    const { payload } = await claimsFor({ subject: 'ada@marshes.example' }, ['notes'])
    expect(payload).toMatchObject({ iss: clientEmail, sub: 'ada@marshes.example' })
  })
})
