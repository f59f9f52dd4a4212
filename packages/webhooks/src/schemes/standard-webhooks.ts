import type { Verifier } from '@mcpclient/core/define'
import { decode } from '../verification/decoding.ts'
import { refused, VERIFIED } from '../verification/verdict.ts'
import { hmac } from './hmac.ts'
import { standardWebhooks as standardWebhooksOptions } from './preset-options.ts'
import { signedDeliveries } from './signed-delivery.ts'
import type { SignedContentOptions } from './signed-delivery.ts'

export interface StandardWebhooksOptions extends Pick<SignedContentOptions, 'maxAgeMs' | 'maxLeadMs'> {
  /** The start of the three header names: `webhook-id` or, for senders on Svix, `svix-id`. @default 'webhook' */
  readonly headers?: 'webhook' | 'svix' | undefined
}

const PUBLIC_KEY_PREFIX = 'whpk_'
const KEY_BYTES = 32
const SIGNATURE_BYTES = 64

/**
 * Verifies Standard Webhooks, as OpenAI and others send them. A secret `whsec_...` verifies signatures `v1`
 * (HMAC-SHA256), a public key `whpk_...` verifies signatures `v1a` (Ed25519).
 */
export function standardWebhooks({ headers = 'webhook', ...window }: StandardWebhooksOptions = {}): Verifier {
  const options = { ...standardWebhooksOptions(headers), ...window }
  const symmetric = hmac(options)
  const readAsymmetric = signedDeliveries({ ...options, prefix: 'v1a,' })
  const asymmetric: Verifier['verify'] = async (delivery, secrets) => {
    const found = readAsymmetric(delivery)
    if (typeof found === 'string') return refused(found)
    const signatures = found.signatures.flatMap((text) => decode(text, 'base64') ?? [])
    const isComplete = signatures.length === found.signatures.length
    if (!isComplete || signatures.some(({ length }) => length !== SIGNATURE_BYTES))
      return refused('signature_malformed')
    const keys = (await Promise.all(secrets.map(publicKey))).filter((key) => key !== undefined)
    if (keys.length === 0) return refused('secret_unusable')
    for (const signature of signatures) {
      for (const key of keys) {
        if (await crypto.subtle.verify('Ed25519', key, signature, found.signed)) return VERIFIED
      }
    }
    return refused('signature_mismatch')
  }
  return {
    async verify(delivery, secrets) {
      const [publicKeys, shared] = [true, false].map((isPublic) =>
        secrets.filter((secret) => secret.startsWith(PUBLIC_KEY_PREFIX) === isPublic),
      )
      const [firstKey, ...otherKeys] = publicKeys ?? []
      const [firstSecret, ...otherSecrets] = shared ?? []
      const bySecret =
        firstSecret === undefined ? undefined : await symmetric.verify(delivery, [firstSecret, ...otherSecrets])
      if (bySecret?.verified === true || firstKey === undefined) return bySecret ?? refused('secret_unusable')
      return asymmetric(delivery, [firstKey, ...otherKeys])
    },
    secretFault: (secret) => {
      if (!secret.startsWith(PUBLIC_KEY_PREFIX)) return symmetric.secretFault?.(secret)
      return keyBytes(secret) === undefined ? 'must be whpk_ and an Ed25519 key in base64' : undefined
    },
  }
}

function keyBytes(secret: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = decode(secret.slice(PUBLIC_KEY_PREFIX.length), 'base64')
  return bytes?.length === KEY_BYTES ? bytes : undefined
}

async function publicKey(secret: string): Promise<CryptoKey | undefined> {
  const bytes = keyBytes(secret)
  try {
    return bytes && (await crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify']))
  } catch {
    // The bytes are no point on the curve, or the runtime has no Ed25519.
    return undefined
  }
}
