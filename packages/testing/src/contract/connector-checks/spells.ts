/** Fewer characters of base64 than this come by chance. */
const MIN_CORE = 8

/**
 * Returns whether a string contains a secret in any encoding of a provider or a library: raw, escaped for a URL
 * or for JSON, or inside base64.
 */
export const spells = (text: string, secret: string): boolean =>
  spellingsOf(secret).some((spelling) => text.includes(spelling))

function spellingsOf(secret: string): readonly string[] {
  const known = remembered.get(secret)
  if (known !== undefined) return known
  const escaped = encodeURIComponent(secret)
  const spellings = [
    ...[secret, escaped, escaped.toLowerCase(), encodeURIComponent(escaped), encodeURI(secret)],
    ...[new URLSearchParams({ '': secret }).toString().slice(1), JSON.stringify(secret).slice(1, -1)],
    ...coresInBase64(secret),
  ]
  remembered.set(secret, spellings)
  return spellings
}

const remembered = new Map<string, readonly string[]>()

/** Returns the base64 forms of the secret inside a longer string, one for each alignment to groups of three bytes. */
function coresInBase64(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret)
  return [0, 1, 2]
    .map((shift) => {
      const whole = btoa('\0'.repeat(shift) + String.fromCharCode(...bytes)).replaceAll('=', '')
      // The characters at both ends also depend on what stands beside the secret.
      return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
    })
    .filter((core) => core.length >= MIN_CORE)
    .flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')])
}
