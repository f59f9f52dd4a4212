import { gzipSync, deflateSync, brotliCompressSync } from 'node:zlib'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Verifier } from '@mcpclient/core/define'
import { activeSecrets, verifyRequest } from '../src/index.ts'
import type { VerifiedRequest } from '../src/index.ts'
import * as schemes from '../src/schemes.ts'
import { bytesOf, mac, NOW } from './sent.ts'

const SECRET = 'It is a secret'
const ADDRESS = 'https://app.example/hooks/github'
const secrets = activeSecrets(SECRET)

interface Given {
  readonly body?: string | Uint8Array<ArrayBuffer>
  /** The bytes that are signed. Null: there is no signature. */
  readonly signed?: string | Uint8Array | null
  readonly headers?: Readonly<Record<string, string>>
  readonly scheme?: Verifier
  readonly maxBytes?: number
}

const requestOf = ({ body = '{}', signed = body, headers }: Given): Request =>
  new Request('http://10.0.0.7:3000/internal', {
    method: 'POST',
    body,
    headers: { 'X-HUB-Signature-256': signed === null ? '' : `sha256=${mac(SECRET, signed)}`, ...headers },
  })

const verify = (given: Given): Promise<VerifiedRequest> =>
  verifyRequest(requestOf(given), {
    scheme: given.scheme ?? schemes.github(),
    secrets,
    address: ADDRESS,
    now: () => NOW,
    ...(given.maxBytes !== undefined && { maxBytes: given.maxBytes }),
  })

async function delivered(given: Given) {
  const result = await verify(given)
  if (!result.verified) throw new Error(result.reason)
  return result.delivery
}

describe('verifyRequest()', () => {
  it('opens a verified request', async () => {
    const delivery = await delivered({ body: '{"a":1}', headers: { 'X-GitHub-Event': 'push' } })
    expect(delivery.header('x-github-event')).toBe('push')
    expect(delivery.header('x-absent', '0')).toBe('0')
    expect(delivery.json(z.object({ a: z.number() }))).toEqual({ a: 1 })
    expect(delivery.bytes).toEqual(bytesOf('{"a":1}'))
    expect(await errorOf(() => delivery.header('x-absent'))).toMatchObject({ code: 'INVALID_INPUT' })
    const issue = await errorOf(() => delivery.json(z.object({ a: z.string() })))
    expect(issue.details.issues).toMatchObject([{ path: 'a' }])
  })

  it('refuses the others with the status to respond with', async () => {
    expect(await verify({ signed: 'other' })).toEqual({ verified: false, status: 401, reason: 'signature_mismatch' })
    expect(await verify({ signed: null })).toEqual({ verified: false, status: 401, reason: 'signature_missing' })
    const unreachable = schemes.googlePush({ fetch: () => Promise.reject(new TypeError('offline')) })
    expect(await verify({ scheme: unreachable, headers: { authorization: 'Bearer a.b.cd' } })).toMatchObject({
      status: 401,
    })
    expect(await verify({ scheme: unreachable, headers: { authorization: 'Bearer a.b.AAAA' } })).toEqual({
      verified: false,
      status: 503,
      reason: 'keys_unavailable',
    })
  })

  it.each([
    ['{ "a" : 1 }'],
    ['{"a":"\\/"}'],
    ['{"a":1.0}'],
    ['{"2":1,"1":2}'],
    ['{"a":1,"a":2}'],
    ['{"a":1e400}'],
    ['not JSON'],
    [''],
  ])('W1: verifies the bytes, and not what they parse to: %s', async (body) => {
    expect(await verify({ body })).toMatchObject({ verified: true })
    if (body.startsWith('{')) {
      const again = JSON.stringify(JSON.parse(body))
      expect(await verify({ body, signed: again })).toMatchObject({ verified: false })
    }
  })

  it('W2: verifies before it decodes, and reports what is not UTF-8', async () => {
    expect((await delivered({ body: '{"a":"\u{1F60A}"}' })).json(z.object({ a: z.string() }))).toEqual({
      a: '\u{1F60A}',
    })
    const marked = await delivered({ body: '\uFEFF{"a":1}' })
    expect(marked.json(z.object({ a: z.number() }))).toEqual({ a: 1 })
    expect(marked.bytes.slice(0, 3)).toEqual(Uint8Array.of(0xef, 0xbb, 0xbf))
    const latin1 = Uint8Array.from(Buffer.from('{"a":"\u00E9"}', 'latin1'))
    const headers = { 'content-type': 'application/json; charset=iso-8859-1' }
    const delivery = await delivered({ body: latin1, headers })
    expect(await errorOf(() => delivery.json(z.unknown()))).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await errorOf(() => delivery.form(z.unknown()))).toMatchObject({ code: 'INVALID_INPUT' })
    const text = await delivered({ body: 'not JSON, with a secret' })
    expect((await errorOf(() => text.json(z.unknown()))).message).not.toContain('secret')
  })

  it('reads a form', async () => {
    const delivery = await delivered({ body: 'payload=%7B%7D&a=1&a=2&__proto__=x' })
    const values = delivery.form(z.looseObject({ payload: z.string(), a: z.array(z.string()) }))
    expect(values).toMatchObject({ payload: '{}', a: ['1', '2'] })
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })

  it('W4: finds headers in any case, and refuses two signatures', async () => {
    const request = requestOf({})
    request.headers.append('x-hub-signature-256', `sha256=${mac(SECRET, '{}')}`)
    const options = { scheme: schemes.github(), secrets, address: ADDRESS }
    expect(await verifyRequest(request, options)).toMatchObject({ status: 401, reason: 'signature_malformed' })
  })

  it('W20: takes the address that the host composed, never the one of the request or a forwarded one', async () => {
    const signed = (url: string) => mac(SECRET, url, 'base64', 'sha1')
    const judge = (url: string) =>
      verifyRequest(
        new Request('http://10.0.0.7:3000/internal?room=1', {
          method: 'POST',
          headers: {
            'x-twilio-signature': signed(url),
            host: 'evil.example',
            'x-forwarded-host': 'evil.example',
            'x-forwarded-proto': 'https',
            forwarded: 'host=evil.example;proto=https',
          },
        }),
        { scheme: schemes.twilio(), secrets, address: 'https://app.example:8443/hooks' },
      )
    expect(await judge('https://app.example:8443/hooks?room=1')).toMatchObject({ verified: true })
    for (const url of [
      'http://10.0.0.7:3000/internal?room=1',
      'https://evil.example/hooks?room=1',
      'https://app.example:8443/hooks',
    ]) {
      expect(await judge(url)).toMatchObject({ verified: false, reason: 'signature_mismatch' })
    }
  })

  it('returns the channels of a token', async () => {
    const scheme = schemes.googleChannel()
    const token = (await scheme.issueToken?.('channel-1', secrets)) ?? ''
    const headers = { 'x-goog-channel-id': 'channel-1', 'x-goog-channel-token': token }
    expect(await verify({ scheme, headers })).toMatchObject({ verified: true, channels: ['channel-1'] })
  })

  it('takes an address with a secret from a function', async () => {
    const request = new Request('http://10.0.0.7/hooks/s3cret', { method: 'POST' })
    const address = ({ url }: Request) => `https://app.example${new URL(url).pathname}`
    const options = { scheme: schemes.pathSecret(), secrets: activeSecrets('s3cret'), address }
    expect(await verifyRequest(request, options)).toMatchObject({ verified: true })
  })

  it.each(['app.example/hooks', '', 'https://app.example/hooks?a=1', 'https://app.example/hooks#x'])(
    'refuses the address "%s"',
    async (address) => {
      const options = { scheme: schemes.github(), secrets, address }
      expect(await errorOf(verifyRequest(requestOf({}), options))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    },
  )

  it('refuses a request whose body was parsed before', async () => {
    const request = requestOf({})
    await request.json()
    const options = { scheme: schemes.github(), secrets, address: ADDRESS }
    expect(await errorOf(verifyRequest(request, options))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })
})

describe('W3: a compressed body', () => {
  const plain = '{"a":1}'
  const gzipped = new Uint8Array(gzipSync(plain))
  const gzip = { 'content-encoding': 'gzip' }
  const decompressed: Verifier = { ...schemes.github(), signedBytes: 'decompressed' }

  it('is verified as it arrives, and read without its compression', async () => {
    const delivery = await delivered({ body: gzipped, headers: gzip })
    expect(delivery.bytes).toEqual(bytesOf(plain))
    expect(await verify({ body: gzipped, signed: plain, headers: gzip })).toMatchObject({
      reason: 'signature_mismatch',
    })
  })

  it('is verified without its compression if the scheme signs that', async () => {
    for (const [name, body] of [
      ['gzip', gzipped],
      ['GZIP', gzipped],
      ['x-gzip', gzipped],
      ['deflate', new Uint8Array(deflateSync(plain))],
    ] as const) {
      const given = { body, signed: plain, headers: { 'content-encoding': name }, scheme: decompressed }
      expect((await delivered(given)).bytes).toEqual(bytesOf(plain))
    }
    expect(await verify({ body: gzipped, headers: gzip, scheme: decompressed })).toMatchObject({ verified: false })
  })

  it('may have been decompressed by a proxy that left the header', async () => {
    for (const scheme of [decompressed, schemes.github()]) {
      expect((await delivered({ body: plain, headers: gzip, scheme })).bytes).toEqual(bytesOf(plain))
    }
  })

  it('is refused if it is broken', async () => {
    for (const body of [gzipped.slice(0, -9), Uint8Array.of(...gzipped, 1, 2, 3), Uint8Array.of(0x1f, 0x8b, 1)]) {
      expect(await verify({ body, headers: gzip })).toEqual({ verified: false, status: 400, reason: 'body_unreadable' })
    }
  })

  it.each(['br', 'zstd', 'gzip, gzip', 'compress', 'nonsense'])('is refused in the encoding %s', async (name) => {
    const body = new Uint8Array(brotliCompressSync(plain))
    const headers = { 'content-encoding': name }
    expect(await verify({ body, headers })).toEqual({ verified: false, status: 415, reason: 'encoding_unsupported' })
  })

  it('is refused if it grows beyond the limit', async () => {
    const bomb = new Uint8Array(gzipSync(new Uint8Array(20_000_000)))
    expect(bomb.length).toBeLessThan(100_000)
    expect(await verify({ body: bomb, headers: gzip })).toEqual({
      verified: false,
      status: 413,
      reason: 'body_too_large',
    })
  })

  it('is refused if it is too large as it arrives', async () => {
    expect(await verify({ body: 'x'.repeat(1_048_576) })).toMatchObject({ verified: true })
    expect(await verify({ body: 'x'.repeat(1_048_577) })).toMatchObject({ status: 413 })
    expect(await verify({ body: 'x'.repeat(11), maxBytes: 10 })).toMatchObject({ status: 413 })
    const exact = { 'content-length': '10' }
    expect(await verify({ body: 'x'.repeat(10), headers: exact, maxBytes: 10 })).toMatchObject({ verified: true })
    const declared = { 'content-length': '11' }
    expect(await verify({ body: 'x', headers: declared, maxBytes: 10 })).toMatchObject({ status: 413 })
  })

  it('is refused if the sender hangs up', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('reset'))
      },
    })
    const request = new Request(ADDRESS, { method: 'POST', body, duplex: 'half' } as RequestInit)
    const options = { scheme: schemes.github(), secrets, address: ADDRESS }
    expect(await verifyRequest(request, options)).toEqual({ verified: false, status: 400, reason: 'body_unreadable' })
  })
})
