import { errorOf } from '@mcpclient/testing'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWTPayload } from 'jose'
import { createHash } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import type { ScriptedReply } from '@mcpclient/testing'
import { oidc } from '../../src/auth/oidc.ts'
import type { OidcDefinition as AnyOidcDefinition } from '../../src/auth/oidc.ts'
import { APP, ASK, CALLBACK, ENDPOINTS, grantOf, scriptedWorld, TOKENS } from './scripted-server.ts'
import { protocolOf } from './strategy-flow.ts'
import { TransportError } from '@mcpclient/core'

type OidcDefinition = Omit<AnyOidcDefinition, 'registration'>

const ISSUER = 'https://login.example'
const KEYS = 'https://login.example/keys'
const definition: OidcDefinition = { ...ENDPOINTS, issuer: ISSUER, jwksUrl: KEYS }

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

const sign = (claims: JWTPayload, { privateKey } = first, kid = 'first'): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey)

/** Redeems a code at a server whose id_token is made by `make`. */
async function redeemWith(
  make: (nonce: unknown) => Promise<string | undefined>,
  options: { readonly definition?: OidcDefinition; readonly keys?: ScriptedReply } = {},
) {
  let nonce: unknown
  const { context, transport } = scriptedWorld(async ({ url }) => {
    if (url === KEYS) return options.keys ?? { json: { keys: [first.jwk] } }
    return { json: { ...TOKENS, id_token: await make(nonce) } }
  })
  const protocol = await protocolOf(oidc(options.definition ?? definition))
  const { pending } = await protocol.authorize(context, ASK)
  nonce = pending['nonce']
  return { redeeming: protocol.redeem(context, pending, ASK, CALLBACK), transport }
}

test('whose grant it is', async () => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), email: 'ada@example.com' }))
  expect((await redeeming).account).toEqual({ id: 'ada', name: 'ada@example.com' })
})

const hash = createHash('sha256').update('access-2').digest().subarray(0, 16).toString('base64url')

test.each<[string, object]>([
  ['several audiences, made for us', { aud: [APP.clientId, 'other'], azp: APP.clientId }],
  ['the hash of its access token', { at_hash: hash }],
  ['the clock of the server 50 s ahead', { iat: at(50) }],
  ['the clock of the server 50 s behind', { iat: at(-400), exp: at(-50) }],
])('an id_token with %s is good', async (_name, claims) => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), ...claims }))
  expect((await redeeming).account?.id).toBe('ada')
})

test.each<[string, object]>([
  ['another issuer', { iss: 'https://evil.example' }],
  ['another issuer, but for a slash', { iss: `${ISSUER}/` }],
  ['another audience', { aud: 'other' }],
  ['several audiences and no word for whom', { aud: [APP.clientId, 'other'] }],
  ['another app that it was made for', { azp: 'other' }],
  ['another nonce', { nonce: 'of another attempt' }],
  ['no nonce', { nonce: undefined }],
  ['an end that has passed', { iat: at(-400), exp: at(-61) }],
  ['a birth in the future', { iat: at(61) }],
  ['no subject', { sub: undefined }],
  ['an empty subject', { sub: '' }],
  ['no end', { exp: undefined }],
  ['the hash of another access token', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
])('an id_token with %s is refused', async (_name, claims) => {
  const { redeeming } = await redeemWith((nonce) => sign({ ...claimsFor(nonce), ...claims }))
  expect(await errorOf(redeeming)).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { reason: 'id_token_invalid' },
  })
})

test('an id_token signed with the client secret proves nothing, even if the metadata allow it', async () => {
  const { redeeming } = await redeemWith((nonce) =>
    new SignJWT(claimsFor(nonce))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode('client-secret-canary-of-32-bytes!')),
  )
  expect((await errorOf(redeeming)).message).toContain('proves nothing')
})

test('an id_token by somebody else, under the name of a key of the server', async () => {
  const { redeeming } = await redeemWith((nonce) => sign(claimsFor(nonce), second, 'first'))
  expect((await errorOf(redeeming)).message).toContain('signature')
})

test('no id_token at all', async () => {
  const { redeeming } = await redeemWith(() => Promise.resolve(undefined))
  expect((await errorOf(redeeming)).details.reason).toBe('id_token_missing')
})

test('an id_token that does not say which of the keys signed it', async () => {
  const unnamed = [second, first].map(({ jwk }) => ({ ...jwk, kid: undefined }))
  const { redeeming } = await redeemWith(
    (nonce) => new SignJWT(claimsFor(nonce)).setProtectedHeader({ alg: 'RS256' }).sign(first.privateKey),
    { keys: { json: { keys: unnamed } } },
  )
  expect((await redeeming).account?.id).toBe('ada')
})

test('keys out of reach are no reason to believe', async () => {
  const { redeeming } = await redeemWith((nonce) => sign(claimsFor(nonce)), { keys: { status: 503 } })
  expect((await errorOf(redeeming)).code).toBe('MCP_SERVER_ERROR')
})

test('a server that speaks for many issuers (Microsoft)', async () => {
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

test('keys that rotated are fetched again, and no more than once in 30 s', async () => {
  let keys: readonly object[] = [first.jwk]
  let by = first
  let kid = 'first'
  const { context, transport, clock } = scriptedWorld(async ({ url }) => {
    if (url === KEYS) return { json: { keys } }
    const claims = {
      ...claimsFor(undefined),
      iat: Math.floor(clock.now() / 1000),
      exp: Math.floor(clock.now() / 1000) + 300,
    }
    return { json: { ...TOKENS, id_token: await sign(claims, by, kid) } }
  })
  const { refresh } = await protocolOf(oidc(definition))
  const fetched = () => transport.requests.filter(({ url }) => url === KEYS).length
  const grant = grantOf({ issuer: ISSUER, account: { id: 'ada' } })
  await refresh(context, grant)
  expect(fetched()).toBe(1)
  by = second
  kid = 'second'
  keys = [first.jwk, second.jwk]
  await clock.advance(29_999)
  expect((await errorOf(refresh(context, grant))).details.reason).toBe('id_token_invalid')
  expect(fetched()).toBe(1)
  await clock.advance(1)
  await refresh(context, grant)
  expect(fetched()).toBe(2)
  kid = 'made-up'
  expect((await errorOf(refresh(context, grant))).details.reason).toBe('id_token_invalid')
  expect((await errorOf(refresh(context, grant))).details.reason).toBe('id_token_invalid')
  expect(fetched()).toBe(2)
})

test('a renewal of another account is refused', async () => {
  const { context } = scriptedWorld(async ({ url }) => {
    if (url === KEYS) return { json: { keys: [first.jwk] } }
    return { json: { ...TOKENS, id_token: await sign({ ...claimsFor(undefined), sub: 'mallory' }) } }
  })
  const { refresh } = await protocolOf(oidc(definition))
  const failure = await errorOf(refresh(context, grantOf({ issuer: ISSUER, account: { id: 'ada' } })))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'account_changed' } })
})

test('a site that was chosen does not take the place of the subject', async () => {
  let nonce: unknown
  const { context } = scriptedWorld(async ({ url }) => {
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

test('a spent refresh token is not lost because the keys are out of reach', async () => {
  const claims = { ...claimsFor(undefined) }
  const { context } = scriptedWorld(async ({ url }) => {
    if (url === KEYS) return new TransportError('reset', { sent: true })
    return { json: { ...TOKENS, id_token: await sign(claims) } }
  })
  const { refresh } = await protocolOf(oidc(definition))
  const grant = grantOf({ issuer: ISSUER, account: { id: 'ada' } })
  expect(await refresh(context, grant)).toMatchObject({ refreshToken: 'refresh-2', account: { id: 'ada' } })
  Object.assign(claims, { sub: 'mallory' })
  expect((await errorOf(refresh(context, grant))).details.reason).toBe('account_changed')
  Object.assign(claims, { sub: 'ada', aud: 'other' })
  expect((await errorOf(refresh(context, grant))).details.reason).toBe('id_token_invalid')
})
