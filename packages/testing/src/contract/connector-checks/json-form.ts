/**
 * Returns a value as a fixture can write it: dates as ISO strings, bytes as `{ "$bytes": "<base64>" }`, big integers as text, and
 * no field that is undefined.
 */
export function jsonForm(value: unknown): unknown {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid date' : value.toISOString()
  if (value instanceof Uint8Array) return { $bytes: toBase64(value) }
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(jsonForm)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .map(([name, field]) => [name, jsonForm(field)]),
  )
}

export const toBase64 = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0))

/**
 * Describes where two values in their JSON form first differ, or returns undefined if they are equal.
 * @param path where the two stand, for the sentence
 */
export function difference(actual: unknown, expected: unknown, path = ''): string | undefined {
  if (Object.is(actual, expected)) return undefined
  const place = path === '' ? '' : ` at ${path}`
  const differs = `${place} it is ${excerpt(actual)}, and should be ${excerpt(expected)}`.trimStart()
  if (Array.isArray(actual) && Array.isArray(expected)) {
    for (const [index, item] of expected.entries()) {
      const found = difference(actual[index], item, join(path, index))
      if (found !== undefined) return found
    }
    return actual.length === expected.length ? undefined : difference(actual.length, expected.length, `${path}.length`)
  }
  if (!isRecord(actual) || !isRecord(expected)) return differs
  for (const name of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const found = difference(actual[name], expected[name], join(path, name))
    if (found !== undefined) return found
  }
  return undefined
}

const join = (path: string, step: string | number): string => (path === '' ? String(step) : `${path}.${step}`)

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const MAX_EXCERPT = 120

/** Shortens a value for a sentence. */
export function excerpt(value: unknown): string {
  if (value === undefined) return 'absent'
  const text = typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(jsonForm(value)) ?? typeof value)
  return text.length > MAX_EXCERPT ? `${text.slice(0, MAX_EXCERPT)}…` : text
}
