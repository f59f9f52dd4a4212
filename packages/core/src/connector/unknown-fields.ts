import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import type { Issue } from '../errors/connector-error.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { defOf, runOf } from './schema-shape.ts'

interface UnknownField {
  readonly path: readonly (string | number)[]
  /** The fields that the schema has at this path. */
  readonly known: readonly string[]
}

/** Finds the fields of a value that its schema does not have. */
type Finder = (value: unknown) => readonly UnknownField[]

const NONE: readonly UnknownField[] = []
const NO_ISSUES: readonly Issue[] = []
const MAX_ISSUES = 20
const MAX_NAME = 80
const MAX_KNOWN = 8

/**
 * Returns an issue for each field of `value` that the schema would drop. Objects are closed at every depth, unless the
 * author opened them with `z.looseObject`, `.catchall` or a record. The raw input of a transform is not checked.
 */
export function unknownFields(schema: $ZodType, value: unknown): readonly Issue[] {
  const found = finderOf(schema)?.(value) ?? NONE
  return found.length === 0 ? NO_ISSUES : found.slice(0, MAX_ISSUES).map(issueOf)
}

function issueOf({ path, known }: UnknownField): Issue {
  const shown = path.map((part) => String(part).slice(0, MAX_NAME))
  return { path: shown.join('.'), message: unknownName(shown.at(-1) ?? '', known) }
}

/** Returns the message about an unknown field, with the nearest name or the list of known fields. */
export function unknownName(name: string, known: readonly string[]): string {
  const shown = name.slice(0, MAX_NAME)
  const [nearest] = nearestNames(shown, known, MIN_LIKENESS)
  if (nearest !== undefined) return `unknown field "${shown}"; did you mean "${nearest}"?`
  const fields = known.slice(0, MAX_KNOWN).join(', ')
  return `unknown field "${shown}"; ${fields === '' ? 'no fields are known here' : `the fields are ${fields}`}`
}

const MIN_LIKENESS = 0.4

const finders = new WeakMap<$ZodType, Finder | undefined>()

/** Compiles the finder of a schema once. Undefined if the schema cannot have unknown fields, which costs nothing then. */
function finderOf(schema: $ZodType): Finder | undefined {
  if (finders.has(schema)) return finders.get(schema)
  // A recursive schema finds itself here.
  finders.set(schema, (value) => finders.get(schema)?.(value) ?? NONE)
  const finder = compile(schema as $ZodTypes)
  finders.set(schema, finder)
  return finder
}

function compile(schema: $ZodTypes): Finder | undefined {
  const def = defOf(schema)
  if (def.type === 'object') return inObject(def.shape, def.catchall)
  if (def.type === 'record') return inObject({}, def.valueType)
  if (def.type === 'union') return inUnion(def.options)
  if (def.type === 'intersection') return inBoth(finderOf(def.left), finderOf(def.right))
  if (def.type === 'lazy') return finderOf(def.getter())
  if (def.type === 'pipe') return finderOf(def.in)
  if (def.type === 'array') {
    const element = finderOf(def.element)
    return element && inItems(() => element)
  }
  if (def.type === 'tuple') {
    const items = def.items.map((item) => finderOf(item))
    const rest = def.rest === null ? undefined : finderOf(def.rest)
    return [...items, rest].some(Boolean) ? inItems((index) => (index < items.length ? items[index] : rest)) : undefined
  }
  // Optional, nullable, default and the like.
  return 'innerType' in def ? finderOf(def.innerType) : undefined
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const within = (name: string | number, found: readonly UnknownField[]): readonly UnknownField[] =>
  found.map(({ path, known }) => ({ path: [name, ...path], known }))

function inObject(shape: Readonly<Record<string, $ZodType>>, catchall: $ZodType | undefined): Finder | undefined {
  const known = Object.keys(shape)
  const fields = new Map(known.map((name) => [name, shape[name] && finderOf(shape[name])]))
  const isOpen = catchall !== undefined && defOf(catchall).type !== 'never'
  const others = isOpen ? finderOf(catchall) : undefined
  if (isOpen && others === undefined && [...fields.values()].every((finder) => finder === undefined)) return undefined
  return (value) => {
    if (!isRecord(value)) return NONE
    let found = NONE
    for (const name of Object.keys(value)) {
      const finder = fields.get(name)
      if (finder === undefined && fields.has(name)) continue
      const item = value[name]
      // A field that is undefined can be dropped.
      if (item === undefined) continue
      if (finder === undefined && !isOpen) found = [...found, { path: [name], known }]
      else {
        const nested = (finder ?? others)?.(item) ?? NONE
        if (nested.length > 0) found = [...found, ...within(name, nested)]
      }
      if (found.length > MAX_ISSUES) return found
    }
    return found
  }
}

function inItems(finderAt: (index: number) => Finder | undefined): Finder {
  return (value) => {
    if (!Array.isArray(value)) return NONE
    let found = NONE
    for (const [index, item] of value.entries()) {
      const nested = finderAt(index)?.(item) ?? NONE
      if (nested.length > 0) found = [...found, ...within(index, nested)]
      if (found.length > MAX_ISSUES) return found
    }
    return found
  }
}

/** Compiles the finder of a union. The first option that accepts the value decides which fields it has. */
function inUnion(options: readonly $ZodType[]): Finder | undefined {
  if (options.every((option) => finderOf(option) === undefined)) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null) return NONE
    const taken = options.find((option) => {
      const payload = runOf(option)({ value, issues: [] }, { async: false })
      return !(payload instanceof Promise) && payload.issues.length === 0
    })
    return (taken && finderOf(taken)?.(value)) ?? NONE
  }
}

/** Compiles the finder of an intersection. A field is unknown if neither side has it. */
function inBoth(left: Finder | undefined, right: Finder | undefined): Finder | undefined {
  if (left === undefined || right === undefined) return undefined
  return (value) => {
    const others = new Map(right(value).map((field) => [JSON.stringify(field.path), field]))
    return left(value).flatMap(({ path, known }) => {
      const other = others.get(JSON.stringify(path))
      return other === undefined ? [] : [{ path, known: [...known, ...other.known] }]
    })
  }
}
