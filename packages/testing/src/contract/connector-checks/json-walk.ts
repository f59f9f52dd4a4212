import { isRecord } from './json-form.ts'

/** The path of a value inside another one: names and indexes. */
export type JsonPath = readonly (string | number)[]

/** Yields every value in a JSON value, itself included, outermost first. */
export function* everyValue(value: unknown, path: JsonPath = []): Generator<readonly [path: JsonPath, value: unknown]> {
  yield [path, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* everyValue(item, [...path, index])
  } else if (isRecord(value)) {
    for (const [name, field] of Object.entries(value)) yield* everyValue(field, [...path, name])
  }
}

/** Copies a value and replaces the value at `path`. Siblings are shared. */
export function replaceAt(value: unknown, path: JsonPath, replacement: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? replaceAt(item, rest, replacement) : item))
  }
  const record = isRecord(value) ? value : {}
  return { ...record, [step]: replaceAt(record[step], rest, replacement) }
}

/** Copies a value and applies `change` to every string. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapTexts(field, change)]))
}

/** Returns the path in the form that core's `valueAt` accepts. */
export const pathOf = (path: string | readonly string[]): JsonPath =>
  typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path

/** Freezes a value and everything in it, so that changing it throws. Bytes cannot be frozen and are skipped. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const field of Object.values(value)) deepFreeze(field)
  return value
}
