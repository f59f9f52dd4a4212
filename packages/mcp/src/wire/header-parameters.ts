import { isObject } from './json-object.ts'

const KEYWORD = 'x-mcp-header'
const token = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/
const primitives = new Set(['string', 'integer', 'boolean'])
/** Keywords whose schemas do not always apply, so that no header can be read from them. */
const conditional = [
  ...['items', 'prefixItems', 'contains', 'additionalProperties', 'unevaluatedProperties', 'unevaluatedItems'],
  ...['propertyNames', 'patternProperties', 'dependentSchemas', 'oneOf', 'anyOf', 'allOf', 'not'],
  ...['if', 'then', 'else', '$defs', 'definitions'],
]
const MAX_NESTING = 100

/**
 * Returns why the protocol forbids the way in which a schema declares parameters as headers (revision 2026-07-28), or
 * undefined if it does not. A client must not offer such a tool.
 */
export function headerFault(schema: unknown): string | undefined {
  const seen = new Set<string>()
  const visit = (node: unknown, isReachable: boolean, nesting: number): string | undefined => {
    if (typeof node !== 'object' || node === null || nesting > MAX_NESTING) return undefined
    if (Array.isArray(node)) return firstFault(node, (each) => visit(each, isReachable, nesting + 1))
    const { properties, ...rest } = node as Readonly<Record<string, unknown>>
    const fault = KEYWORD in rest ? faultOf(rest[KEYWORD], rest['type'], isReachable && nesting > 0, seen) : undefined
    if (fault !== undefined) return fault
    const named = isObject(properties) ? Object.values(properties) : []
    return (
      firstFault(named, (each) => visit(each, isReachable, nesting + 1)) ??
      firstFault(conditional, (keyword) => {
        const inside = rest[keyword]
        const isMap = isObject(inside) && maps.has(keyword)
        return visit(isMap ? Object.values(inside) : inside, false, nesting + 1)
      })
    )
  }
  return visit(schema, true, 0)
}

const maps = new Set(['patternProperties', 'dependentSchemas', '$defs', 'definitions'])

function firstFault<Item>(items: readonly Item[], faultIn: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const fault = faultIn(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

function faultOf(name: unknown, type: unknown, isReachable: boolean, seen: Set<string>): string | undefined {
  if (!isReachable) return `${KEYWORD} is not allowed there`
  if (typeof name !== 'string' || !token.test(name)) return `${KEYWORD} is not the name of a header`
  if (typeof type !== 'string' || !primitives.has(type)) return `${KEYWORD} needs a primitive type`
  const lower = name.toLowerCase()
  if (seen.has(lower)) return `${KEYWORD} names the same header twice`
  seen.add(lower)
  return undefined
}
