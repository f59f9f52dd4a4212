import { toBase64 } from '../encryption/base64url.ts'

/** Anything shorter turns up by chance in ordinary text, and is no secret anyway. */
const SHORTEST_SECRET = 4
/** Fewer base64 characters than this turn up by chance. */
const SHORTEST_CORE = 6
const base64Run = /[A-Za-z0-9+/_=-]/

/**
 * What replaces each of `secrets` by `mark`, however it is spelt: as it is, URL-encoded, escaped in JSON, or anywhere
 * inside base64, as `user:password` is in Basic authentication; then all of that base64 goes. The spellings are worked
 * out with the first text.
 */
export function knownSecretsReplacer(secrets: Iterable<string>, mark: string): (text: string) => string {
  const known = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET && !mark.includes(secret))
  if (known.length === 0) return (text) => text
  let spellings: readonly string[] | undefined
  let cores: readonly string[] = []
  return (text) => {
    if (text.length < SHORTEST_SECRET) return text
    if (spellings === undefined) {
      // Longest first: one secret may be the beginning of another.
      spellings = [...new Set(known.flatMap(spellingsOf))].toSorted((a, b) => b.length - a.length)
      cores = known.flatMap(coresInBase64)
    }
    const plain = spellings.reduce((rest, spelling) => rest.replaceAll(spelling, mark), text)
    return cores.reduce((rest, core) => replaceRunsAround(rest, core, mark), plain)
  }
}

/** Written in the same way in a URL, a form and JSON: so are most tokens. */
const unescaped = /^[A-Za-z0-9_.-]*$/

function spellingsOf(secret: string): readonly string[] {
  if (unescaped.test(secret)) return [secret]
  const inJson = JSON.stringify(secret).slice(1, -1)
  const spellings = [secret, inJson, inJson.replaceAll('/', '\\/'), JSON.stringify(inJson).slice(1, -1)]
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1)
  // A lone surrogate cannot be percent-encoded; the form has it replaced, as a URL would.
  const inUrl = /\p{Surrogate}/u.test(secret) ? [] : [encodeURIComponent(secret), encodeURI(secret)]
  for (const encoded of [inForm, ...inUrl])
    spellings.push(encoded, lowerCaseEscapes(encoded), encodeURIComponent(encoded))
  return spellings
}

const lowerCaseEscapes = (encoded: string): string => encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())

/**
 * What base64 makes of `secret` in the middle of a longer text, for each of the three ways in which its bytes can fall
 * on groups of three; without the characters at both ends that also depend on the neighbours.
 */
function coresInBase64(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret)
  return [0, 1, 2].flatMap((shift) => {
    const shifted = new Uint8Array(shift + bytes.length)
    shifted.set(bytes, shift)
    const whole = Math.floor((shifted.length * 8) / 6)
    const core = toBase64(shifted).slice(Math.ceil((shift * 8) / 6), whole)
    if (core.length < SHORTEST_CORE) return []
    return [...new Set([core, core.replaceAll('+', '-').replaceAll('/', '_')])]
  })
}

function replaceRunsAround(text: string, core: string, mark: string): string {
  let out = ''
  let done = 0
  for (let at = text.indexOf(core); at >= 0; at = text.indexOf(core, done)) {
    let from = at
    while (from > done && base64Run.test(text.charAt(from - 1))) from--
    let to = at + core.length
    while (to < text.length && base64Run.test(text.charAt(to))) to++
    out += text.slice(done, from) + mark
    done = to
  }
  return out + text.slice(done)
}
