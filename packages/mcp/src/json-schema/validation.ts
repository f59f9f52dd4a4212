import type { Budget } from './budget.ts'

export type Schema = Readonly<Record<string, unknown>>

/** The members and items that a part of a schema has described, for `unevaluatedProperties` and `unevaluatedItems`. */
export interface Described {
  readonly names: Set<string>
  items: number
}

export interface Location {
  /** The path of the value: `items.0.name`. */
  readonly path: string
  /** Absent inside `anyOf`, `not` and the like, where a fault does not decide about the whole value. */
  readonly faults?: string[] | undefined
  readonly described?: Described | undefined
}

/** One validation, for the keywords that apply to one type of value. */
export interface Validation {
  readonly budget: Budget
  /** The number of parts of the schema that were skipped. If it changes, the result in between is not certain. */
  readonly skipped: number
  apply(schema: unknown, value: unknown, location: Location): boolean
  /** Returns whether the text matches the pattern, and true if the pattern cannot be run. */
  matches(pattern: string, text: string): boolean
  /** Records a fault. */
  fault(location: Location, what: string): false
  /** Records a part of the schema that cannot be checked. */
  skip(what: string): true
}

export const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [value])

export const pathOf = (path: string, part: string | number): string => {
  const next = path === '' ? String(part) : `${path}.${part}`
  return next.length > 200 ? `…${next.slice(-199)}` : next
}

export const shown = (text: string): string => (text.length > 100 ? `${text.slice(0, 99)}…` : text)
