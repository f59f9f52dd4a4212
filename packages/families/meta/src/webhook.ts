import type { Delivery, Handshake, Notice } from '@mcpclient/core/define'
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

/**
 * Milliseconds for which Meta repeats a delivery: 36 hours. Some products document a longer time.
 *
 * Source: https://developers.facebook.com/docs/graph-api/webhooks/getting-started
 */
export const RETRIES_FOR_MS = 129_600_000

const Envelope = z.object({ object: z.string() })

type Fields = Readonly<Record<string, z.ZodType>>

/** A change of one field: the id of the account that it is about, the time of its entry, and its value. */
export type Change<Of extends Fields> = {
  readonly [Field in keyof Of]: {
    readonly account: string
    /** Seconds since 1970. */
    readonly time: number | undefined
    readonly field: Field
    readonly value: z.output<Of[Field]>
  }
}[keyof Of]

/** Returns the schema of a delivery: several entries, each with several changes. Changes of other fields are dropped. */
const deliveryOf = <Of extends Fields>(fields: Of) => {
  const Wanted = z.object({ field: z.string(), value: z.unknown() }).transform(({ field, value }, context) => {
    const schema = Object.hasOwn(fields, field) ? fields[field] : undefined
    if (schema === undefined) return undefined
    const { success, data, error } = schema.safeParse(value)
    if (success) return { field, value: data }
    for (const { path, message } of error.issues) {
      context.addIssue({ code: 'custom', path: ['value', ...path], message })
    }
    return z.NEVER
  })
  const Entry = z.object({ id: z.string(), time: z.number().optional(), changes: z.array(Wanted).default([]) })
  return z.object({
    entry: z.array(
      Entry.transform(({ id: account, time, changes }) =>
        changes.flatMap((change) => (change === undefined ? [] : [{ account, time, ...change } as Change<Of>])),
      ),
    ),
  })
}

/**
 * Returns the function that reads deliveries about one kind of object, for `webhook({ read })`.
 * @param object the kind, such as `page`
 * @param fields the schema of the value of each field to read
 * @param noticesOf returns the notices of a change
 */
export function readChanges<const Of extends Fields, Found extends Notice>(
  object: string,
  fields: Of,
  noticesOf: (change: Change<Of>) => Found | readonly Found[],
): (delivery: Delivery) => readonly Found[] | { readonly ignore: string } {
  const Delivered = deliveryOf(fields)
  return ({ json }) => {
    const { object: other } = json(Envelope)
    if (other !== object) return { ignore: `deliveries about the object ${other}` }
    const changes = json(Delivered).entry.flat()
    if (changes.length > 0) return changes.flatMap((change) => noticesOf(change))
    return { ignore: `changes of other fields than ${Object.keys(fields).join(' and ')}` }
  }
}
