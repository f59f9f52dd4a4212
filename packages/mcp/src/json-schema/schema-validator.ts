import { checkArray, checkRest } from './array-keywords.ts'
import { Budget, BudgetExceeded } from './budget.ts'
import { isEqual } from './equality.ts'
import { LinearPattern } from './linear-pattern.ts'
import { checkMembers, checkObject } from './object-keywords.ts'
import { References } from './references.ts'
import { checkNumber, checkString } from './scalar-keywords.ts'
import { isRecord, listOf, shown } from './validation.ts'
import type { Described, Location, Schema, Validation } from './validation.ts'

/** Steps of one validation: a few hundred thousand values, or a fraction of a second. */
const MAX_STEPS = 1_000_000
/** Schemas inside schemas that are followed. */
const MAX_NESTING = 200
const MAX_FAULTS = 5

export interface ValidationResult {
  /** The faults of the value. Empty if it is valid. */
  readonly faults: readonly string[]
  /** Parts of the schema that were not checked, which are never faults. */
  readonly unchecked: readonly string[]
}

/**
 * Validates values against a JSON Schema: draft 2020-12, and the different keywords of older drafts. It interprets the
 * schema in a bounded number of steps, so no pattern, reference or value can block the process. A schema costs nothing
 * before its first use and leaves no compiled code behind.
 */
export class SchemaValidator {
  readonly #schema: unknown
  readonly #references: References
  readonly #patterns = new Map<string, LinearPattern | undefined>()

  constructor(schema: unknown) {
    this.#schema = schema
    this.#references = new References(schema)
  }

  /** Validates a value. Never throws. */
  validate(value: unknown): ValidationResult {
    const run = new Run(this.#references, this.#patterns)
    try {
      run.apply(this.#schema, value, { path: '', faults: run.faults })
    } catch (error) {
      if (!(error instanceof BudgetExceeded)) throw error
      run.skip(error.message)
    }
    return { faults: run.faults, unchecked: [...run.unchecked] }
  }
}

/** Keyed by the schema, so that a validator is freed together with the list that its schema is in. */
const validators = new WeakMap<object, SchemaValidator>()

/** Validates a value against a server's schema, with a cached validator. */
export function validate(schema: object, value: unknown): ValidationResult {
  let validator = validators.get(schema)
  if (validator === undefined) {
    validator = new SchemaValidator(schema)
    validators.set(schema, validator)
  }
  return validator.validate(value)
}

class Run implements Validation {
  readonly budget = new Budget(MAX_STEPS)
  readonly faults: string[] = []
  readonly unchecked = new Set<string>()
  skipped = 0
  readonly #references: References
  readonly #patterns: Map<string, LinearPattern | undefined>
  #nesting = 0

  constructor(references: References, patterns: Map<string, LinearPattern | undefined>) {
    this.#references = references
    this.#patterns = patterns
  }

  apply(schema: unknown, value: unknown, location: Location): boolean {
    this.budget.use(1)
    if (schema === false) return this.fault(location, 'is not allowed')
    if (!isRecord(schema)) return true
    if (this.#nesting >= MAX_NESTING) throw new BudgetExceeded('the schema is nested too deeply')
    this.#nesting += 1
    const tracks = schema['unevaluatedProperties'] !== undefined || schema['unevaluatedItems'] !== undefined
    const described = tracks ? { names: new Set<string>(), items: 0 } : location.described
    const inside: Location = { ...location, described }
    let valid = true
    for (const keyword of Object.keys(schema)) {
      this.budget.use(1)
      valid = this.#keyword(keyword, schema, value, inside) && valid
    }
    if (tracks && described !== undefined) {
      valid = this.#unevaluated(schema, value, inside, described) && valid
      merge(described, location.described)
    }
    this.#nesting -= 1
    return valid
  }

  matches(pattern: string, text: string): boolean {
    if (!this.#patterns.has(pattern)) {
      this.budget.use(pattern.length)
      this.#patterns.set(pattern, LinearPattern.of(pattern))
    }
    return this.#patterns.get(pattern)?.test(text, this.budget) ?? this.skip(`the pattern "${shown(pattern)}"`)
  }

  fault({ path, faults }: Location, what: string): false {
    if (faults !== undefined && faults.length < MAX_FAULTS) faults.push(`${path === '' ? 'the value' : path} ${what}`)
    return false
  }

  skip(what: string): true {
    this.skipped += 1
    if (this.unchecked.size < MAX_FAULTS) this.unchecked.add(what)
    return true
  }

  #keyword(keyword: string, schema: Schema, value: unknown, location: Location): boolean {
    const expected = schema[keyword]
    switch (keyword) {
      case 'type':
        return this.#type(listOf(expected), schema, value, location)
      case 'enum':
        if (listOf(expected).some((each) => isEqual(each, value, this.budget))) return true
        return !Array.isArray(expected) || this.fault(location, 'is not one of the allowed values')
      case 'const':
        return isEqual(expected, value, this.budget) || this.fault(location, 'is not the expected constant')
      case '$ref':
      case '$dynamicRef':
      case '$recursiveRef':
        return this.#reference(expected, value, location)
      case 'allOf':
        return listOf(expected).reduce<boolean>((valid, each) => this.apply(each, value, location) && valid, true)
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(keyword, listOf(expected), value, location)
      case 'not':
        return this.#not(expected, value, location)
      case 'if':
        return this.#condition(schema, value, location)
      default:
        if (typeof value === 'string') return checkString(this, keyword, expected, value, location)
        if (typeof value === 'number') return checkNumber(this, keyword, schema, value, location)
        if (Array.isArray(value)) return checkArray(this, keyword, schema, value, location)
        return !isRecord(value) || checkObject(this, keyword, schema, value, location)
    }
  }

  #type(types: readonly unknown[], { nullable }: Schema, value: unknown, location: Location): boolean {
    this.budget.use(types.length)
    if (types.some((type) => isOfType(type, value)) || (value === null && nullable === true)) return true
    const unknown = types.find((type) => typeof type !== 'string' || !knownTypes.has(type))
    if (types.length === 0 || unknown !== undefined) return this.skip('a type that JSON Schema does not define')
    return this.fault(location, `must be ${types.join(' or ').slice(0, 100)}`)
  }

  #reference(reference: unknown, value: unknown, location: Location): boolean {
    if (typeof reference !== 'string') return true
    const target = this.#references.resolve(reference, this.budget)
    if (target === undefined) return this.skip(`the reference "${shown(reference)}"`)
    return this.apply(target, value, location)
  }

  #alternatives(keyword: 'anyOf' | 'oneOf', schemas: readonly unknown[], value: unknown, location: Location): boolean {
    const before = this.skipped
    let fitting = 0
    for (const each of schemas) {
      if (this.#fits(each, value, location)) fitting += 1
      // The other schemas matter only for what they describe.
      if (fitting > 0 && keyword === 'anyOf' && location.described === undefined) return true
    }
    if (schemas.length === 0 || this.skipped > before) return true
    if (fitting === 0) return this.fault(location, 'fits none of the alternatives')
    return fitting === 1 || keyword === 'anyOf' || this.fault(location, 'fits more than one of the alternatives')
  }

  #not(schema: unknown, value: unknown, location: Location): boolean {
    const before = this.skipped
    if (!this.#fits(schema, value, { path: location.path }) || this.skipped > before) return true
    return this.fault(location, 'has a form that is not allowed')
  }

  #condition(schema: Schema, value: unknown, location: Location): boolean {
    const before = this.skipped
    const holds = this.#fits(schema['if'], value, location)
    if (this.skipped > before) return true
    const branch = holds ? schema['then'] : schema['else']
    return branch === undefined || this.apply(branch, value, location)
  }

  /** Applies a schema without reporting faults. What it describes counts only if the value matches it. */
  #fits(schema: unknown, value: unknown, { path, described }: Location): boolean {
    const found = described && { names: new Set<string>(), items: 0 }
    const fits = this.apply(schema, value, { path, described: found })
    if (fits && found !== undefined) merge(found, described)
    return fits
  }

  #unevaluated(schema: Schema, value: unknown, location: Location, described: Described): boolean {
    // A skipped part might have described the rest.
    if (this.skipped > 0) return true
    const { unevaluatedItems: items, unevaluatedProperties: members } = schema
    if (Array.isArray(value)) return items === undefined || checkRest(this, items, described.items, value, location)
    if (!isRecord(value) || members === undefined) return true
    return checkMembers(this, value, location, (name) => (described.names.has(name) ? [] : [members]))
  }
}

function merge(from: Described, into: Described | undefined): void {
  if (into === undefined) return
  for (const name of from.names) into.names.add(name)
  into.items = Math.max(into.items, from.items)
}

const knownTypes = new Set(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])

function isOfType(type: unknown, value: unknown): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return isRecord(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}
