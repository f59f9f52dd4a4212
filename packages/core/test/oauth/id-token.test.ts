import { errorOf } from '@mcpclient/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWTPayload } from 'jose'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ScriptedReply } from '@mcpclient/testing'
import { oidc } from '../../src/oauth/oidc.ts'
import type { OidcDefinition as AnyOidcDefinition } from '../../src/oauth/oidc.ts'
import { APP, ASK, CALLBACK, ENDPOINTS, grantOf, scriptedContext, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import { silentLogger } from '../../src/ports/logger.ts'
import { TransportError } from '@mcpclient/core'

type OidcDefinition = Omit<AnyOidcDefinition, 'registration'>

const ISSUER = 'https://login.example'
const KEYS = 'https://login.example/keys'
const definition: OidcDefinition = { ...ENDPOINTS, issuer: ISSUER, jwksUrl: KEYS }

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

interface Signer {
  readonly privateKey: CryptoKey
  readonly jwk: object
}
let first: Signer
let second: Signer

async function signer(kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' } }
}

beforeAll(async () => {
  first = await signer('first')
  second = await signer('second')
})

const at = (seconds: number): number => Date.UTC(2026, 0, 1) / 1000 + seconds

const claimsFor = (nonce: unknown): JWTPayload => ({
  iss: ISSUER,
  sub: 'ada',
  aud: APP.clientId,
  iat: at(0),
  exp: at(300),
  nonce,
})

const sign = (claims: object, { privateKey } = first, kid = 'first'): Promise<string> =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)

/** Redeems a code at a server whose id_token `make` returns. */
async function redeemWith(
  make: (nonce: unknown) => Promise<string | undefined>,
  options: { readonly definition?: OidcDefinition; readonly keys?: ScriptedReply } = {},
) {
  let nonce: unknown
  const { context, transport } = scriptedContext(async ({ url }) => {
    if (url === KEYS) return options.keys ?? { json: { keys: [first.jwk] } }
    return { json: { ...TOKENS, id_token: await make(nonce) } }
  })
  const protocol = await protocolOf(oidc(options.definition ?? definition))
  const { pending } = await protocol.authorize(context, ASK)
  nonce = pending['nonce']
  return { redeeming: protocol.redeem(context, pending, ASK, CALLBACK), transport }
}

it('returns the account of the grant', async () => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), email: 'ada@example.com' }))
  expect((await redeeming).account).toEqual({ id: 'ada', name: 'ada@example.com' })
})

const hash = createHash('sha256').update('access-2').digest().subarray(0, 16).toString('base64url')

it.each<[string, object]>([
  ['several audiences and our authorized party', { aud: [APP.clientId, 'other'], azp: APP.clientId }],
  ['the hash of its access token', { at_hash: hash }],
  ['the clock of the server 50 s ahead', { iat: at(50) }],
  ['the clock of the server 50 s behind', { iat: at(-400), exp: at(-50) }],
])('accepts an id_token with %s', async (_name, claims) => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), ...claims }))
  expect((await redeeming).account?.id).toBe('ada')
})

it.each<[string, object]>([
  ['another issuer', { iss: 'https://evil.example' }],
  ['another issuer, but for a slash', { iss: `${ISSUER}/` }],
  ['another audience', { aud: 'other' }],
  ['several audiences and no authorized party', { aud: [APP.clientId, 'other'] }],
  ['another authorized party', { azp: 'other' }],
  ['another nonce', { nonce: 'of another authorization' }],
  ['no nonce', { nonce: undefined }],
  ['an expiry in the past', { iat: at(-400), exp: at(-61) }],
  ['a time of issue in the future', { iat: at(61) }],
  ['no subject', { sub: undefined }],
  ['an empty subject', { sub: '' }],
  ['no expiry', { exp: undefined }],
  ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
])('refuses an id_token with %s', async (_name, claims) => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), ...claims }))
  expect(await errorOf(redeeming)).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { reason: 'id_token_invalid' },
  })
})

it('refuses an id_token signed with the client secret, even if the metadata allows it', async () => {
  const { redeeming } = await redeemWith((nonce) =>
    new SignJWT(claimsFor(nonce))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('client-secret-canary-of-32-bytes!')),
  )
  expect((await errorOf(redeeming)).message).toContain('its algorithm is not supported')
})

it('refuses an id_token of another signer with the id of a known key', async () => {
  const { redeeming } = await redeemWith((nonce) => sign(claimsFor(nonce), second, 'first'))
  expect((await errorOf(redeeming)).message).toContain('signature')
})

it('refuses a response without an id_token', async () => {
  const { redeeming } = await redeemWith(() => Promise.resolve(undefined))
  expect((await errorOf(redeeming)).details.reason).toBe('id_token_missing')
})

it('accepts an id_token without a key id', async () => {
  const unnamed = [second, first].map(({ jwk }) => ({ ...jwk, kid: undefined }))
  const { redeeming } = await redeemWith(
    (nonce) => new SignJWT(claimsFor(nonce)).setProtectedHeader({ alg: 'RS256' }).sign(first.privateKey),
    { keys: { json: { keys: unnamed } } },
  )
  expect((await redeeming).account?.id).toBe('ada')
})

it('refuses an id_token if the keys cannot be fetched', async () => {
  const { redeeming } = await redeemWith((nonce) => sign(claimsFor(nonce)), { keys: { status: 503 } })
  expect((await errorOf(redeeming)).code).toBe('MCP_SERVER_ERROR')
})

it('accepts a server with many issuers (Microsoft)', async () => {
  const issuers = {
    metadata: 'unused',
    of: (claims: Readonly<Record<string, unknown>>) => `https://sts.example/${String(claims['tid'])}/`,
  }
  const good = await redeemWith((nonce) => sign({ ...claimsFor(nonce), iss: 'https://sts.example/t1/', tid: 't1' }), {
    definition: { ...definition, issuers },
  })
  expect((await good.redeeming).account?.id).toBe('ada')
  const bad = await redeemWith((nonce) => sign({ ...claimsFor(nonce), iss: 'https://sts.example/t2/', tid: 't1' }), {
    definition: { ...definition, issuers },
  })
  expect((await errorOf(bad.redeeming)).details.reason).toBe('id_token_invalid')
})

/** Refreshes at a server whose id_token, keys and clock the test sets. */
function refreshSetup() {
  const server = {
    keys: { json: { keys: [first.jwk] } } as ScriptedReply | Error,
    token: (() => sign(claimsFor(undefined))) as () => Promise<string>,
  }
  const warnings: object[] = []
  const logger = {
    ...silentLogger,
    warn: (fields: object, message: string) => void warnings.push({ ...fields, message }),
  }
  const world = scriptedContext(
    async ({ url }) => (url === KEYS ? server.keys : { json: { ...TOKENS, id_token: await server.token() } }),
    { logger },
  )
  const fetched = () => world.transport.requests.filter(({ url }) => url === KEYS).length
  const grant = grantOf({ issuer: ISSUER, account: { id: 'ada', name: 'Ada' } })
  const refresh = async () => (await protocolOf(oidc(definition))).refresh(world.context, grant)
  return { ...world, server, warnings, fetched, refresh }
}

describe('an id_token in a refresh that cannot be verified', () => {
  const unverifiable: readonly (readonly [string, () => Promise<string>])[] = [
    ['was issued 61 s ahead', () => sign({ ...claimsFor(undefined), iat: at(61) })],
    ['was issued a day ahead', () => sign({ ...claimsFor(undefined), iat: at(86_400), exp: at(90_000) })],
    ['is not valid yet', () => sign({ ...claimsFor(undefined), nbf: at(600) })],
    ['has expired', () => sign({ ...claimsFor(undefined), iat: at(-7200), exp: at(-3600) })],
    ['has no expiry', () => sign({ ...claimsFor(undefined), exp: undefined })],
    ['has no iat', () => sign({ ...claimsFor(undefined), iat: undefined })],
    ['has no subject', () => sign({ ...claimsFor(undefined), sub: undefined })],
    ['has an empty subject', () => sign({ ...claimsFor(undefined), sub: '' })],
    ['is signed with a key that is not listed yet', () => sign(claimsFor(undefined), second, 'second')],
    ['is signed with another key of the same id', () => sign(claimsFor(undefined), second, 'first')],
    ['carries the hash of another token', () => sign({ ...claimsFor(undefined), at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })],
    ['is malformed', () => Promise.resolve('not.a.jwt')],
    ['is not a JWT', () => Promise.resolve('x')],
    ['is encrypted', () => Promise.resolve('e30.e30.e30.e30.e30')],
    [
      'is signed with the secret of the app',
      () =>
        new SignJWT(claimsFor(undefined))
          .setProtectedHeader({ alg: 'HS256' })
          .sign(new TextEncoder().encode('client-secret-canary-of-32-bytes!')),
    ],
    ['is not signed', () => Promise.resolve(`${encoded({ alg: 'none' })}.${encoded(claimsFor(undefined))}.`)],
  ]

  it.each(unverifiable)('costs no grant if it %s', async (_name, token) => {
    const { server, refresh, warnings } = refreshSetup()
    server.token = token
    expect(await refresh()).toMatchObject({ accessToken: 'access-2', refreshToken: 'refresh-2' })
    expect((await refresh()).account).toEqual({ id: 'ada', name: 'Ada' })
    expect(warnings[0]).toMatchObject({
      server: 'login.example',
      message: expect.stringContaining('id_token') as string,
    })
  })

  it.each<[string, ScriptedReply | Error]>([
    ['unreachable', new TransportError('refused', { sent: false })],
    ['failing', { status: 503 }],
    ['absent', { status: 404 }],
    ['a page', { text: '<html>' }],
    ['null', { json: { keys: null } }],
    ['an empty list', { json: { keys: [] } }],
    ['malformed', { json: { keys: [null, 7, {}] } }],
  ])('costs no grant if the keys are %s', async (_name, keys) => {
    const { server, refresh } = refreshSetup()
    server.keys = keys
    expect(await refresh()).toMatchObject({ refreshToken: 'refresh-2' })
  })

  it.each<[string, object, string]>([
    ['subject', { sub: 'mallory' }, 'account_changed'],
    ['issuer', { iss: 'https://evil.example' }, 'id_token_invalid'],
    ['audience', { aud: 'other' }, 'id_token_invalid'],
    ['authorized party', { azp: 'other' }, 'id_token_invalid'],
  ])('is refused nevertheless if it has another %s', async (_name, claims, reason) => {
    for (const also of [{}, { iat: at(3600), exp: at(7200) }, { exp: at(-3600) }]) {
      const { server, refresh } = refreshSetup()
      server.token = () => sign({ ...claimsFor(undefined), ...also, ...claims })
      expect(await errorOf(refresh())).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason } })
    }
  })
})

describe('the keys of a server', () => {
  it('are fetched again for an unknown key, and no more than once in 30 s', async () => {
    const { server, refresh, fetched, clock, warnings } = refreshSetup()
    await refresh()
    expect(fetched()).toBe(1)
    server.token = () => sign({ ...claimsFor(undefined), exp: at(7200) }, second, 'second')
    server.keys = { json: { keys: [first.jwk, second.jwk] } }
    await clock.advance(29_999)
    await refresh()
    expect(fetched()).toBe(1)
    await clock.advance(1)
    warnings.length = 0
    await refresh()
    expect(fetched()).toBe(2)
    expect(warnings).toEqual([])
    server.token = () => sign({ ...claimsFor(undefined), exp: at(7200) }, second, 'made-up')
    await refresh()
    await refresh()
    expect(fetched()).toBe(2)
  })

  it.each([
    ['back', -365],
    ['ahead', 365],
  ])('are fetched again for an unknown key although the clock of this host is set a year %s', async (_name, days) => {
    const { server, refresh, fetched, clock } = refreshSetup()
    await refresh()
    clock.setWallClock(clock.now() + days * 86_400_000)
    server.token = () => sign(claimsFor(undefined), second, 'second')
    await refresh()
    expect(fetched()).toBe(1)
    await clock.advance(30_000)
    await refresh()
    expect(fetched()).toBe(2)
    clock.setWallClock(clock.now() - days * 86_400_000)
    await clock.advance(3_600_000)
    await refresh()
    expect(fetched()).toBe(3)
  })

  it('are fetched again for a rotated key with the same id', async () => {
    const { server, refresh, fetched, clock, warnings } = refreshSetup()
    await refresh()
    server.token = () => sign({ ...claimsFor(undefined), exp: at(7200) }, second, 'first')
    server.keys = { json: { keys: [{ ...second.jwk, kid: 'first' }] } }
    await clock.advance(30_000)
    await refresh()
    expect(fetched()).toBe(2)
    expect(warnings).toEqual([])
  })

  it('are fetched once for concurrent logins', async () => {
    const { refresh, fetched } = refreshSetup()
    await Promise.all([refresh(), refresh(), refresh(), refresh()])
    expect(fetched()).toBe(1)
  })

  it('accept a first login during the cool-down, because TLS replaces the signature', async () => {
    let nonce: unknown
    let by = { signer: first, kid: 'first' }
    const { context, transport } = scriptedContext(async ({ url }) => {
      if (url === KEYS) return { json: { keys: [first.jwk] } }
      return { json: { ...TOKENS, id_token: await sign(claimsFor(nonce), by.signer, by.kid) } }
    })
    const { authorize, redeem } = await protocolOf(oidc(definition))
    const login = async () => {
      const { pending } = await authorize(context, ASK)
      nonce = pending['nonce']
      return redeem(context, pending, ASK, CALLBACK)
    }
    await login()
    by = { signer: second, kid: 'second' }
    expect((await login()).account).toEqual({ id: 'ada' })
    expect(transport.requests.filter(({ url }) => url === KEYS)).toHaveLength(1)
  })

  it('refuse a first login with an unknown key after the cool-down', async () => {
    const { redeeming } = await redeemWith((nonce) => sign(claimsFor(nonce), second, 'second'))
    expect((await errorOf(redeeming)).message).toContain('no key of the server matches it')
  })
})

it('accepts any asymmetric algorithm if the metadata names none', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'es', alg: 'ES256' }
  const { redeeming } = await redeemWith(
    (nonce) => new SignJWT(claimsFor(nonce)).setProtectedHeader({ alg: 'ES256', kid: 'es' }).sign(privateKey),
    { keys: { json: { keys: [jwk] } } },
  )
  expect((await redeeming).account?.id).toBe('ada')
})

it('normalizes the name of an account', async () => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), name: 'Ada\u202E\u200B\nLovelace' }))
  expect((await redeeming).account).toEqual({ id: 'ada', name: 'Ada Lovelace' })
})

it('refuses a refresh of another account', async () => {
  const { context } = scriptedContext(async ({ url }) => {
    if (url === KEYS) return { json: { keys: [first.jwk] } }
    return { json: { ...TOKENS, id_token: await sign({ ...claimsFor(undefined), sub: 'mallory' }) } }
  })
  const { refresh } = await protocolOf(oidc(definition))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER, account: { id: 'ada' } })))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'account_changed' } })
})

it('keeps the subject as the account after a site was chosen', async () => {
  let nonce: unknown
  const { context } = scriptedContext(async ({ url }) => {
    if (url === KEYS) return { json: { keys: [first.jwk] } }
    if (url.endsWith('/sites')) return { json: {} }
    return { json: { ...TOKENS, id_token: await sign(claimsFor(nonce)) } }
  })
  const choose = () => [{ id: 's1', name: 'Acme', settings: { site: 's1' }, account: { id: 's1' } }]
  const sites = { url: 'https://api.example/sites', choose }
  const { authorize, redeem, refresh } = await protocolOf(oidc({ ...definition, discover: sites }))
  const { pending } = await authorize(context, ASK)
  nonce = pending['nonce']
  const grant = await redeem(context, pending, ASK, CALLBACK)
  expect(grant).toMatchObject({ account: { id: 'ada' }, settings: { site: 's1' } })
  expect((await refresh(context, grant)).account?.id).toBe('ada')
})
