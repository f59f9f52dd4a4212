/** Names that are sensitive only as a whole. */
const wholeNames = new Set(['auth', 'pass', 'refresh', 'sessionid'])
/** The last word of a sensitive name: `accessToken`, `client_secret`, `authtoken`. */
const sensitiveEnding =
  /(?:token|secret|password|passwd|passphrase|pwd|cookie|credential|authorization|assertion|jwt|apikey|privatekey|totp|otp)s?$/
/** Words before `key` that make it a secret: an `api_key` is one, an `idempotency_key` or a `public_key` is not. */
const secretKeys = new Set(
  'api private secret access signing encryption subscription shared master session account auth service app'.split(' '),
)
/** Pairs of words that are sensitive only together. */
const secretPairs = new Set([
  'code verifier',
  'device code',
  'authorization code',
  'session id',
  'user pass',
  'db pass',
])
/** A word after the sensitive one that makes the name a fact about the secret: `token_type`. */
const facts = new Set(
  (
    'type types url urls uri endpoint count counts limit budget usage name ref reference arn lifetime ttl expiry expires ' +
    'expired expiration expire created updated changed issued last method methods algorithm supported required'
  ).split(' '),
)
/** A word before `token` that makes it a cursor: `nextPageToken`. */
const cursors = new Set(['page', 'sync', 'continuation', 'delta', 'skip'])

const anyOfIt = /token|secret|pass|pwd|cookie|cred|auth|assertion|jwt|key|otp|refresh|verifier|device|session/i

/** Bounds the work for one name. Real names are shorter. */
const MAX_NAME_LENGTH = 128

/**
 * Returns whether the value of a field, header, parameter or column of this name is a secret. `amounts` means that a
 * string is one but a number is not: `max_tokens: 500`.
 */
export function isSensitiveName(name: string): boolean | 'amounts' {
  // Most names are not, and every name is checked.
  if (!anyOfIt.test(name)) return false
  const words = wordsOf(name.slice(-MAX_NAME_LENGTH))
  if (wholeNames.has(words.join(''))) return true
  let found: boolean | 'amounts' = false
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? ''
    const after = words[index + 1] ?? ''
    if (facts.has(after)) continue
    if (secretPairs.has(`${before} ${word}`) || (/^keys?$/.test(word) && secretKeys.has(before))) return true
    if (!sensitiveEnding.test(word)) continue
    if (word === 'token' && cursors.has(before)) continue
    if (!word.endsWith('tokens')) return true
    found = 'amounts'
  }
  return found
}

/** Splits a name into words: `accessToken`, `ACCESS_TOKEN`, `X-Access-Token` and `access token` all give access, token. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
