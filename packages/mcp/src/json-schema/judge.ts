import type { Budget } from './budget.ts'

export type Schema = Readonly<Record<string, unknown>>

/** Which members and items some part of a schema has described: `unevaluatedProperties` and `unevaluatedItems` need it. */
export interface Described {
  readonly names: Set<string>
  items: number
}

export interface Place {
  /** Where the value is: `items.0.name`. */
  readonly path: string
  /** Absent inside `anyOf`, `not` and the like, where a fault need not be one of the whole. */
  readonly faults?: string[] | undefined
  readonly described?: Described | undefined
}

/** One check under way, for the keywords that apply to one type of value. */
export interface Judge {
  readonly budget: Budget
  /** How often a part of the schema was not checked. A verdict in between is not certain. */
  readonly skipped: number
  apply(schema: unknown, value: unknown, place: Place): boolean
  /** Returns whether the text matches the pattern; true if the pattern cannot be run. */
  matches(pattern: string, text: string): boolean
  fault(place: Place, what: string): false
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
