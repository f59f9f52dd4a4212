import type { UnverifiedDelivery, Verifier } from '@mcpclient/core/define'
import { toHex } from '../verification/decoding.ts'
import { readForm } from '../verification/form.ts'
import type { Field } from '../verification/form.ts'
import { equalInConstantTime } from '../verification/hmac-key.ts'
import { refused } from '../verification/verdict.ts'
import { verifyUrlSignature } from './url-signature.ts'

export interface TwilioOptions {
  /** `SHA-1` for the auth token, `SHA-256` for a shared key of webhooks. @default 'SHA-1' */
  readonly hash?: 'SHA-1' | 'SHA-256' | undefined
}

/**
 * Verifies Twilio: `X-Twilio-Signature` over the public URL and, behind it, the fields of a form or the `bodySHA256` of any
 * other body. The secret is the auth token.
 *
 * Twilio signs no timestamp, and joins names and values without separators: recognize repeated deliveries by their
 * content, such as `MessageSid`.
 */
export const twilio = ({ hash = 'SHA-1' }: TwilioOptions = {}): Verifier => ({
  async verify(delivery, secrets) {
    const query = queryOf(delivery.url)
    const digest = new URLSearchParams(query).get('bodySHA256')
    const fields = digest === null ? readFields(delivery) : []
    if (fields === undefined) return refused('body_malformed')
    const text = fieldText(fields)
    const urls = spellings(delivery.url, query)
    const verdict = await verifyUrlSignature(
      delivery.header('x-twilio-signature'),
      urls.map((url) => url + text),
      secrets,
      hash,
    )
    if (!verdict.verified || digest === null) return verdict
    return (await hasDigest(delivery.bytes, digest)) ? verdict : refused('body_mismatch')
  },
})

/** Returns the signed fields. A body that is neither a form nor hashed in the URL would not be signed. */
function readFields({ bytes, header }: UnverifiedDelivery): readonly Field[] | undefined {
  if (bytes.length > 0 && !/^application\/x-www-form-urlencoded\b/i.test(header('content-type') ?? '')) return undefined
  return readForm(bytes)
}

/** Joins the fields, sorted by name. Of a repeated field each value counts once. */
function fieldText(fields: readonly Field[]): string {
  const values = Map.groupBy(fields, ([name]) => name)
  return [...values.keys()]
    .toSorted()
    .flatMap((name) => {
      const distinct = new Set(values.get(name)?.map(([, value]) => value))
      return [...distinct].toSorted().map((value) => name + value)
    })
    .join('')
}

async function hasDigest(bytes: Uint8Array<ArrayBuffer>, expected: string): Promise<boolean> {
  const digest = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  return equalInConstantTime(digest, expected)
}

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

/**
 * Returns the URLs that Twilio may have signed: without a port and with one, with the query as it arrived and reencoded.
 * A server sees some characters of the query encoded that Twilio signs as they were entered.
 */
function spellings(url: string, query: string): readonly string[] {
  const [, scheme = '', host = '', port = '', path = ''] =
    /^(https?:\/\/)([^/?#:]*|\[[^\]]*\])(:\d+)?([/?#].*)?$/i.exec(url) ?? []
  if (scheme === '') return [url]
  const standardPort = scheme.toLowerCase() === 'https://' ? ':443' : ':80'
  const paths = query === '' ? [path] : [path, `${path.slice(0, path.indexOf('?') + 1)}${reencoded(query)}`]
  return [...new Set(paths)].flatMap((each) => [scheme + host + each, scheme + host + (port || standardPort) + each])
}

/** Encodes each name and value of a query again; values of a repeated name move behind the first. */
function reencoded(query: string): string {
  const pairs = Map.groupBy(new URLSearchParams(query), ([name]) => name)
  return [...pairs.values()]
    .flat()
    .map((pair) => pair.map((part) => encodeURIComponent(part)).join('='))
    .join('&')
}
