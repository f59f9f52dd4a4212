import { checkArray, checkRest } from './array-keywords.ts'
import { Budget, BudgetExceeded } from './budget.ts'
import { isEqual } from './equality.ts'
import { isRecord, listOf, shown } from './judge.ts'
import type { Described, Judge, Place, Schema } from './judge.ts'
import { LinearPattern } from './linear-pattern.ts'
import { checkMembers, checkObject } from './object-keywords.ts'
import { References } from './references.ts'
import { checkNumber, checkText } from './scalar-keywords.ts'

/** Steps of one check: a few hundred thousand values, or a fraction of a second of work. */
const MAX_STEPS = 1_000_000
/** Schemas inside schemas that are followed. */
const MAX_NESTING = 200
const MAX_FAULTS = 5

export interface SchemaVerdict {
  /** What is wrong with the value; empty if nothing is. */
  readonly faults: readonly string[]
  /** Parts of the schema that were not checked. They never count as faults. */
  readonly unchecked: readonly string[]
}

/**
 * A JSON Schema that judges values: draft 2020-12, and what older drafts write differently. It is interpreted, so a
 * schema costs nothing before its first use, leaves nothing behind, and takes a bounded number of steps: no pattern,
 * reference or value can block the process.
 */
export class SchemaCheck {
  readonly #schema: unknown
  readonly #references: References
  readonly #patterns = new Map<string, LinearPattern | undefined>()

  constructor(schema: unknown) {
    this.#schema = schema
    this.#references = new References(schema)
  }

  /** Judges a value. Never throws. */
  check(value: unknown): SchemaVerdict {
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

class Run implements Judge {
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

  apply(schema: unknown, value: unknown, place: Place): boolean {
    this.budget.spend(1)
    if (schema === false) return this.fault(place, 'is not allowed')
    if (!isRecord(schema)) return true
    if (this.#nesting >= MAX_NESTING) throw new BudgetExceeded('the schema is nested too deeply')
    this.#nesting += 1
    const tracks = schema['unevaluatedProperties'] !== undefined || schema['unevaluatedItems'] !== undefined
    const described = tracks ? { names: new Set<string>(), items: 0 } : place.described
    const inside: Place = { ...place, described }
    let valid = true
    for (const keyword of Object.keys(schema)) {
      this.budget.spend(1)
      valid = this.#keyword(keyword, schema, value, inside) && valid
    }
    if (tracks && described !== undefined) {
      valid = this.#unevaluated(schema, value, inside, described) && valid
      merge(described, place.described)
    }
    this.#nesting -= 1
    return valid
  }

  matches(pattern: string, text: string): boolean {
    if (!this.#patterns.has(pattern)) {
      this.budget.spend(pattern.length)
      this.#patterns.set(pattern, LinearPattern.of(pattern))
    }
    return this.#patterns.get(pattern)?.test(text, this.budget) ?? this.skip(`the pattern "${shown(pattern)}"`)
  }

  fault({ path, faults }: Place, what: string): false {
    if (faults !== undefined && faults.length < MAX_FAULTS) faults.push(`${path === '' ? 'the value' : path} ${what}`)
    return false
  }

  skip(what: string): true {
    this.skipped += 1
    if (this.unchecked.size < MAX_FAULTS) this.unchecked.add(what)
    return true
  }

  #keyword(keyword: string, schema: Schema, value: unknown, place: Place): boolean {
    const expected = schema[keyword]
    switch (keyword) {
      case 'type':
        return this.#type(listOf(expected), schema, value, place)
      case 'enum':
        if (listOf(expected).some((each) => isEqual(each, value, this.budget))) return true
        return !Array.isArray(expected) || this.fault(place, 'is not one of the allowed values')
      case 'const':
        return isEqual(expected, value, this.budget) || this.fault(place, 'is not the expected constant')
      case '$ref':
      case '$dynamicRef':
      case '$recursiveRef':
        return this.#reference(expected, value, place)
      case 'allOf':
        return listOf(expected).reduce<boolean>((valid, each) => this.apply(each, value, place) && valid, true)
      case 'anyOf':
      case 'oneOf':
        return this.#alternatives(keyword, listOf(expected), value, place)
      case 'not':
        return this.#not(expected, value, place)
      case 'if':
        return this.#condition(schema, value, place)
      default:
        if (typeof value === 'string') return checkText(this, keyword, expected, value, place)
        if (typeof value === 'number') return checkNumber(this, keyword, schema, value, place)
        if (Array.isArray(value)) return checkArray(this, keyword, schema, value, place)
        return !isRecord(value) || checkObject(this, keyword, schema, value, place)
    }
  }

  #type(types: readonly unknown[], { nullable }: Schema, value: unknown, place: Place): boolean {
    this.budget.spend(types.length)
    if (types.some((type) => isOfType(type, value)) || (value === null && nullable === true)) return true
    const unknown = types.find((type) => typeof type !== 'string' || !knownTypes.has(type))
    if (types.length === 0 || unknown !== undefined) return this.skip('a type that JSON Schema does not define')
    return this.fault(place, `must be ${types.join(' or ').slice(0, 100)}`)
  }

  #reference(reference: unknown, value: unknown, place: Place): boolean {
    if (typeof reference !== 'string') return true
    const target = this.#references.resolve(reference, this.budget)
    if (target === undefined) return this.skip(`the reference "${shown(reference)}"`)
    return this.apply(target, value, place)
  }

  #alternatives(keyword: 'anyOf' | 'oneOf', schemas: readonly unknown[], value: unknown, place: Place): boolean {
    const before = this.skipped
    let fitting = 0
    for (const each of schemas) {
      if (this.#fits(each, value, place)) fitting += 1
      // The others matter only for what they describe.
      if (fitting > 0 && keyword === 'anyOf' && place.described === undefined) return true
    }
    if (schemas.length === 0 || this.skipped > before) return true
    if (fitting === 0) return this.fault(place, 'fits none of the alternatives')
    return fitting === 1 || keyword === 'anyOf' || this.fault(place, 'fits more than one of the alternatives')
  }

  #not(schema: unknown, value: unknown, place: Place): boolean {
    const before = this.skipped
    if (!this.#fits(schema, value, { path: place.path }) || this.skipped > before) return true
    return this.fault(place, 'has a form that is not allowed')
  }

  #condition(schema: Schema, value: unknown, place: Place): boolean {
    const before = this.skipped
    const holds = this.#fits(schema['if'], value, place)
    if (this.skipped > before) return true
    const branch = holds ? schema['then'] : schema['else']
    return branch === undefined || this.apply(branch, value, place)
  }

  /** Applies a schema without reporting faults; what it describes counts only if the value fits it. */
  #fits(schema: unknown, value: unknown, { path, described }: Place): boolean {
    const found = described && { names: new Set<string>(), items: 0 }
    const fits = this.apply(schema, value, { path, described: found })
    if (fits && found !== undefined) merge(found, described)
    return fits
  }

  #unevaluated(schema: Schema, value: unknown, place: Place, described: Described): boolean {
    // What was left out might have described the rest.
    if (this.skipped > 0) return true
    const { unevaluatedItems: items, unevaluatedProperties: members } = schema
    if (Array.isArray(value)) return items === undefined || checkRest(this, items, described.items, value, place)
    if (!isRecord(value) || members === undefined) return true
    return checkMembers(this, value, place, (name) => (described.names.has(name) ? [] : [members]))
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
