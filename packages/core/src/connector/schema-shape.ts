import type { $ZodType, $ZodTypes } from 'zod/v4/core'
import type { Path } from './reply.ts'

/** Returns the definition of a schema. Only this file reads zod's internals. */
export const defOf = (schema: $ZodType): $ZodTypes['_zod']['def'] => (schema as $ZodTypes)['_zod'].def

/** Returns the function that runs a schema without creating an error. */
export const runOf = (schema: $ZodType): $ZodType['_zod']['run'] => schema['_zod'].run

/** Returns the names of the top-level fields of an object schema; empty for any other schema. */
export function fieldsOf(schema: $ZodType): readonly string[] {
  const def = defOf(bare(schema))
  if (def.type === 'intersection') return [...fieldsOf(def.left), ...fieldsOf(def.right)]
  return def.type === 'object' ? Object.keys(def.shape) : []
}

/** Returns whether a response of this schema may have a list at `path`. True if the schema is opaque there. */
export function hasList(schema: $ZodType, path: Path): boolean {
  let options: readonly $ZodType[] = [schema]
  for (const segment of typeof path === 'string' ? path.split('.').filter(Boolean) : path) {
    options = options.flatMap(optionsOf).flatMap((option) => memberOf(option, segment))
  }
  return options.flatMap(optionsOf).some((option) => {
    const { type } = defOf(option)
    return type === 'array' || type === 'tuple' || isOpaque(type)
  })
}

const isOpaque = (type: string): boolean => ['any', 'unknown', 'custom', 'transform', 'promise'].includes(type)

/** Returns the options of a union or the sides of an intersection, unwrapped. */
function optionsOf(schema: $ZodType): readonly $ZodType[] {
  const whole = bare(schema)
  const def = defOf(whole)
  if (def.type === 'union') return def.options.flatMap(optionsOf)
  return def.type === 'intersection' ? [def.left, def.right].flatMap(optionsOf) : [whole]
}

function memberOf(schema: $ZodType, segment: string): readonly $ZodType[] {
  const def = defOf(schema)
  if (isOpaque(def.type)) return [schema]
  if (def.type === 'record') return [def.valueType]
  if (def.type === 'array') return [def.element]
  if (def.type !== 'object') return []
  const member = Object.hasOwn(def.shape, segment) ? def.shape[segment] : def.catchall
  return member === undefined ? [] : [member]
}

/** Unwraps optional, default and the like. Returns the input side of a pipe, or its output side if it starts with a transform. */
function bare(schema: $ZodType): $ZodTypes {
  let inner = schema as $ZodTypes
  for (;;) {
    const def = defOf(inner)
    if (def.type === 'lazy') inner = def.getter() as $ZodTypes
    else if (def.type === 'pipe') inner = (defOf(def.in).type === 'transform' ? def.out : def.in) as $ZodTypes
    else if ('innerType' in def) inner = def.innerType as $ZodTypes
    else return inner
  }
}
