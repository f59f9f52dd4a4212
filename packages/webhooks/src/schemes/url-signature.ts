import type { Secrets, Verdict } from '@mcpclient/core/define'
import { decode } from '../verification/decoding.ts'
import { HASH_BYTES, utf8, verifyHmac } from '../verification/hmac-key.ts'
import type { HashName } from '../verification/hmac-key.ts'
import { MAX_TOKEN_LENGTH, refused, VERIFIED } from '../verification/verdict.ts'

/** Verifies a signature in base64 over a URL and the fields behind it, for every spelling of the URL that may be signed. */
export async function verifyUrlSignature(
  signature: string | undefined,
  signed: readonly string[],
  secrets: Secrets,
  hash: HashName,
): Promise<Verdict> {
  if (signature === undefined || signature === '') return refused('signature_missing')
  const bytes = signature.length > MAX_TOKEN_LENGTH ? undefined : decode(signature, 'base64')
  if (bytes?.length !== HASH_BYTES[hash]) return refused('signature_malformed')
  const keys = secrets.map(utf8).filter(({ length }) => length > 0)
  if (keys.length === 0) return refused('secret_unusable')
  for (const key of keys) {
    for (const text of signed) if (await verifyHmac(key, hash, bytes, utf8(text))) return VERIFIED
  }
  return refused('signature_mismatch')
}
