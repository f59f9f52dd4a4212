import { ConnectorError } from '@mcpclient/core/define'
import type { Secrets, UnverifiedDelivery, Verifier } from '@mcpclient/core/define'
import { decode, toBase64Url } from '../verification/decoding.ts'
import { utf8Text } from '../verification/form.ts'
import { hmacKey, utf8, verifyHmac } from '../verification/hmac-key.ts'
import { MAX_TOKEN_LENGTH, refused } from '../verification/verdict.ts'

/**
 * A token is the channel's id, a dot, and an HMAC of the id. It needs no storage, proves its own channel only, and fits the
 * 128 characters that Microsoft allows.
 */
const TOKEN = /^([\w-]{1,64})\.([\w-]{43})$/

const signedText = (channel: string): Uint8Array<ArrayBuffer> => utf8(`webhook channel ${channel}`)

/** Makes the token of a channel with the first secret. */
export async function issueToken(channel: string, [secret]: Secrets): Promise<string> {
  if (!/^[\w-]{1,64}$/.test(channel)) {
    throw new ConnectorError('INVALID_INPUT', 'A channel id has 1 to 64 letters, digits, _ or -.', {
      hint: 'Use a UUID.',
    })
  }
  const mac = await crypto.subtle.sign('HMAC', await hmacKey(utf8(secret), 'SHA-256'), signedText(channel))
  return `${channel}.${toBase64Url(new Uint8Array(mac))}`
}

/** Returns the channel that a token names. It proves nothing unless the delivery is verified. */
export const channelOf = (token: string): string | undefined => TOKEN.exec(token)?.[1]

/** Returns whether a token was made with one of the secrets. */
export async function isIssued(token: string, secrets: Secrets): Promise<boolean> {
  const [, channel = '', text = ''] = TOKEN.exec(token) ?? []
  const mac = decode(text, 'base64url')
  if (mac === undefined) return false
  for (const secret of secrets) {
    if (secret !== '' && (await verifyHmac(utf8(secret), 'SHA-256', mac, signedText(channel)))) return true
  }
  return false
}

export interface ChannelTokenOptions {
  /** The header with the token. */
  readonly header: string
  /** The header with the id of the channel, which must be the token's own. */
  readonly channelHeader: string
}

/** Verifies a token that was made for one channel, and that the provider sends back in a header. */
export const channelToken = ({ header, channelHeader }: ChannelTokenOptions): Verifier => ({
  issueToken,
  async verify(delivery, secrets) {
    const token = delivery.header(header)
    if (token === undefined || token === '') return refused('token_missing')
    const channel = token.length > MAX_TOKEN_LENGTH ? undefined : channelOf(token)
    if (channel === undefined) return refused('token_malformed')
    const isOwn = delivery.header(channelHeader) === channel
    return isOwn && (await isIssued(token, secrets))
      ? { verified: true, channels: [channel] }
      : refused('token_mismatch')
  },
})

/** Verifies Google's watch channels (Calendar, Drive, Gmail without Pub/Sub): `X-Goog-Channel-Token`. */
export const googleChannel = (): Verifier =>
  channelToken({ header: 'x-goog-channel-token', channelHeader: 'x-goog-channel-id' })

/** Microsoft sends at most this many notifications at once; more are an attack on the processor. */
const MAX_NOTIFICATIONS = 1000

/** Verifies Microsoft Graph's change notifications: the `clientState` of each of them, which is a token of its channel. */
export const clientState = (): Verifier => ({
  issueToken,
  async verify(delivery, secrets) {
    const tokens = clientStates(delivery)
    if (typeof tokens === 'string') return refused(tokens)
    const distinct = [...new Set(tokens)]
    const channels = distinct.map((token) => channelOf(token))
    if (channels.includes(undefined)) return refused('token_malformed')
    for (const token of distinct) if (!(await isIssued(token, secrets))) return refused('token_mismatch')
    return { verified: true, channels: channels.filter((channel) => channel !== undefined) }
  },
})

function clientStates({ bytes }: UnverifiedDelivery): readonly string[] | 'body_malformed' | 'token_missing' {
  const notifications = notificationsIn(bytes)
  if (notifications === undefined) return 'body_malformed'
  const tokens = notifications.flatMap((each) => {
    const token = typeof each === 'object' && each !== null && 'clientState' in each ? each.clientState : undefined
    return typeof token === 'string' && token !== '' ? [token] : []
  })
  return tokens.length === notifications.length ? tokens : 'token_missing'
}

function notificationsIn(bytes: Uint8Array): readonly unknown[] | undefined {
  try {
    const body: unknown = JSON.parse(utf8Text(bytes) ?? '')
    if (typeof body !== 'object' || body === null || !('value' in body) || !Array.isArray(body.value)) return undefined
    const { length } = body.value
    return length > 0 && length <= MAX_NOTIFICATIONS ? (body.value as unknown[]) : undefined
  } catch {
    return undefined
  }
}
