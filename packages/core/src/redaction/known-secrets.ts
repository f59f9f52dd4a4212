import { toBase64 } from '../encoding/base64.ts'

/** Minimum length of a secret. A shorter string occurs by chance in ordinary text. */
const MIN_SECRET_LENGTH = 4
/** Minimum number of base64 characters. Fewer occur by chance. */
const MIN_CORE_LENGTH = 6
const base64Run = /[A-Za-z0-9+/_=-]/

/**
 * Returns a function that replaces each secret in a text with `mark`, in every spelling: plain, URL-encoded, escaped in
 * JSON, or inside base64, such as `user:password` of Basic authentication, where it replaces the whole base64 run.
 * Computes the spellings at the first text.
 */
export function knownSecretsReplacer(secrets: Iterable<string>, mark: string): (text: string) => string {
  const known = [...secrets].filter((secret) => secret.length >= MIN_SECRET_LENGTH && !mark.includes(secret))
  if (known.length === 0) return (text) => text
  let spellings: readonly string[] | undefined
  let cores: readonly string[] = []
  return (text) => {
    if (text.length < MIN_SECRET_LENGTH) return text
    if (spellings === undefined) {
      // Longest first, because one secret may be a prefix of another.
      spellings = [...new Set(known.flatMap(spellingsOf))].toSorted((a, b) => b.length - a.length)
      cores = known.flatMap(coresInBase64)
    }
    const plain = spellings.reduce((rest, spelling) => rest.replaceAll(spelling, mark), text)
    return cores.reduce((rest, core) => replaceRunsAround(rest, core, mark), plain)
  }
}

/** Matches secrets with the same spelling in a URL, a form and JSON, like most tokens. */
const unescaped = /^[A-Za-z0-9_.-]*$/

function spellingsOf(secret: string): readonly string[] {
  if (unescaped.test(secret)) return [secret]
  const inJson = JSON.stringify(secret).slice(1, -1)
  const spellings = [secret, inJson, inJson.replaceAll('/', '\\/'), JSON.stringify(inJson).slice(1, -1)]
  const inForm = new URLSearchParams([['', secret]]).toString().slice(1)
  // A lone surrogate cannot be percent-encoded. Forms and URLs replace it.
  const inUrl = /\p{Surrogate}/u.test(secret) ? [] : [encodeURIComponent(secret), encodeURI(secret)]
  for (const encoded of [inForm, ...inUrl])
    spellings.push(encoded, lowerCaseEscapes(encoded), encodeURIComponent(encoded))
  return spellings
}

const lowerCaseEscapes = (encoded: string): string => encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase())

/**
 * Returns the base64 of `secret` inside a longer text, for each of the three alignments of its bytes. Omits the characters
 * at both ends, which depend on the neighbours.
 */
function coresInBase64(secret: string): readonly string[] {
  const bytes = new TextEncoder().encode(secret)
  return [0, 1, 2].flatMap((shift) => {
    const shifted = new Uint8Array(shift + bytes.length)
    shifted.set(bytes, shift)
    const whole = Math.floor((shifted.length * 8) / 6)
    const core = toBase64(shifted).slice(Math.ceil((shift * 8) / 6), whole)
    if (core.length < MIN_CORE_LENGTH) return []
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
