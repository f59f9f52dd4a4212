import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { JWK, JWTPayload } from 'jose'
import { errorOf } from '@mcpclient/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { googlePush, oidcPush } from '../src/schemes.ts'
import type { OidcPushOptions } from '../src/schemes.ts'
import { NOW, outcome, sent } from './sent.ts'

const EMAIL = 'push@project.iam.gserviceaccount.com'
const URL_OF_PUSH = 'https://app.example/hooks/gmail?tenant=1'

type Signer = (claims?: JWTPayload, header?: { readonly kid?: string; readonly alg?: string }) => Promise<string>
interface Issuer {
  readonly jwk: JWK
  readonly sign: Signer
}

async function issuer(kid: string): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' },
    sign: (claims, header) =>
      new SignJWT({
        iss: 'https://accounts.google.com',
        aud: 'https://app.example/hooks/gmail',
        email: EMAIL,
        email_verified: true,
        sub: '1234567890',
        iat: NOW / 1000 - 60,
        exp: NOW / 1000 + 3540,
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid, ...header })
        .sign(privateKey),
  }
}

let google: Issuer
let other: Issuer
beforeAll(async () => {
  ;[google, other] = await Promise.all([issuer('key-1'), issuer('key-2')])
})

const push = (token: string, url = URL_OF_PUSH) => sent({ url, headers: { authorization: `Bearer ${token}` } })

/** Serves the keys, counts how often, and fails while a test wants it to. */
function keyServer(...keys: readonly JWK[]) {
  const server = {
    keys,
    fetched: 0,
    respond: (): Response => Response.json({ keys: server.keys }),
  }
  const fetch = (): Promise<Response> => {
    server.fetched++
    return Promise.resolve(server.respond())
  }
  return { server, fetch }
}

const scheme = (options: Partial<OidcPushOptions> = {}) =>
  googlePush({ fetch: keyServer(google.jwk).fetch, ...options })

describe('a push signed by OpenID Connect', () => {
  it('verifies, for the audience with and without the query', async () => {
    expect(await outcome(scheme(), [EMAIL], push(await google.sign()))).toBe('verified')
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ aud: URL_OF_PUSH })))).toBe('verified')
    expect(await outcome(scheme(), ['other@x.example', EMAIL], push(await google.sign()))).toBe('verified')
  })

  it('refuses each flipped bit of the token', async () => {
    const one = scheme()
    const token = await google.sign()
    const flipped = [...token].flatMap((character, at) =>
      Array.from({ length: 8 }, (_, bit) => {
        const changed = String.fromCharCode(character.charCodeAt(0) ^ (1 << bit))
        return token.slice(0, at) + changed + token.slice(at + 1)
      }),
    )
    const outcomes = await Promise.all(flipped.map((each) => outcome(one, [EMAIL], push(each))))
    expect(outcomes.length).toBeGreaterThan(5000)
    expect(flipped.filter((_, at) => outcomes[at] === 'verified')).toEqual([])
  })

  it('W10: refuses a token for another audience', async () => {
    for (const aud of ['https://app.example/hooks/other', 'https://app.example', '', []]) {
      expect(await outcome(scheme(), [EMAIL], push(await google.sign({ aud })))).toBe('token_mismatch')
    }
    const fixed = scheme({ audience: 'mail' })
    expect(await outcome(fixed, [EMAIL], push(await google.sign({ aud: 'mail' })))).toBe('verified')
    expect(await outcome(fixed, [EMAIL], push(await google.sign()))).toBe('token_mismatch')
  })

  it('W12: accepts both spellings of the issuer, and no third', async () => {
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ iss: 'accounts.google.com' })))).toBe('verified')
    for (const iss of ['https://accounts.google.com/', 'http://accounts.google.com', 'https://evil.example']) {
      expect(await outcome(scheme(), [EMAIL], push(await google.sign({ iss })))).toBe('token_mismatch')
    }
  })

  it('refuses another sender, and an e-mail address that is not verified', async () => {
    for (const claims of [
      { email: 'evil@project.iam.gserviceaccount.com' },
      { email: [EMAIL] },
      { email: undefined },
      { email_verified: false },
      { email_verified: 'true' },
      { email_verified: undefined },
    ]) {
      expect(await outcome(scheme(), [EMAIL], push(await google.sign(claims as JWTPayload)))).toBe('token_mismatch')
    }
  })

  it('refuses a token that has expired, never expires, or is from the future', async () => {
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ exp: NOW / 1000 - 61 })))).toBe('token_expired')
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ exp: NOW / 1000 - 59 })))).toBe('verified')
    const { exp: _, ...endless } = { exp: undefined }
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ ...endless, exp: undefined } as never)))).toBe(
      'token_mismatch',
    )
    expect(await outcome(scheme(), [EMAIL], push(await google.sign({ nbf: NOW / 1000 + 61 })))).toBe('token_mismatch')
  })

  it('W6: refuses a delivery without a token, and every other authorization', async () => {
    expect(await outcome(scheme(), [EMAIL], sent({}))).toBe('token_missing')
    const token = await google.sign()
    for (const authorization of [
      '',
      'Bearer',
      'Bearer ',
      `Basic ${token}`,
      token,
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${'a'.repeat(9000)}.b.c`,
    ]) {
      expect(await outcome(scheme(), [EMAIL], sent({ headers: { authorization } })), authorization).toBe(
        'token_malformed',
      )
    }
  })

  it('refuses tokens without a signature, or signed with the public key', async () => {
    const [, payload = ''] = (await google.sign()).split('.')
    const header = (alg: string) => btoa(JSON.stringify({ alg, kid: 'key-1' })).replaceAll('=', '')
    expect(await outcome(scheme(), [EMAIL], push(`${header('none')}.${payload}.`))).toBe('token_malformed')
    expect(await outcome(scheme(), [EMAIL], push(`${header('none')}.${payload}.AAAA`))).toBe('token_mismatch')
    const forged = await new SignJWT({ email: EMAIL })
      .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
      .sign(new TextEncoder().encode(JSON.stringify(google.jwk)))
    expect(await outcome(scheme(), [EMAIL], push(forged))).toBe('token_mismatch')
    expect(await outcome(scheme(), [EMAIL], push(await other.sign({}, { kid: 'key-1' })))).toBe('token_mismatch')
  })
})

describe('the signing keys', () => {
  it('are fetched once for many deliveries, and again after an hour', async () => {
    const { server, fetch } = keyServer(google.jwk)
    const one = scheme({ fetch })
    const token = await google.sign({ exp: NOW / 1000 + 90_000 })
    await Promise.all(Array.from({ length: 20 }, () => outcome(one, [EMAIL], push(token))))
    await outcome(one, [EMAIL], push(token), NOW + 3_599_000)
    expect(server.fetched).toBe(1)
    expect(await outcome(one, [EMAIL], push(token), NOW + 3_601_000)).toBe('verified')
    expect(server.fetched).toBe(2)
  })

  it('are fetched for an unknown key, at most every 30 seconds', async () => {
    const { server, fetch } = keyServer(google.jwk)
    const one = scheme({ fetch })
    expect(await outcome(one, [EMAIL], push(await google.sign()))).toBe('verified')
    server.keys = [google.jwk, other.jwk]
    const rotated = push(await other.sign())
    expect(await outcome(one, [EMAIL], rotated, NOW + 29_000)).toBe('token_mismatch')
    expect(await outcome(one, [EMAIL], rotated, NOW + 30_000)).toBe('verified')
    const unknown = push(await other.sign({}, { kid: 'key-9' }))
    for (let second = 32; second < 60; second++) await outcome(one, [EMAIL], unknown, NOW + second * 1000)
    expect(server.fetched).toBe(2)
  })

  it('stay in use for a day while the issuer cannot be reached', async () => {
    const { server, fetch } = keyServer(google.jwk)
    const one = scheme({ fetch })
    const token = push(await google.sign({ exp: NOW / 1000 + 200_000 }))
    expect(await outcome(one, [EMAIL], token)).toBe('verified')
    server.respond = () => new Response('', { status: 500 })
    expect(await outcome(one, [EMAIL], token, NOW + 80_000_000)).toBe('verified')
    expect(await outcome(one, [EMAIL], token, NOW + 87_000_000)).toBe('keys_unavailable')
    server.respond = () => Response.json({ keys: server.keys })
    expect(await outcome(one, [EMAIL], token, NOW + 87_031_000)).toBe('verified')
  })

  it.each([
    [
      'a failure',
      () => {
        throw new TypeError('fetch failed')
      },
    ],
    ['a status of 404', () => new Response('{"keys":[]}', { status: 404 })],
    ['no JSON', () => new Response('<html>')],
    ['no keys', () => Response.json({})],
    ['null', () => Response.json(null)],
    ['a body without an end', () => new Response('x'.repeat(300_000))],
  ])('refuse deliveries for now after %s', async (_, respond) => {
    const { server, fetch } = keyServer()
    server.respond = respond
    expect(await outcome(scheme({ fetch }), [EMAIL], push(await google.sign()))).toBe('keys_unavailable')
  })

  it('are ignored where they are no keys', async () => {
    const { server, fetch } = keyServer()
    server.respond = () => Response.json({ keys: [null, 'x', {}, { kty: 'RSA', kid: 'key-1' }, google.jwk] })
    expect(await outcome(scheme({ fetch }), [EMAIL], push(await google.sign()))).toMatch(/^token_mismatch$|^verified$/)
  })
})

it.each(['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'])(
  'verifies a token signed with %s',
  async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const { fetch } = keyServer({ ...(await exportJWK(publicKey)), kid: alg, alg })
    const claims = { iss: 'issuer', aud: 'audience', email: EMAIL, email_verified: true }
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg, kid: alg })
      .setIssuedAt(NOW / 1000)
      .setExpirationTime(NOW / 1000 + 60)
      .sign(privateKey)
    const one = oidcPush({ issuers: ['issuer'], jwksUrl: 'https://issuer.example/keys', audience: 'audience', fetch })
    expect(await outcome(one, [EMAIL], push(token))).toBe('verified')
  },
)

it('requires the time at which a token was issued', async () => {
  const token = await google.sign({ iat: undefined } as never)
  expect(await outcome(scheme(), [EMAIL], push(token))).toBe('token_mismatch')
})

it('checks its options', async () => {
  const jwksUrl = 'https://issuer.example/keys'
  for (const options of [
    { issuers: [], jwksUrl },
    { issuers: [' '], jwksUrl },
    { issuers: ['x', ''], jwksUrl },
    { issuers: ['x'], jwksUrl: 'http://issuer.example/keys' },
    { issuers: ['x'], jwksUrl: 'keys' },
  ]) {
    expect(await errorOf(() => oidcPush(options))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  }
  expect(googlePush().secretFault?.('a-secret')).toContain('e-mail')
  expect(googlePush().secretFault?.(EMAIL)).toBeUndefined()
})
