import { isRecord } from './json-form.ts'

/** Where a value stands inside another: names and indexes. */
export type JsonPath = readonly (string | number)[]

/** Every value in a JSON value, itself included, outermost first. */
export function* everyValue(value: unknown, path: JsonPath = []): Generator<readonly [path: JsonPath, value: unknown]> {
  yield [path, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* everyValue(item, [...path, index])
  } else if (isRecord(value)) {
    for (const [name, field] of Object.entries(value)) yield* everyValue(field, [...path, name])
  }
}

/** A copy in which the value at `path` is another one; what lies beside it is shared. */
export function replaceAt(value: unknown, path: JsonPath, replacement: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return replacement
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? replaceAt(item, rest, replacement) : item))
  }
  const record = isRecord(value) ? value : {}
  return { ...record, [step]: replaceAt(record[step], rest, replacement) }
}

/** A copy in which `change` has seen every text. */
export function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change))
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, mapTexts(field, change)]))
}

/** The path as core's `valueAt` takes it. */
export const pathOf = (path: string | readonly string[]): JsonPath =>
  typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path

/** Freezes a value and everything in it, so that whoever changes it throws. Bytes cannot be frozen and are left. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const field of Object.values(value)) deepFreeze(field)
  return value
}
