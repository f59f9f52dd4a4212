import { ConnectorError } from '@mcpclient/core/define'
import type { Verifier } from '@mcpclient/core/define'
import { decode } from '../verification/decoding.ts'
import type { Encoding } from '../verification/decoding.ts'
import { HASH_BYTES, utf8, verifyHmac } from '../verification/hmac-key.ts'
import type { HashName } from '../verification/hmac-key.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'
import { signedDeliveries } from './signed-delivery.ts'
import type { SignedContentOptions } from './signed-delivery.ts'

export interface HmacOptions extends SignedContentOptions {
  /** @default 'SHA-256' */
  readonly hash?: HashName | undefined
  /** The encoding of signatures; hex is in lower case. @default 'hex' */
  readonly encoding?: Encoding | undefined
  /** The encoding of secrets, after their prefix. @default 'utf8' */
  readonly secretEncoding?: 'utf8' | Encoding | undefined
  /** Stands before an encoded secret, such as `whsec_`, and may be left out. */
  readonly secretPrefix?: string | undefined
}

/**
 * Verifies an HMAC over the raw body, or over content that includes it.
 * @throws ConnectorError CONFIGURATION_ERROR for options that would verify less than they seem to
 */
export function hmac(options: HmacOptions): Verifier {
  const { hash = 'SHA-256', encoding = 'hex', secretEncoding = 'utf8' } = options
  if (!Object.hasOwn(HASH_BYTES, hash)) {
    throw new ConnectorError('CONFIGURATION_ERROR', `hmac() does not know the hash "${hash as string}".`, {
      hint: `Use ${Object.keys(HASH_BYTES).join(', ')}.`,
    })
  }
  const read = signedDeliveries(options)
  const form = options.secretPrefix === undefined ? secretEncoding : `${options.secretPrefix} and ${secretEncoding}`
  return {
    async verify(delivery, secrets) {
      const found = read(delivery)
      if (typeof found === 'string') return refused(found)
      const keys = secrets.flatMap((secret) => keyOf(secret, options) ?? [])
      if (keys.length === 0) return refused('secret_unusable')
      const signatures = found.signatures.flatMap((text) => decode(text, encoding) ?? [])
      const isComplete = signatures.length === found.signatures.length
      if (!isComplete || signatures.some(({ length }) => length !== HASH_BYTES[hash])) {
        return refused('signature_malformed')
      }
      for (const signature of signatures) {
        for (const key of keys) if (await verifyHmac(key, hash, signature, found.signed)) return VERIFIED
      }
      return refused('signature_mismatch')
    },
    secretFault: (secret) => (keyOf(secret, options) === undefined ? `must be ${form}` : undefined),
  }
}

/** Returns the key of a secret; undefined if it cannot be decoded or is empty. */
export function keyOf(
  secret: string,
  { secretEncoding = 'utf8', secretPrefix = '' }: HmacOptions,
): Uint8Array<ArrayBuffer> | undefined {
  const text = secret.startsWith(secretPrefix) ? secret.slice(secretPrefix.length) : secret
  const key = secretEncoding === 'utf8' ? utf8(secret) : decode(text, secretEncoding)
  return key === undefined || key.length === 0 ? undefined : key
}
