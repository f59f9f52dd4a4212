import type { Handshake } from '@mcpclient/core/define'
import * as z from 'zod'
import { bytesOf, hmacHex, keyOf } from './hmac.ts'

/** The text whose HMAC is the verify token. */
const PURPOSE = 'hub.verify_token'

/**
 * Returns the "verify token" to enter in the app dashboard. It is derived from the app secret, which it does not reveal, so
 * there is nothing to store.
 * @param appSecret the app secret, which is also the `signingSecret` of the connector
 */
export const verifyToken = (appSecret: string): Promise<string> => hmacHex(appSecret, PURPOSE)

/**
 * Responds to the request with which Meta checks the address: the challenge, if the verify token is the one of
 * {@link verifyToken}.
 *
 * Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export const hubHandshake: Handshake = {
  proof: 'secret',
  async respond({ method, url }, secrets) {
    const { searchParams } = new URL(url)
    const challenge = searchParams.get('hub.challenge')
    if (method !== 'GET' || searchParams.get('hub.mode') !== 'subscribe' || challenge === null) return undefined
    const token = bytesInHex(searchParams.get('hub.verify_token') ?? '')
    const matches = await Promise.all(
      secrets.map(async (secret) => crypto.subtle.verify('HMAC', await keyOf(secret), token, bytesOf(PURPOSE))),
    )
    return matches.includes(true) ? { text: challenge } : undefined
  },
}

const bytesInHex = (text: string): Uint8Array<ArrayBuffer> =>
  /^(?:[\da-f]{2})+$/.test(text)
    ? Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
    : new Uint8Array()

/** The envelope of a delivery: several entries, each with several changes. */
export const Delivered = z.object({
  object: z.string(),
  entry: z.array(
    z.object({
      id: z.string(),
      time: z.number().optional(),
      changes: z.array(z.object({ field: z.string(), value: z.unknown() })).default([]),
    }),
  ),
})
