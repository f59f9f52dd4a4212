import { ConnectorError } from '@mcpclient/core'
import { googleChannel } from './schemes/channel-token.ts'
import { keyOf } from './schemes/hmac.ts'
import type { HmacOptions } from './schemes/hmac.ts'
import * as presets from './schemes/preset-options.ts'
import { readContent } from './verification/content.ts'
import { toBase64, toBase64Url, toHex } from './verification/decoding.ts'
import { hmacKey, utf8 } from './verification/hmac-key.ts'

const { standardWebhooks, ...others } = presets
const schemes = { ...others, standardWebhooks: standardWebhooks('webhook') } satisfies Record<string, HmacOptions>

/** A scheme by its name, or the options of `hmac()` for another provider. */
export type SigningScheme = keyof typeof schemes | 'googleChannel' | HmacOptions

export interface SignedRequestOptions {
  readonly scheme: SigningScheme
  /** The secret to sign with: another one than the host's makes a forged delivery. */
  readonly secret: string
  /** The public URL that the provider calls. */
  readonly url: string
  /** A string, bytes and a form are sent as they are, anything else as JSON. @default no body */
  readonly body?: unknown
  /** Further headers, or other ones than those of the scheme. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** @default 'POST' */
  readonly method?: string | undefined
  /** The time of signing, in milliseconds since 1970. @default Date.now() */
  readonly now?: number | undefined
  /** The id of the delivery, if the scheme signs one. @default a UUID */
  readonly id?: string | undefined
  /** The id of the channel of `googleChannel`, as the request that created it holds it. */
  readonly channel?: string | undefined
}

/**
 * Makes a delivery that is signed like one of a provider, to pass to `receive()` or `verifyRequest()`.
 * @throws ConnectorError INVALID_INPUT for a secret that the scheme cannot use, or `googleChannel` without a channel
 *
 * @example
 * const request = await signedRequest({ scheme: 'slack', secret, url: 'https://app.example/hooks/slack', body: { type: 'x' } })
 * expect((await hooks.receive(request)).status).toBe(200)
 */
export async function signedRequest(options: SignedRequestOptions): Promise<Request> {
  const { scheme, url, method = 'POST', now = Date.now(), id = crypto.randomUUID() } = options
  const { bytes, type } = contentOf(options.body)
  const headers = new Headers(type === undefined ? {} : { 'content-type': type })
  const proof =
    scheme === 'googleChannel'
      ? await channelHeaders(options)
      : await signatureHeaders(typeof scheme === 'string' ? schemes[scheme] : scheme, {
          url,
          method,
          now,
          id,
          bytes,
          secret: options.secret,
        })
  for (const [name, value] of [...Object.entries(proof), ...Object.entries(options.headers ?? {})]) {
    headers.set(name, value)
  }
  return new Request(url, { method, headers, ...(bytes.length > 0 && { body: bytes }) })
}

interface Signed {
  readonly url: string
  readonly method: string
  readonly now: number
  readonly id: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly secret: string
}

async function signatureHeaders(options: HmacOptions, signed: Signed): Promise<Record<string, string>> {
  const {
    header,
    prefix = '',
    separator = '',
    timestamp,
    idHeader,
    hash = 'SHA-256',
    signedUrl = (url) => url,
  } = options
  const key = keyOf(signed.secret, options)
  if (key === undefined) throw unusable('The secret does not fit the scheme.', 'Pass one in the form of the provider.')
  const time = String(timestamp?.unit === 'ms' ? signed.now : Math.floor(signed.now / 1000))
  const { method, id, bytes } = signed
  const values = { method, url: signedUrl(signed.url), timestamp: time, id }
  const content = readContent(options.content ?? '{body}').bytes(bytes, values)
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', await hmacKey(key, hash), content))
  const signature = prefix + encoders[options.encoding ?? 'hex'](mac)
  const isBeside = timestamp !== undefined && 'prefix' in timestamp
  return {
    ...(timestamp !== undefined && 'header' in timestamp && { [timestamp.header]: time }),
    ...(idHeader !== undefined && { [idHeader]: id }),
    [header]: isBeside ? timestamp.prefix + time + separator + signature : signature,
  }
}

const encoders = { hex: toHex, base64: toBase64, base64url: toBase64Url }

async function channelHeaders({ channel, secret }: SignedRequestOptions): Promise<Record<string, string>> {
  if (channel === undefined) throw unusable('googleChannel needs a channel.', 'Pass the id of the channel.')
  const token = (await googleChannel().issueToken?.(channel, [secret])) ?? ''
  return { 'x-goog-channel-id': channel, 'x-goog-channel-token': token, 'x-goog-resource-state': 'exists' }
}

function contentOf(body: unknown): { readonly bytes: Uint8Array<ArrayBuffer>; readonly type?: string } {
  if (body === undefined) return { bytes: new Uint8Array() }
  if (body instanceof Uint8Array) return { bytes: new Uint8Array(body) }
  if (typeof body === 'string') return { bytes: utf8(body) }
  if (body instanceof URLSearchParams) {
    return { bytes: utf8(body.toString()), type: 'application/x-www-form-urlencoded' }
  }
  return { bytes: utf8(JSON.stringify(body)), type: 'application/json' }
}

const unusable = (message: string, hint: string): ConnectorError =>
  new ConnectorError('INVALID_INPUT', message, { hint })
