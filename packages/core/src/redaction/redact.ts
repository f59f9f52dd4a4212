import { REDACTED, textRedactor } from './redact-text.ts'
import { isSensitiveName } from './sensitive-name.ts'

export { redactText } from './redact-text.ts'

const DEEPEST = 12
/** Values in one copy: enough for any log line, and an end for what refers to the same thing over and over. */
const MOST_VALUES = 20_000
const LONGEST_LIST = 1000
const LONGEST_TEXT = 16_384
/** More is not even searched for secrets. So far beyond what stays that no half of a secret can stay. */
const LONGEST_READ = 1_048_576

const TOO_MUCH = '[too much to show]'
const UNREADABLE = '[unreadable]'

/**
 * A copy of `value` without secrets, for logs, errors and events: what stands under a sensitive name is replaced, and
 * text goes through {@link redactText}. What is copied is bounded in depth and size, and may hold itself.
 *
 * Errors become plain objects with name, message, stack and cause; URLs and headers become text and objects; bytes and
 * functions only say what they are. Instances of other classes are read by their own enumerable fields.
 * @param secrets live values that must not appear anywhere, however they are spelt
 */
export function redact(value: unknown, secrets: Iterable<string> = []): unknown {
  return createRedactor(secrets)(value, false, 0)
}

/** What the name above a value says about it. */
type Sensitivity = ReturnType<typeof isSensitiveName>
type Redact = (value: unknown, sensitivity: Sensitivity, depth: number) => unknown

function createRedactor(secrets: Iterable<string>): Redact {
  const cleanText = textRedactor(secrets)
  const above = new Set<object>()
  let left = MOST_VALUES

  const clean = (text: string): string => {
    const cleaned = cleanText(text.slice(0, LONGEST_READ))
    return cleaned.length > LONGEST_TEXT ? `${cleaned.slice(0, LONGEST_TEXT)}… (${text.length} characters)` : cleaned
  }

  const copy: Redact = (value, sensitivity, depth) => {
    if (sensitivity === true || (sensitivity === 'amounts' && typeof value === 'string')) return hide(value)
    if (--left < 0) return TOO_MUCH
    if (typeof value === 'string') return clean(value)
    if (typeof value === 'function') return `[function ${value.name}]`
    if (typeof value === 'symbol') return clean(value.toString())
    if (typeof value !== 'object' || value === null) return value
    if (above.has(value)) return '[circular]'
    if (depth >= DEEPEST) return TOO_MUCH
    above.add(value)
    try {
      return copyObject(value, sensitivity, depth + 1)
    } catch {
      return UNREADABLE
    } finally {
      above.delete(value)
    }
  }

  const copyObject: (value: object, inherited: Sensitivity, depth: number) => unknown = (value, inherited, depth) => {
    if (Array.isArray(value)) return copyList(value, inherited, depth)
    // Most are, and asking for the others makes Node load its HTTP client: that is where Headers and FormData are from.
    if (Object.getPrototypeOf(value) === Object.prototype) return copyFields(fieldsOf(value), inherited, depth)
    if (value instanceof Date) return new Date(value)
    if (value instanceof URL || value instanceof URLSearchParams) return clean(value.toString())
    if (value instanceof Headers || value instanceof FormData) return copyFields([...value.entries()], false, depth)
    if (value instanceof Set) return new Set(copyList([...value], inherited, depth))
    if (value instanceof Map) {
      return new Map(
        cut([...value]).map(([key, item]) => [
          copy(key, false, depth),
          copy(item, (typeof key === 'string' && isSensitiveName(key)) || inherited, depth),
        ]),
      )
    }
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`
    return copyFields(value instanceof Error ? fieldsOfError(value) : fieldsOf(value), inherited, depth)
  }

  const copyList = (list: readonly unknown[], inherited: Sensitivity, depth: number): unknown[] => {
    // A header or a form field as a pair: ['x-api-key', 'abc'].
    const [first, second] = list
    if (list.length === 2 && typeof first === 'string' && typeof second === 'string') {
      return [copy(first, inherited, depth), copy(second, isSensitiveName(first) || inherited, depth)]
    }
    const copied = cut(list).map((item) => copy(item, inherited, depth))
    return list.length > copied.length ? [...copied, `[${list.length - copied.length} more]`] : copied
  }

  /** @param inherited in `{ tokens: { input: 5, note: 'a' } }` the name above speaks for the fields, too */
  const copyFields = (fields: readonly Field[], inherited: Sensitivity, depth: number): Record<string, unknown> => {
    const label = labelOf(fields)
    return Object.fromEntries(
      cut(fields).map(([name, value]) => {
        const said = name === 'value' && label !== undefined ? label : name
        return [clean(name), copy(value, isSensitiveName(said) || inherited, depth)]
      }),
    )
  }

  const cut = <Item>(items: readonly Item[]): readonly Item[] =>
    items.slice(0, Math.min(LONGEST_LIST, Math.max(0, left)))

  return copy
}

type Field = readonly [name: string, value: unknown]

/** Tells whether something was there: nothing, yes or no, and an empty text are no secrets. */
const hide = (value: unknown): unknown =>
  value === undefined || value === null || value === '' || typeof value === 'boolean' ? value : REDACTED

const fieldsOf = (value: object): readonly Field[] => {
  const isKey = isJsonWebKey(value)
  return Object.keys(value).map((name) => [name, isKey && privateMembers.has(name) ? REDACTED : read(value, name)])
}

/** An error's own words are not enumerable, so a plain copy of its fields would lose them. */
const fieldsOfError = (error: Error): readonly Field[] => [
  ...['name', 'message', 'stack', 'cause', 'errors']
    .filter((name) => name in error)
    .map((name): Field => [name, read(error, name)]),
  ...fieldsOf(error),
]

/** A getter may throw; the rest of the object is still worth showing. */
function read(value: object, name: string): unknown {
  try {
    const found: unknown = Reflect.get(value, name)
    return found
  } catch {
    return UNREADABLE
  }
}

/** In `{ name: 'Authorization', value: 'abc' }` the name of the value stands beside it. */
function labelOf(fields: readonly Field[]): string | undefined {
  const label = fields.find(([name]) => name === 'name' || name === 'key')?.[1]
  return typeof label === 'string' ? label : undefined
}

/** The private members of a JSON Web Key (RFC 7518, section 6) have names of one or two letters. */
const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'])
const isJsonWebKey = (value: object): boolean => 'kty' in value
