import { createHash, createHmac, createSign, generateKeyPairSync, sign as signWith } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { Buffer } from 'node:buffer'
import type { Secrets, UnverifiedDelivery, Verifier } from '@mcpclient/core/define'
import * as schemes from '../src/schemes.ts'

export const NOW = 1_718_000_000_000

/** A request as a provider sends it. Signed with node:crypto, so nothing of the code under test signs for itself. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array<ArrayBuffer>
}

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text))

export const sent = (
  given: Partial<Omit<Sent, 'body'>> & { readonly body?: string | Uint8Array<ArrayBuffer> },
): Sent => ({
  method: 'POST',
  url: 'https://app.example/hooks/demo',
  headers: {},
  ...given,
  body: typeof given.body === 'string' ? bytesOf(given.body) : (given.body ?? bytesOf('')),
})

export const unverified = ({ method, url, headers, body }: Sent, now = NOW): UnverifiedDelivery => ({
  method,
  url,
  bytes: body,
  now,
  header: (name) => headers[name.toLowerCase()],
})

/** Returns `verified`, or the reason of a refusal. */
export async function outcome(scheme: Verifier, secrets: Secrets, request: Sent, now = NOW): Promise<string> {
  const verdict = await scheme.verify(unverified(request, now), secrets)
  return verdict.verified ? 'verified' : verdict.reason
}

type Hash = 'sha1' | 'sha256'
type Digest = 'hex' | 'base64' | 'base64url'

export const mac = (
  secret: string | Uint8Array,
  content: string | Uint8Array,
  digest: Digest = 'hex',
  hash: Hash = 'sha256',
): string => createHmac(hash, secret).update(content).digest(digest)

const beside = (text: string, body: Uint8Array, after = ''): Uint8Array =>
  Buffer.concat([Buffer.from(text), body, Buffer.from(after)])

export interface Message {
  readonly body: Uint8Array<ArrayBuffer>
  /** Milliseconds since 1970. */
  readonly at: number
  readonly id: string
}

export interface SchemeCase {
  readonly name: string
  readonly scheme: Verifier
  /** Two secrets of the scheme. */
  readonly secrets: readonly [string, string]
  /** Sends a message signed with the first secret or the second. */
  readonly send: (message: Message, secretAt?: 0 | 1) => Sent | Promise<Sent>
  /** The headers whose every bit counts. */
  readonly covered: readonly string[]
  /** Whether the signature covers the body. */
  readonly coversBody: boolean
  /** Whether a timestamp limits its age. */
  readonly timed?: boolean
  readonly body?: string
}

const seconds = (at: number): string => String(Math.floor(at / 1000))

/** HMAC schemes with one header and no timestamp. */
const plain = (
  name: string,
  scheme: Verifier,
  header: string,
  sign: (secret: string, body: Uint8Array) => string,
): SchemeCase => {
  const secrets = [`${name}-secret-1`, `${name}-secret-2`] as const
  return {
    name,
    scheme,
    secrets,
    covered: [header],
    coversBody: true,
    send: ({ body }, at = 0) => sent({ body, headers: { [header]: sign(secrets[at], body) } }),
  }
}

interface KeyPair {
  readonly publicKey: string
  readonly privateKey: KeyObject
}

const p256 = (): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { publicKey: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey }
}
const ed25519 = (): KeyPair => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  return { publicKey: `whpk_${raw.toString('base64')}`, privateKey }
}

const sendgridKeys = [p256(), p256()] as const
const edKeys = [ed25519(), ed25519()] as const

export const signedBySendgrid = (key: KeyObject, timestamp: string, body: Uint8Array): string =>
  createSign('sha256').update(beside(timestamp, body)).sign(key, 'base64')

const whsec = (seed: string): string => `whsec_${Buffer.from(seed.padEnd(32, '.')).toString('base64')}`

/** Returns the text that Twilio signs: the URL, and the fields sorted by name with their distinct values. */
export function twilioText(url: string, body: Uint8Array): string {
  const fields = new URLSearchParams(Buffer.from(body).toString())
  const names = [...new Set(fields.keys())].toSorted()
  return (
    url +
    names
      .map((name) =>
        [...new Set(fields.getAll(name))]
          .toSorted()
          .map((value) => name + value)
          .join(''),
      )
      .join('')
  )
}

const FORM = 'application/x-www-form-urlencoded'
const TEXT = 'Body=Hi+there%21+%F0%9F%98%8A&From=%2B15005550006&To=%2B15005550001'

export const CHANNEL = '0b6f3f0e-5a6f-4a56-9d57-8f0a1c1f2e3d'
const channelSecrets = ['channel-secret-1', 'channel-secret-2'] as const

export const cases: readonly SchemeCase[] = [
  plain('asana', schemes.asana(), 'x-hook-signature', (secret, body) => mac(secret, body)),
  plain('github', schemes.github(), 'x-hub-signature-256', (secret, body) => `sha256=${mac(secret, body)}`),
  plain('jira', schemes.jira(), 'x-hub-signature', (secret, body) => `sha256=${mac(secret, body)}`),
  plain('linkedin', schemes.linkedin(), 'x-li-signature', (secret, body) => mac(secret, beside('hmacsha256=', body))),
  plain('meta', schemes.meta(), 'x-hub-signature-256', (secret, body) => `sha256=${mac(secret, body)}`),
  plain('notion', schemes.notion(), 'x-notion-signature', (secret, body) => `sha256=${mac(secret, body)}`),
  plain('shopify', schemes.shopify(), 'x-shopify-hmac-sha256', (secret, body) => mac(secret, body, 'base64')),
  plain('base64url', schemes.hmac({ header: 'x-signature', encoding: 'base64url' }), 'x-signature', (secret, body) =>
    mac(secret, body, 'base64url'),
  ),
  {
    name: 'slack',
    scheme: schemes.slack(),
    secrets: ['slack-secret-1', 'slack-secret-2'],
    covered: ['x-slack-signature', 'x-slack-request-timestamp'],
    coversBody: true,
    timed: true,
    send: ({ body, at }, secretAt = 0) => {
      const timestamp = seconds(at)
      const signature = `v0=${mac(`slack-secret-${secretAt + 1}`, beside(`v0:${timestamp}:`, body))}`
      return sent({ body, headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature } })
    },
  },
  ...(
    [
      ['calendly', schemes.calendly(), 'calendly-webhook-signature'],
      ['stripe', schemes.stripe(), 'stripe-signature'],
    ] as const
  ).map(([name, scheme, header]): SchemeCase => ({
    name,
    scheme,
    secrets: [`${name}-secret-1`, `${name}-secret-2`],
    covered: [header],
    coversBody: true,
    timed: true,
    send: ({ body, at }, secretAt = 0) => {
      const signature = mac(`${name}-secret-${secretAt + 1}`, beside(`${seconds(at)}.`, body))
      return sent({ body, headers: { [header]: `t=${seconds(at)},v1=${signature}` } })
    },
  })),
  {
    name: 'hubspot',
    scheme: schemes.hubspot(),
    secrets: ['hubspot-secret-1', 'hubspot-secret-2'],
    covered: ['x-hubspot-signature-v3', 'x-hubspot-request-timestamp'],
    coversBody: true,
    timed: true,
    send: ({ body, at }, secretAt = 0) => {
      const url = 'https://app.example/hooks/hubspot?to=a%40b'
      const signed = beside('POSThttps://app.example/hooks/hubspot?to=a@b', body, String(at))
      const signature = mac(`hubspot-secret-${secretAt + 1}`, signed, 'base64')
      const headers = { 'x-hubspot-request-timestamp': String(at), 'x-hubspot-signature-v3': signature }
      return sent({ url, body, headers })
    },
  },
  {
    name: 'Standard Webhooks, HMAC',
    scheme: schemes.standardWebhooks(),
    secrets: [whsec('one'), whsec('two')],
    covered: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
    coversBody: true,
    timed: true,
    send: ({ body, at, id }, secretAt = 0) => {
      const key = Buffer.from(whsec(['one', 'two'][secretAt] ?? '').slice(6), 'base64')
      const signature = `v1,${mac(key, beside(`${id}.${seconds(at)}.`, body), 'base64')}`
      const headers = { 'webhook-id': id, 'webhook-timestamp': seconds(at), 'webhook-signature': signature }
      return sent({ body, headers })
    },
  },
  {
    name: 'Standard Webhooks, Ed25519',
    scheme: schemes.standardWebhooks({ headers: 'svix' }),
    secrets: [edKeys[0].publicKey, edKeys[1].publicKey],
    covered: ['svix-id', 'svix-timestamp', 'svix-signature'],
    coversBody: true,
    timed: true,
    send: ({ body, at, id }, secretAt = 0) => {
      const content = beside(`${id}.${seconds(at)}.`, body)
      const signature = `v1a,${signWith(undefined, content, edKeys[secretAt].privateKey).toString('base64')}`
      return sent({ body, headers: { 'svix-id': id, 'svix-timestamp': seconds(at), 'svix-signature': signature } })
    },
  },
  {
    name: 'sendgrid',
    scheme: schemes.sendgrid(),
    secrets: [sendgridKeys[0].publicKey, sendgridKeys[1].publicKey],
    covered: ['x-twilio-email-event-webhook-signature', 'x-twilio-email-event-webhook-timestamp'],
    coversBody: true,
    timed: true,
    send: ({ body, at }, secretAt = 0) => {
      const timestamp = seconds(at)
      const signature = signedBySendgrid(sendgridKeys[secretAt].privateKey, timestamp, body)
      const headers = {
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      }
      return sent({ body, headers })
    },
  },
  {
    name: 'twilio, form',
    scheme: schemes.twilio(),
    secrets: ['twilio-token-1', 'twilio-token-2'],
    covered: ['x-twilio-signature'],
    coversBody: true,
    body: TEXT,
    send: ({ body }, secretAt = 0) => {
      const url = 'https://app.example/hooks/twilio?room=1'
      const signature = mac(`twilio-token-${secretAt + 1}`, twilioText(url, body), 'base64', 'sha1')
      return sent({ url, body, headers: { 'content-type': FORM, 'x-twilio-signature': signature } })
    },
  },
  {
    name: 'twilio, JSON',
    scheme: schemes.twilio({ hash: 'SHA-256' }),
    secrets: ['twilio-key-1', 'twilio-key-2'],
    covered: ['x-twilio-signature'],
    coversBody: true,
    send: ({ body }, secretAt = 0) => {
      const url = `https://app.example/hooks/twilio?bodySHA256=${sha256(body)}`
      const signature = mac(`twilio-key-${secretAt + 1}`, url, 'base64')
      return sent({ url, body, headers: { 'content-type': 'application/json', 'x-twilio-signature': signature } })
    },
  },
  {
    name: 'mandrill',
    scheme: schemes.mandrill(),
    secrets: ['mandrill-key-1', 'mandrill-key-2'],
    covered: ['x-mandrill-signature'],
    coversBody: true,
    body: 'mandrill_events=%5B%7B%22event%22%3A%22send%22%7D%5D&zone=eu',
    send: ({ body }, secretAt = 0) => {
      const url = 'https://app.example/hooks/mandrill'
      const signature = mac(`mandrill-key-${secretAt + 1}`, twilioText(url, body), 'base64', 'sha1')
      return sent({ url, body, headers: { 'x-mandrill-signature': signature } })
    },
  },
  {
    name: 'shared token in a header',
    scheme: schemes.sharedToken({ header: 'x-gitlab-token' }),
    secrets: ['token-1-of-gitlab', 'token-2-of-gitlab'],
    covered: ['x-gitlab-token'],
    coversBody: false,
    send: ({ body }, secretAt = 0) => sent({ body, headers: { 'x-gitlab-token': `token-${secretAt + 1}-of-gitlab` } }),
  },
  {
    name: 'channel token',
    scheme: schemes.googleChannel(),
    secrets: channelSecrets,
    covered: ['x-goog-channel-token', 'x-goog-channel-id'],
    coversBody: false,
    send: async ({ body }, secretAt = 0) => {
      const token = await schemes.googleChannel().issueToken?.(CHANNEL, [channelSecrets[secretAt]])
      return sent({ body, headers: { 'x-goog-channel-id': CHANNEL, 'x-goog-channel-token': token ?? '' } })
    },
  },
]

export function sha256(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex')
}
