import type { Grant } from '../auth/grant.ts'
import type { CredentialFields } from '../auth/credential-fields.ts'
import { fingerprint } from './fingerprint.ts'

interface Holder {
  readonly credential: Readonly<Record<string, string>>
  readonly grant?: Grant | undefined
}

/** A shorter secret may have been thought up by a person, and a fingerprint lets a guess be checked. */
const SHORTEST_SECRET = 16

const known = new WeakMap<Holder, Promise<string | undefined>>()

/**
 * Tells one credential from another on a screen or in an audit line: by what a grant is renewed with, else by its token,
 * else by the last secret that was typed in. Undefined for a secret that is too short to be shown even so.
 */
export function credentialFingerprint(holder: Holder, fields: CredentialFields): Promise<string | undefined> {
  const before = known.get(holder)
  if (before !== undefined) return before
  const secret = secretOf(holder, fields)
  const made =
    secret === undefined || secret.length < SHORTEST_SECRET ? Promise.resolve(undefined) : fingerprint(secret)
  known.set(holder, made)
  return made
}

function secretOf({ credential, grant }: Holder, fields: CredentialFields): string | undefined {
  if (grant !== undefined) return grant.refreshToken ?? grant.accessToken
  const names = Object.keys(credential).filter((name) => fields[name]?.secret === true)
  const name = names.at(-1)
  return name === undefined ? undefined : credential[name]
}
