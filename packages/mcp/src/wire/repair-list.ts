import { isSpecType } from '@modelcontextprotocol/client'
import { headerFault } from './header-parameters.ts'
import { repairInputSchema, repairSchema } from './repair-schema.ts'
import { isObject, withValidMembers } from './json-object.ts'
import type { JsonObject } from './json-object.ts'
import type { Omitted } from './notes.ts'

/** The settings for the repair of a server's results. */
export interface ServerTraits {
  /** Whether it speaks revision 2026-07-28 or later. */
  readonly modern: boolean
  readonly kind: 'http' | 'stdio'
}

interface List {
  /** The member that holds the items. */
  readonly member: string
  /** Returns the item as the protocol defines it, or the reason why it cannot be used. */
  readonly repair: (item: JsonObject, server: ServerTraits) => JsonObject | string
}

const repairWith =
  (needed: readonly string[], isValid: (item: unknown) => boolean) =>
  (item: JsonObject): JsonObject | string => {
    // A resource may have only a URI.
    const name = item['name'] ?? item['uri'] ?? item['uriTemplate']
    return withValidMembers({ ...item, name }, needed, isValid) ?? 'it is malformed'
  }

const lists = new Map<string, List>([
  ['tools/list', { member: 'tools', repair: repairTool }],
  ['resources/list', { member: 'resources', repair: repairWith(['name', 'uri'], (item) => isSpecType.Resource(item)) }],
  [
    'resources/templates/list',
    {
      member: 'resourceTemplates',
      repair: repairWith(['name', 'uriTemplate'], (item) => isSpecType.ResourceTemplate(item)),
    },
  ],
  ['prompts/list', { member: 'prompts', repair: repairWith(['name', 'arguments'], (item) => isSpecType.Prompt(item)) }],
])

export interface RepairedList {
  readonly result: JsonObject
  readonly omitted: readonly Omitted[]
}

/**
 * Repairs a page of a list: a malformed item costs neither the others nor the server.
 * @param method `tools/list`
 * @returns undefined if the method is not a list
 */
export function repairList(method: string, result: JsonObject, server: ServerTraits): RepairedList | undefined {
  const list = lists.get(method)
  if (list === undefined) return undefined
  const given = result[list.member]
  // Some languages serialize an empty list as an empty object.
  const items = given === undefined || (isObject(given) && Object.keys(given).length === 0) ? [] : given
  if (!Array.isArray(items)) return undefined
  const omitted: Omitted[] = []
  const usable = (items as unknown[]).flatMap((item, index) => {
    const found = isObject(item) ? (nameFault(item, method) ?? list.repair(item, server)) : 'it is not an object'
    if (typeof found === 'object') return [found]
    omitted.push({ name: nameOf(item), index, reason: found })
    return []
  })
  const cursor = result['nextCursor']
  const { nextCursor: _, ...rest } = result
  const next = typeof cursor === 'number' ? String(cursor) : cursor
  // An empty cursor would return the first page again.
  const more = typeof next === 'string' && next !== '' ? { nextCursor: next } : {}
  return { result: { ...rest, ...more, [list.member]: usable }, omitted }
}

function repairTool(item: JsonObject, { modern, kind }: ServerTraits): JsonObject | string {
  const inputSchema = repairInputSchema(item['inputSchema'])
  if (typeof inputSchema === 'string') return inputSchema
  const { outputSchema, description, ...rest } = item
  const output = isObject(outputSchema) ? repairSchema(outputSchema) : undefined
  const tool = {
    ...rest,
    inputSchema,
    ...(typeof description === 'string' && { description }),
    // Until revision 2026-07-28 a result is an object.
    ...(output !== undefined && (modern || isObjectSchema(output)) && { outputSchema: output }),
  }
  const fault = modern && kind === 'http' ? headerFault(inputSchema) : undefined
  if (fault !== undefined) return fault
  return (
    withValidMembers(tool, ['name', 'description', 'inputSchema'], (each) => isSpecType.Tool(each)) ?? 'it is malformed'
  )
}

const isObjectSchema = ({ type, properties }: JsonObject): boolean =>
  type === 'object' && (properties === undefined || isObject(properties))

/** Names become parts of keys, headers and log lines. */
const MAX_NAME_LENGTH = 256

function nameFault({ name }: JsonObject, method: string): string | undefined {
  // A resource may have only a URI.
  if (name === undefined && method.startsWith('resources/')) return undefined
  if (typeof name !== 'string' || name === '') return 'it has no name'
  return name.length > MAX_NAME_LENGTH ? 'its name is too long' : undefined
}

const nameOf = (item: unknown): string | undefined =>
  isObject(item) && typeof item['name'] === 'string' ? item['name'].slice(0, MAX_NAME_LENGTH) : undefined
