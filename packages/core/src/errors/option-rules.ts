import { ConnectorError, describeIssues } from './connector-error.ts'
import type { Issue } from './connector-error.ts'
import { nearestNames } from './nearest-names.ts'
import { shownName } from './shown-name.ts'

/** Returns the problem of a value as the rest of a sentence about the option, or undefined if it is valid. */
export type Rule = (value: unknown) => string | undefined
export interface Table {
  readonly [option: string]: Rule | Table
}
export type Rules<Options> = Readonly<Record<keyof Options, Rule>>
type Fields = Readonly<Record<string, unknown>>

/** Maximum number of mistakes that are collected. */
const MAX_ISSUES = 50

/** Creates a rule: the value must satisfy `holds`. */
export const must =
  (what: string, holds: (value: unknown) => boolean): Rule =>
  (value) =>
    holds(value) ? undefined : `must be ${what}, not ${shown(value)}`

/** Describes a value in an error message. Shows neither a string nor the content of an object. */
export const shown = (value: unknown): string => {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

export const numberThat = (what: string, holds: (value: number) => boolean): Rule =>
  must(what, (value) => typeof value === 'number' && holds(value))

export const aFunction = must('a function', (value) => typeof value === 'function')
export const aBoolean = must('true or false', (value) => typeof value === 'boolean')
export const aCount = numberThat('a whole number of at least 1', (value) => Number.isSafeInteger(value) && value >= 1)
export const atLeastOne = numberThat('a number of at least 1', (value) => value >= 1)
export const durationMs = numberThat('milliseconds, finite and above 0', (value) => value > 0 && value < Infinity)
export const waitMs = numberThat('milliseconds, finite and at least 0', (value) => value >= 0 && value < Infinity)
export const limitMs = numberThat('milliseconds above 0', (value) => value > 0)
export const oneOf = (...names: readonly unknown[]): Rule =>
  must(`one of ${names.join(', ')}`, (value) => names.includes(value))
export const listOf = (what: string, holds: (item: unknown) => boolean): Rule =>
  must(`a list of ${what}`, (value) => Array.isArray(value) && value.every(holds))
export const patterns = listOf('names or patterns', (item) => typeof item === 'string')

/** Creates a rule: the value must be an object with these methods. */
export const aPort =
  (example: string, ...methods: readonly string[]): Rule =>
  (value) => {
    if (!isObject(value)) return `must be an object such as ${example}, not ${shown(value)}`
    if (typeof value['then'] === 'function') return 'is a promise; await it'
    const missing = methods.filter((name) => typeof value[name] !== 'function')
    return missing.length === 0 ? undefined : `has no ${missing.join(', ')}; pass an object such as ${example}`
  }

export const aStore = aPort('memoryStore()', 'get', 'put', 'delete', 'list')
/**
 * Validates the options of a function against a table of rules.
 * @throws ConnectorError CONFIGURATION_ERROR that lists every mistake
 */
export function checkOptions(method: string, options: unknown, table: Table): void {
  refuseMistakes(method, (issues) => {
    checkFields(options, table, '', issues)
  })
}

export function refuseMistakes(method: string, collect: (issues: Issue[]) => void): void {
  const issues: Issue[] = []
  try {
    collect(issues)
  } catch (cause) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `The options of ${method}() cannot be read.`,
      { hint: 'Pass plain objects, without getters that throw.' },
      { cause },
    )
  }
  if (issues.length === 0) return
  throw new ConnectorError('CONFIGURATION_ERROR', `${method}() cannot use its options: ${describeIssues(issues)}.`, {
    issues,
    hint: 'Correct every option that the issues name.',
  })
}

export function checkFields(value: unknown, table: Table, path: string, issues: Issue[]): void {
  if (!isObject(value) || Array.isArray(value)) {
    report(issues, path.slice(0, -1), `must be an object, not ${shown(value)}`)
    return
  }
  for (const name of Object.keys(value)) {
    if (Object.hasOwn(table, name) || issues.length >= MAX_ISSUES) continue
    const [nearest = ''] = nearestNames(name, Object.keys(table))
    report(issues, path + shownName(name), `is not an option; did you mean ${nearest}`)
  }
  for (const [name, rule] of Object.entries(table)) {
    const given = value[name]
    if (given === undefined) continue
    if (typeof rule === 'function') report(issues, path + name, rule(given))
    else checkFields(given, rule, `${path}${name}.`, issues)
  }
}

export function report(issues: Issue[], path: string, message: string | undefined): void {
  if (message !== undefined && issues.length < MAX_ISSUES) issues.push({ path, message })
}

export const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** Returns whether a value of any realm is a plain object. `{ __proto__: slack() }` and a Map are not. */
export function isPlain(value: unknown): value is Fields {
  if (!isObject(value) || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Merges options over the defaults. An option that is undefined counts as absent. */
export function withDefaults<Options extends object>(defaults: Options, given: Partial<Options> = {}): Options {
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...defaults, ...(Object.fromEntries(chosen) as Partial<Options>) }
}
