import type { Verifier } from '@mcpclient/core/define'
import { decode } from '../verification/decoding.ts'
import { derToRaw } from '../verification/der.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'
import { signedDeliveries } from './signed-delivery.ts'
import type { SignedContentOptions } from './signed-delivery.ts'

/** P-256 with SHA-256 is the one pair that a provider is known to use. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const INTEGER_BYTES = 32

/**
 * Verifies an ECDSA signature on P-256 with SHA-256, in base64 of strict DER. Secrets are the provider's public keys:
 * base64 SPKI, with or without PEM lines.
 *
 * Each valid signature has a second valid form, so a signature does not identify a delivery.
 * @throws ConnectorError CONFIGURATION_ERROR for options that would verify less than they seem to
 */
export function ecdsa(options: SignedContentOptions): Verifier {
  const read = signedDeliveries(options)
  return {
    async verify(delivery, secrets) {
      const found = read(delivery)
      if (typeof found === 'string') return refused(found)
      const signatures = found.signatures.map((text) => rawSignature(text))
      if (signatures.includes(undefined)) return refused('signature_malformed')
      const keys = (await Promise.all(secrets.map(publicKey))).filter((key) => key !== undefined)
      if (keys.length === 0) return refused('secret_unusable')
      for (const signature of signatures) {
        for (const key of keys) {
          if (signature && (await crypto.subtle.verify(ALGORITHM, key, signature, found.signed))) return VERIFIED
        }
      }
      return refused('signature_mismatch')
    },
    secretFault: (secret) =>
      spkiOf(secret) === undefined ? 'must be a public key on P-256: SPKI in base64, or PEM' : undefined,
  }
}

/**
 * Verifies SendGrid's Event Webhook. Secrets are verification keys, as SendGrid shows them.
 *
 * SendGrid repeats a delivery for 24 hours. It does not document whether each attempt has a new signature, so a delivery
 * may be 24 hours old. Recognize repeated events by `sg_event_id`.
 */
export const sendgrid = (window: Pick<SignedContentOptions, 'maxAgeMs' | 'maxLeadMs'> = {}): Verifier =>
  ecdsa({
    header: 'x-twilio-email-event-webhook-signature',
    content: '{timestamp}{body}',
    timestamp: { header: 'x-twilio-email-event-webhook-timestamp', unit: 's' },
    maxAgeMs: 86_400_000,
    ...window,
  })

function rawSignature(text: string): Uint8Array<ArrayBuffer> | undefined {
  const der = decode(text, 'base64')
  return der && derToRaw(der, INTEGER_BYTES)
}

async function publicKey(secret: string): Promise<CryptoKey | undefined> {
  const spki = spkiOf(secret)
  try {
    return spki && (await crypto.subtle.importKey('spki', spki, ALGORITHM, false, ['verify']))
  } catch {
    // The bytes are no point on the curve.
    return undefined
  }
}

/** The length of an SPKI that holds an uncompressed point on P-256. */
const SPKI_BYTES = 91

function spkiOf(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const spki = decode(secret.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  return spki?.length === SPKI_BYTES ? spki : undefined
}
