import type { Grant } from '../auth/grant.ts'
import type { CredentialFields } from '../auth/credential-fields.ts'
import { toBase64Url } from '../encoding/base64.ts'

interface Holder {
  readonly credential: Readonly<Record<string, string>>
  readonly grant?: Grant | undefined
}

/** A shorter secret may be a password, and a fingerprint lets a guess be checked. */
const MIN_SECRET_LENGTH = 16
/** 48 bits are enough to distinguish keys on a screen. */
const FINGERPRINT_BYTES = 6

const known = new WeakMap<Holder, Promise<string | undefined>>()

/**
 * Returns a short hash that identifies a credential on a screen or in an audit entry without revealing it. It is the hash
 * of the refresh token, else of the access token, else of the last required secret that was entered.
 * @returns undefined if the secret is too short
 */
export function credentialFingerprint(holder: Holder, fields: CredentialFields): Promise<string | undefined> {
  const before = known.get(holder)
  if (before !== undefined) return before
  const made = fingerprint(secretOf(holder, fields))
  known.set(holder, made)
  return made
}

async function fingerprint(secret: string | undefined): Promise<string | undefined> {
  if (secret === undefined || secret.length < MIN_SECRET_LENGTH) return undefined
  const digest = await globalThis.crypto.subtle.digest('SHA-256', new TextEncoder().encode(secret))
  return toBase64Url(new Uint8Array(digest, 0, FINGERPRINT_BYTES))
}

function secretOf({ credential, grant }: Holder, fields: CredentialFields): string | undefined {
  if (grant !== undefined) return grant.refreshToken ?? grant.accessToken
  const secrets = Object.keys(credential).filter((field) => fields[field]?.secret === true)
  // An optional secret, such as that of a webhook, is shared by several keys.
  const name = secrets.findLast((field) => fields[field]?.optional !== true) ?? secrets.at(-1)
  return name === undefined ? undefined : credential[name]
}
