import { toJSONSchema } from 'zod/v4/core'
import type { ToJSONSchemaParams } from 'zod/v4/core'
import type { JsonSchema, SettingField, ToolDescription } from './connector.ts'
import { markedFields } from './fields.ts'
import { defOf } from './schema-shape.ts'
import type { Schema } from './schema.ts'
import type { AnyTool } from './tool.ts'

// Imported lazily, because it loads zod, which is larger than core. A separate file lets a bundler drop the rest of zod.

/** Describes a tool, with its schemas as JSON Schema. */
export function describeTool(name: string, tool: AnyTool): ToolDescription {
  const known = described.get(tool)
  if (known?.name === name) return known
  const description: ToolDescription = {
    name,
    title: titleOf(name),
    description: tool.description,
    inputSchema: jsonSchemaOf(tool.input, 'input'),
    outputSchema: jsonSchemaOf(tool.output, 'output'),
    inputMarks: markedFields(tool.input, 'input'),
    outputMarks: markedFields(tool.output, 'output'),
    effect: tool.effect,
    idempotent: tool.idempotent ?? tool.effect === 'read',
    reversible: isReversible(tool),
    scopes: tool.scopes,
    examples: tool.examples,
    deprecated: tool.deprecated,
  }
  described.set(tool, description)
  return description
}

/** Returns whether a tool can be undone. A destructive tool cannot, unless its author declares `undo`. */
function isReversible({ undo, effect }: AnyTool): boolean | undefined {
  if (undo === undefined) return effect === 'destroy' ? false : undefined
  return undo !== 'impossible'
}

const described = new WeakMap<AnyTool, ToolDescription>()

/** `send_message` becomes "Send message". */
const titleOf = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' ')

/**
 * Describes the settings of a connector, for a form.
 * @param missing the fields that each connection has to provide
 */
export function describeSettings(schema: Schema, missing: readonly string[]): readonly SettingField[] {
  const { properties = {} } = jsonSchemaOf(schema, 'input') as { properties?: Readonly<Record<string, JsonSchema>> }
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: missing.includes(name),
    title: stringOf(field['title']),
    description: stringOf(field['description']),
    schema: field,
  }))
}

const stringOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Converts a schema to JSON Schema, draft 2020-12. The result accepts every value that the schema accepts. */
function jsonSchemaOf(schema: Schema, io: 'input' | 'output'): JsonSchema {
  // What JSON Schema cannot express is left open, because the schema itself still checks the value.
  const closing = io === 'input' && { override: close }
  return new PartOpener(toJSONSchema(schema, { io, unrepresentable: 'any', ...closing }) as JsonSchema).schema
}

/** Closes an object that its author left plain, as `unknownFields` does. For outputs, zod does this. */
const close: NonNullable<ToJSONSchemaParams['override']> = ({ zodSchema, jsonSchema }) => {
  const def = defOf(zodSchema)
  const isPlain = def.type === 'object' && def.catchall === undefined
  if (isPlain && jsonSchema.properties !== undefined) jsonSchema.additionalProperties ??= false
}

/** Keywords whose value is a schema, or a list of them. */
const SUBSCHEMAS: ReadonlySet<string> = new Set(['items', 'prefixItems', 'additionalProperties', 'not'])
/** Keywords whose value maps names to schemas. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set(['properties', 'patternProperties', '$defs'])

/**
 * The use of a schema: alone; as a part of an `allOf`, which must not reject the fields of the other parts; or as a part
 * whose members other parts describe as well, so that no object inside may reject a field.
 */
type Use = 'alone' | 'part' | 'shared part'

/**
 * Opens the parts of every `allOf`. Where all parts were closed, the whole is closed instead. A part may be a definition that
 * is also used alone, so a part refers to an open copy of it.
 */
class PartOpener {
  readonly schema: JsonSchema
  readonly #root: JsonSchema
  readonly #copies: Record<string, unknown> = {}

  constructor(root: JsonSchema) {
    this.#root = root
    const schema = this.#visit(root, 'alone') as JsonSchema
    const isCopied = Object.keys(this.#copies).length > 0
    this.schema = isCopied ? { ...schema, $defs: { ...asObject(schema['$defs']), ...this.#copies } } : schema
  }

  #visit(value: unknown, use: Use): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#visit(item, use))
    if (typeof value !== 'object' || value === null) return value
    const isPart = use !== 'alone'
    const inner = use === 'shared part' ? use : 'alone'
    const visited = Object.entries(value).flatMap(([name, item]): (readonly [string, unknown])[] => {
      if (name === 'allOf') return [[name, this.#visit(item, this.#useOfParts(item, use))]]
      if (name === 'anyOf' || name === 'oneOf') return [[name, this.#visit(item, use)]]
      if (NAMED_SCHEMAS.has(name)) return [[name, mapValues(item, (each) => this.#visit(each, inner))]]
      if (isPart && name === 'additionalProperties' && item === false) return []
      if (isPart && name === '$ref') return [[name, this.#openRef(String(item), use)]]
      return [[name, SUBSCHEMAS.has(name) ? this.#visit(item, inner) : item]]
    })
    const schema = Object.fromEntries(visited)
    if (isPart) return withNamedFields(schema)
    const { allOf } = value as JsonSchema
    const isClosed = Array.isArray(allOf) && allOf.every((part) => this.#isClosed(part))
    return isClosed ? { ...schema, unevaluatedProperties: false } : schema
  }

  #useOfParts(parts: unknown, use: Use): Use {
    if (use === 'shared part' || !Array.isArray(parts)) return use
    const seen = new Set<string>()
    for (const part of parts) {
      const members = this.#membersOf(part)
      const isShared = [...members].some((name) => seen.has(name)) || (seen.has(ANY) && members.size > 0)
      if (isShared || (members.has(ANY) && seen.size > 0)) return 'shared part'
      for (const name of members) seen.add(name)
    }
    return 'part'
  }

  /** Returns the names of the members that a part describes, and {@link ANY} if it describes members by other means. */
  #membersOf(part: unknown, refs: ReadonlySet<string> = new Set()): ReadonlySet<string> {
    const { $ref, properties, items, prefixItems, patternProperties, additionalProperties, ...rest } = asObject(part)
    if (typeof $ref === 'string') {
      return refs.has($ref) ? new Set() : this.#membersOf(this.#target($ref), new Set([...refs, $ref]))
    }
    const options = [rest['allOf'], rest['anyOf'], rest['oneOf']].filter(Array.isArray).flat()
    const names = [...Object.keys(asObject(properties)), ...options.flatMap((each) => [...this.#membersOf(each, refs)])]
    const others = [items, prefixItems, patternProperties, additionalProperties]
    return new Set(others.some((each) => Object.keys(asObject(each)).length > 0) ? [...names, ANY] : names)
  }

  /** Returns a reference to the open copy of a definition. */
  #openRef(ref: string, use: Use): string {
    const name = `${ref.split('/').at(-1)?.replace('#', 'root')}_${use === 'part' ? 'open' : 'open_inside'}`
    if (!Object.hasOwn(this.#copies, name)) {
      // First, because a definition may be a part of itself.
      this.#copies[name] = {}
      const { $schema: _version, $defs: _definitions, ...target } = this.#target(ref)
      this.#copies[name] = this.#visit(target, use)
    }
    return `#/$defs/${name}`
  }

  #target(ref: string): JsonSchema {
    if (ref === '#') return this.#root
    return asObject(asObject(this.#root['$defs'])[ref.slice('#/$defs/'.length)])
  }

  /** Returns whether a part, before it is opened, rejects every field that it does not describe. */
  #isClosed(part: unknown, refs: ReadonlySet<string> = new Set()): boolean {
    const { $ref, additionalProperties, allOf, anyOf, oneOf, type } = asObject(part)
    if (typeof $ref === 'string') {
      return refs.has($ref) || this.#isClosed(this.#target($ref), new Set([...refs, $ref]))
    }
    if (additionalProperties === false) return true
    const parts = [allOf, anyOf, oneOf].find(Array.isArray)
    if (parts !== undefined) return parts.every((each) => this.#isClosed(each, refs))
    return type !== undefined && type !== 'object' && !(Array.isArray(type) && type.includes('object'))
  }
}

/** The name of members without a name: items, and fields of a record. */
const ANY = '*'

/** Replaces the closed list of names of a record, which rejects the fields of the other parts, with a field for each. */
function withNamedFields(part: JsonSchema): JsonSchema {
  const { propertyNames, additionalProperties, ...rest } = part
  const names = namesIn(propertyNames)
  if (names === undefined) return part
  return { ...rest, properties: Object.fromEntries(names.map((name) => [name, additionalProperties ?? {}])) }
}

/** Returns the strings that a schema allows; undefined if it does not list them. */
function namesIn(schema: unknown): readonly string[] | undefined {
  const { const: only, enum: names = only === undefined ? undefined : [only], anyOf } = asObject(schema)
  if (Array.isArray(names)) return names.map(String)
  const options = Array.isArray(anyOf) ? anyOf.map(namesIn) : [undefined]
  return options.every((option) => option !== undefined) ? options.flat() : undefined
}

const asObject = (value: unknown): JsonSchema => (typeof value === 'object' && value !== null ? { ...value } : {})

const mapValues = (schemas: unknown, change: (schema: unknown) => unknown): JsonSchema =>
  Object.fromEntries(Object.entries(asObject(schemas)).map(([name, schema]) => [name, change(schema)]))
