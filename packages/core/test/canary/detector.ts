import { createHash } from 'node:crypto'
import { inspect } from 'node:util'

/** A secret that a test puts in one place, and must not find in any other. */
export interface Canary {
  /** The name of the secret for the library: `refresh token`. */
  readonly kind: string
  readonly value: string
}

export interface Leak {
  /** The place of the leak: `log`, `error.message`. */
  readonly surface: string
  readonly kind: string
  /** The encoding of the secret in that place. */
  readonly form: string
  readonly around: string
}

/**
 * Creates a secret that is constant for its kind and unlike any other string.
 * @param tail characters that URLs, JSON and base64 encode differently
 */
export const canary = (kind: string, tail = ''): Canary => ({
  kind,
  value: `${createHash('sha256').update(kind).digest('hex').slice(0, 32)}${tail}`,
})

/** The length that identifies a secret; shorter pieces occur by chance. */
const MIN_IDENTIFYING_LENGTH = 12

/** Returns the encodings of a secret. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(value)
  const inJson = JSON.stringify(value).slice(1, -1)
  const percent = encodeURIComponent(value)
  const forms: [form: string, text: string][] = [
    ['plain', value],
    ['the first of it', value.slice(0, MIN_IDENTIFYING_LENGTH)],
    ['the last of it', value.slice(-MIN_IDENTIFYING_LENGTH)],
    ['in lower case', value.toLowerCase()],
    ['in upper case', value.toUpperCase()],
    ['percent-encoded', percent],
    ['percent-encoded, in lower case', percent.toLowerCase()],
    ['percent-encoded twice', encodeURIComponent(percent)],
    ['as a form', new URLSearchParams({ '': value }).toString().slice(1)],
    ['escaped for JSON', inJson],
    ['escaped for JSON in JSON', JSON.stringify(inJson).slice(1, -1)],
    ['as inspect quotes it', inspect(value).slice(1, -1)],
    ['hex', bytes.toString('hex')],
    ['bytes', [...bytes.subarray(0, MIN_IDENTIFYING_LENGTH)].join(', ')],
  ]
  // Inside a longer string, base64 has three alignments, and the ends depend on the neighbouring bytes.
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const core = text.slice(Math.ceil((shift * 8) / 6), -1)
    forms.push([`base64, shifted by ${shift}`, core])
    forms.push([`base64url, shifted by ${shift}`, core.replaceAll('+', '-').replaceAll('/', '_')])
  }
  // Keyed by the encoded string, because most secrets look the same in a URL and in JSON.
  const known = new Map(
    forms.filter(([, text]) => text.length >= MIN_IDENTIFYING_LENGTH).map(([form, text]) => [text, form]),
  )
  return new Map([...known].map(([text, form]) => [form, text]))
}

const known = new Map<string, ReadonlyMap<string, string>>()

const cachedFormsOf = (value: string): ReadonlyMap<string, string> => {
  const forms = known.get(value) ?? formsOf(value)
  known.set(value, forms)
  return forms
}

/** Finds the secrets in a string, one leak for each secret. */
export function leaksIn(surface: string, text: string, canaries: Iterable<Canary>): readonly Leak[] {
  const leaks: Leak[] = []
  for (const { kind, value } of canaries) {
    for (const [form, encoded] of cachedFormsOf(value)) {
      const at = text.indexOf(encoded)
      if (at < 0) continue
      leaks.push({ surface, kind, form, around: text.slice(Math.max(0, at - 60), at + 60) })
      break
    }
  }
  return leaks
}

/** Yields everything that can be printed of a value, with the name of each surface. */
export function* printed(surface: string, value: unknown): Generator<readonly [surface: string, text: string]> {
  const shown = { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }
  yield [`inspect(${surface})`, inspect(value, shown)]
  // JSON omits or empties properties that are errors or functions.
  yield [`JSON.stringify(${surface})`, jsonOf(value)]
  if (typeof value === 'string') yield [surface, value]
  if (!(value instanceof Error)) return
  yield [`${surface}.message`, value.message]
  yield [`${surface}.stack`, value.stack ?? '']
  yield [`String(${surface})`, String(value)]
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    yield [`${surface}.toJSON()`, inspect(Reflect.apply(value.toJSON, value, []), shown)]
  }
  const { errors } = value as { readonly errors?: unknown }
  if (value.cause !== undefined) yield* printed(`${surface}.cause`, value.cause)
  if (errors !== undefined) yield* printed(`${surface}.errors`, errors)
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // The value contains itself.
    return ''
  }
}
