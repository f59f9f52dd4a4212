/** Fewer characters of base64 than this come by chance. */
const SHORTEST_CORE = 8

/**
 * Whether a text holds a secret in any spelling that a provider or a library may give it: as it is, escaped for a URL
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

/** What base64 makes of the secret inside a longer text, for each way in which its bytes fall on groups of three. */
function coresInBase64(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret)
  return [0, 1, 2]
    .map((shift) => {
      const whole = btoa('\0'.repeat(shift) + String.fromCharCode(...bytes)).replaceAll('=', '')
      // The characters at both ends also depend on what stands beside the secret.
      return whole.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6))
    })
    .filter((core) => core.length >= SHORTEST_CORE)
    .flatMap((core) => [core, core.replaceAll('+', '-').replaceAll('/', '_')])
}
