import { isRecord } from './json-form.ts'
import type { JsonPath } from './json-walk.ts'

/**
 * Returns whether a JSON Schema is open by intention at a path of its values: a map with keys of the provider's choosing, or
 * one named field that may hold anything. Open at the top, or an object that names fields and lets others by, is not.
 */
export function isOpenAt(schema: unknown, path: JsonPath): boolean {
  const here = schemasAt(schema, path).filter(isOfObjects)
  if (path.length === 0) return here.some((at) => namesNothing(at) && at['additionalProperties'] !== undefined)
  return here.length === 0 || here.some(namesNothing)
}

const isOfObjects = (schema: unknown): schema is Readonly<Record<string, unknown>> =>
  isRecord(schema) && (schema['type'] === undefined || schema['type'] === 'object')

const namesNothing = (schema: Readonly<Record<string, unknown>>): boolean => schema['properties'] === undefined

/** Returns the schemas that describe the path; none if the schema does not describe it. */
function schemasAt(root: unknown, path: JsonPath): readonly unknown[] {
  let here: readonly unknown[] = resolved(root, root)
  for (const step of path) {
    here = here
      .flatMap((schema): readonly unknown[] => {
        if (!isRecord(schema)) return []
        if (typeof step === 'number') return itemOf(schema, step)
        const { properties, additionalProperties } = schema
        if (isRecord(properties) && step in properties) return [properties[step]]
        return isRecord(additionalProperties) ? [additionalProperties] : []
      })
      .flatMap((schema) => resolved(schema, root))
  }
  return here
}

function itemOf(schema: Readonly<Record<string, unknown>>, index: number): readonly unknown[] {
  const { prefixItems, items } = schema
  if (Array.isArray(prefixItems) && index < prefixItems.length) return [prefixItems[index]]
  return items === undefined ? [] : [items]
}

/** Follows references and the branches of unions and intersections. */
function resolved(schema: unknown, root: unknown, depth = 0): readonly unknown[] {
  if (!isRecord(schema) || depth > 20) return [schema]
  const { $ref, anyOf, oneOf, allOf } = schema
  if (typeof $ref === 'string') return resolved(referred(root, $ref), root, depth + 1)
  const branches = [anyOf, oneOf, allOf].flatMap((list) => (Array.isArray(list) ? (list as unknown[]) : []))
  return branches.length === 0 ? [schema] : branches.flatMap((branch) => resolved(branch, root, depth + 1))
}

/** Resolves a reference inside the same schema: `#/$defs/name`. */
const referred = (root: unknown, reference: string): unknown =>
  reference
    .split('/')
    .slice(1)
    .reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), root)
