import { errorOf } from '@mcpclient/testing'
import { activeSecrets, verifyRequest } from '@mcpclient/webhooks'
import * as schemes from '@mcpclient/webhooks/schemes'
import { signedRequest } from '@mcpclient/webhooks/testing'
import type { SigningScheme } from '@mcpclient/webhooks/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { message, SECRET, setUp } from './scene.ts'

const url = 'https://app.example/hooks/x?a=1'
const address = 'https://app.example/hooks/x'
const THEN = 1_800_000_000_000
const own = {
  header: 'acme-signature',
  hash: 'SHA-512',
  encoding: 'base64url',
  content: '{method} {url} {id}.{timestamp}.{body}',
  timestamp: { header: 'acme-time', unit: 'ms' },
  idHeader: 'acme-id',
} as const

const cases = {
  asana: schemes.asana(),
  calendly: schemes.calendly(),
  github: schemes.github(),
  jira: schemes.jira(),
  linkedin: schemes.linkedin(),
  meta: schemes.meta(),
  notion: schemes.notion(),
  shopify: schemes.shopify(),
  slack: schemes.slack(),
  standardWebhooks: schemes.standardWebhooks(),
  stripe: schemes.stripe(),
  googleChannel: schemes.googleChannel(),
}

describe.each([...Object.entries(cases), ['own', schemes.hmac(own)] as const])(
  'signedRequest for %s',
  (name, verifier) => {
    const scheme = (name === 'own' ? own : name) as SigningScheme
    const secret = name === 'standardWebhooks' ? `whsec_${btoa('a'.repeat(32))}` : 'a-secret'
    const other = name === 'standardWebhooks' ? `whsec_${btoa('b'.repeat(32))}` : 'another-secret'
    const verify = async (request: Request, active = secret, now = Date.now()) =>
      verifyRequest(request, { scheme: verifier, secrets: activeSecrets(active, verifier), address, now: () => now })
    const sign = (change: object = {}) =>
      signedRequest({ scheme, secret, url, body: { text: 'Grüße 😊' }, channel: 'c1', ...change })

    it('makes a delivery that verifies, and that another secret does not', async () => {
      const result = await verify(await sign())
      expect(result).toMatchObject({ verified: true })
      if (result.verified) expect(result.delivery.json(z.unknown())).toEqual({ text: 'Grüße 😊' })
      expect(await verify(await sign(), other)).toMatchObject({ verified: false })
    })

    it('signs at the time, with the headers, and the body that are passed', async () => {
      expect(await verify(await sign({ now: THEN, headers: { 'x-more': '1' } }), secret, THEN)).toMatchObject({
        verified: true,
      })
      for (const body of ['text', new Uint8Array([0, 255]), new URLSearchParams({ a: '1' }), undefined]) {
        expect(await verify(await sign({ body }))).toMatchObject({ verified: true })
      }
    })
  },
)

it('refuses a secret that the scheme cannot use, and a channel that is missing', async () => {
  expect(await errorOf(signedRequest({ scheme: 'standardWebhooks', secret: 'whsec_?', url }))).toMatchObject({
    code: 'INVALID_INPUT',
  })
  expect(await errorOf(signedRequest({ scheme: 'googleChannel', secret: 'a', url }))).toMatchObject({
    code: 'INVALID_INPUT',
  })
})

it('is received, unless a header of the scheme is replaced', async () => {
  const scene = await setUp()
  const options = {
    scheme: 'slack',
    secret: SECRET,
    url: 'https://app.example/hooks/chat',
    body: message('E1'),
  } as const
  const now = scene.clock.now()
  expect((await scene.hooks.receive(await signedRequest({ ...options, now }))).status).toBe(200)
  const headers = { 'x-slack-signature': `v0=${'0'.repeat(64)}` }
  expect((await scene.hooks.receive(await signedRequest({ ...options, now, headers }))).status).toBe(401)
})
