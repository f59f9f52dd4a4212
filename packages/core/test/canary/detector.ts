import { createHash } from 'node:crypto'
import { inspect } from 'node:util'

/** A secret that a test has put somewhere, and must not find anywhere else. */
export interface Canary {
  /** What it is to the library: `refresh token`. */
  readonly kind: string
  readonly value: string
}

export interface Leak {
  /** Where it got to: `log`, `error.message`. */
  readonly surface: string
  readonly kind: string
  /** How it was spelt there. */
  readonly form: string
  readonly around: string
}

/**
 * A secret that is always the same for one name, and like no other text.
 * @param tail characters that URLs, JSON and base64 write differently
 */
export const canary = (kind: string, tail = ''): Canary => ({
  kind,
  value: `${createHash('sha256').update(kind).digest('hex').slice(0, 32)}${tail}`,
})

/** So much of a secret gives it away; shorter pieces turn up by chance. */
const TELLING = 12

/** Every way in which a secret may be written down. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const bytes = Buffer.from(value)
  const inJson = JSON.stringify(value).slice(1, -1)
  const percent = encodeURIComponent(value)
  const forms: [form: string, text: string][] = [
    ['plain', value],
    ['the first of it', value.slice(0, TELLING)],
    ['the last of it', value.slice(-TELLING)],
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
    ['bytes', [...bytes.subarray(0, TELLING)].join(', ')],
  ]
  // In a longer text its bytes fall on groups of three in one of three ways; the ends depend on the neighbours.
  for (const shift of [0, 1, 2]) {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '')
    const core = text.slice(Math.ceil((shift * 8) / 6), -1)
    forms.push([`base64, shifted by ${shift}`, core])
    forms.push([`base64url, shifted by ${shift}`, core.replaceAll('+', '-').replaceAll('/', '_')])
  }
  // By the text: most secrets are written the same in a URL and in JSON.
  const known = new Map(forms.filter(([, text]) => text.length >= TELLING).map(([form, text]) => [text, form]))
  return new Map([...known].map(([text, form]) => [form, text]))
}

const known = new Map<string, ReadonlyMap<string, string>>()

const remembered = (value: string): ReadonlyMap<string, string> => {
  const forms = known.get(value) ?? formsOf(value)
  known.set(value, forms)
  return forms
}

/** What of the secrets shows in a text; one leak for each secret. */
export function leaksIn(surface: string, text: string, canaries: Iterable<Canary>): readonly Leak[] {
  const leaks: Leak[] = []
  for (const { kind, value } of canaries) {
    for (const [form, spelt] of remembered(value)) {
      const at = text.indexOf(spelt)
      if (at < 0) continue
      leaks.push({ surface, kind, form, around: text.slice(Math.max(0, at - 60), at + 60) })
      break
    }
  }
  return leaks
}

/** All that anybody can get printed of a value, surface by surface. */
export function* printed(surface: string, value: unknown): Generator<readonly [surface: string, text: string]> {
  const shown = { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }
  yield [`inspect(${surface})`, inspect(value, shown)]
  // Properties that are errors or functions are left out or empty in JSON, and that is what JSON shows.
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
    // It holds itself.
    return ''
  }
}
