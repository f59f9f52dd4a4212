import { REDACTED, textRedactor } from './redact-text.ts'
import { isSensitiveName } from './sensitive-name.ts'

export { redactText } from './redact-text.ts'

const MAX_DEPTH = 12
/** Maximum number of values in one copy: enough for any log line, and a bound for values with many references. */
const MAX_VALUES = 20_000
const MAX_LIST_LENGTH = 1000
const MAX_TEXT_LENGTH = 16_384
/** Maximum length of text that is searched. It far exceeds the length that is shown, so that no half of a secret remains. */
const MAX_SEARCHED_LENGTH = 1_048_576

const TOO_MUCH = '[too much to show]'
const UNREADABLE = '[unreadable]'

/**
 * Returns a copy of `value` without secrets, for logs, errors and events. Replaces the value of every sensitive name, and
 * passes strings through {@link redactText}. The copy is bounded in depth and size, and `value` may be circular.
 *
 * Errors become plain objects with name, message, stack and cause. URLs become strings, headers objects, and bytes and
 * functions descriptions. Instances of other classes are copied by their own enumerable fields.
 * @param secrets known secrets, removed in every spelling
 */
export function redact(value: unknown, secrets: Iterable<string> = []): unknown {
  return createRedactor(secrets)(value, false, 0)
}

/** The sensitivity of a value, as its name implies. */
type Sensitivity = ReturnType<typeof isSensitiveName>
type Redact = (value: unknown, sensitivity: Sensitivity, depth: number) => unknown

function createRedactor(secrets: Iterable<string>): Redact {
  const cleanText = textRedactor(secrets)
  const above = new Set<object>()
  let left = MAX_VALUES

  const clean = (text: string): string => {
    const cleaned = cleanText(text.slice(0, MAX_SEARCHED_LENGTH))
    return cleaned.length > MAX_TEXT_LENGTH
      ? `${cleaned.slice(0, MAX_TEXT_LENGTH)}… (${text.length} characters)`
      : cleaned
  }

  const copy: Redact = (value, sensitivity, depth) => {
    if (sensitivity === true || (sensitivity === 'amounts' && typeof value === 'string')) return hide(value)
    if (--left < 0) return TOO_MUCH
    if (typeof value === 'string') return clean(value)
    if (typeof value === 'function') return `[function ${value.name}]`
    if (typeof value === 'symbol') return clean(value.toString())
    if (typeof value !== 'object' || value === null) return value
    if (above.has(value)) return '[circular]'
    if (depth >= MAX_DEPTH) return TOO_MUCH
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
    // Checked first, because most objects are plain, and naming Headers or FormData makes Node load its HTTP client.
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

  /** @param inherited the sensitivity of the name above, which covers fields too: `{ tokens: { input: 5, note: 'a' } }` */
  const copyFields = (fields: readonly Field[], inherited: Sensitivity, depth: number): Record<string, unknown> => {
    const label = labelOf(fields)
    return Object.fromEntries(
      cut(fields).map(([name, value]) => {
        const effectiveName = name === 'value' && label !== undefined ? label : name
        return [clean(name), copy(value, isSensitiveName(effectiveName) || inherited, depth)]
      }),
    )
  }

  const cut = <Item>(items: readonly Item[]): readonly Item[] =>
    items.slice(0, Math.min(MAX_LIST_LENGTH, Math.max(0, left)))

  return copy
}

type Field = readonly [name: string, value: unknown]

/** Replaces a secret, but not an empty value or a boolean, which shows whether there was one. */
const hide = (value: unknown): unknown =>
  value === undefined || value === null || value === '' || typeof value === 'boolean' ? value : REDACTED

const fieldsOf = (value: object): readonly Field[] => {
  const isKey = isJsonWebKey(value)
  return Object.keys(value).map((name) => [name, isKey && privateMembers.has(name) ? REDACTED : read(value, name)])
}

/** Returns the fields of an error, including its message and stack, which are not enumerable. */
const fieldsOfError = (error: Error): readonly Field[] => [
  ...['name', 'message', 'stack', 'cause', 'errors']
    .filter((name) => name in error)
    .map((name): Field => [name, read(error, name)]),
  ...fieldsOf(error),
]

/** Reads a field. A getter that throws does not hide the rest of the object. */
function read(value: object, name: string): unknown {
  try {
    const found: unknown = Reflect.get(value, name)
    return found
  } catch {
    return UNREADABLE
  }
}

/** Returns the label of a labelled value: `Authorization` in `{ name: 'Authorization', value: 'abc' }`. */
function labelOf(fields: readonly Field[]): string | undefined {
  const label = fields.find(([name]) => name === 'name' || name === 'key')?.[1]
  return typeof label === 'string' ? label : undefined
}

/** The private members of a JSON Web Key (RFC 7518, section 6), whose names are too short to be sensitive otherwise. */
const privateMembers = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'])
const isJsonWebKey = (value: object): boolean => 'kty' in value
