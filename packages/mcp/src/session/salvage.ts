import { isSpecType } from '@modelcontextprotocol/client'

type Item = Readonly<Record<string, unknown>>

interface List {
  /** Where the items are. */
  readonly field: string
  readonly isGood: (item: unknown, modern: boolean) => boolean
  /** What an item cannot do without; where only the rest is malformed, the rest goes. */
  readonly needs: readonly string[]
}

const lists: Readonly<Record<string, List>> = {
  'tools/list': {
    field: 'tools',
    isGood: (item, modern) =>
      isSpecType.Tool(item) &&
      isObjectSchema(item.inputSchema) &&
      // Since revision 2026-07-28 a result may be any JSON.
      (modern || item.outputSchema === undefined || isObjectSchema(item.outputSchema)),
    needs: ['name', 'description', 'inputSchema'],
  },
  'resources/list': { field: 'resources', isGood: (item) => isSpecType.Resource(item), needs: ['name', 'uri'] },
  'resources/templates/list': {
    field: 'resourceTemplates',
    isGood: (item) => isSpecType.ResourceTemplate(item),
    needs: ['name', 'uriTemplate'],
  },
  'prompts/list': { field: 'prompts', isGood: (item) => isSpecType.Prompt(item), needs: ['name', 'arguments'] },
}

export interface Salvaged {
  readonly result: unknown
  /** What was left out, by name where it has one. */
  readonly dropped: readonly string[]
}

/**
 * A list as far as it can be used: one malformed item costs neither the others nor the server.
 * @param method what was asked: `tools/list`
 * @param result what the server answered
 * @param modern whether the server speaks revision 2026-07-28 or later
 * @returns undefined where there was nothing to do
 */
export function salvageList(method: string, result: unknown, modern: boolean): Salvaged | undefined {
  const list = Object.hasOwn(lists, method) ? lists[method] : undefined
  if (list === undefined || !isRecord(result)) return undefined
  const items = result[list.field]
  if (!Array.isArray(items)) return undefined
  const dropped: string[] = []
  let changed = false
  const usable = (items as unknown[]).flatMap((item) => {
    const found = isRecord(item) && hasShortName(item) ? usableItem(item, list, modern) : undefined
    if (found === undefined) dropped.push(nameOf(item))
    changed ||= found !== item
    return found === undefined ? [] : [found]
  })
  return changed ? { result: { ...result, [list.field]: usable }, dropped } : undefined
}

function usableItem(item: Item, { isGood, needs }: List, modern: boolean): Item | undefined {
  if (isGood(item, modern)) return item
  const bare = Object.fromEntries(needs.filter((name) => item[name] !== undefined).map((name) => [name, item[name]]))
  if (isRecord(bare['inputSchema']) && bare['inputSchema']['type'] === undefined) {
    bare['inputSchema'] = { ...bare['inputSchema'], type: 'object' }
  }
  return isGood(bare, modern) ? bare : undefined
}

const isRecord = (value: unknown): value is Item => typeof value === 'object' && value !== null && !Array.isArray(value)

/** What older revisions ask of a schema beyond what newer ones do; the SDK refuses the whole list over it. */
const isObjectSchema = (schema: unknown): boolean =>
  isRecord(schema) &&
  schema['type'] === 'object' &&
  (schema['properties'] === undefined || isRecord(schema['properties'])) &&
  (schema['required'] === undefined || isTexts(schema['required']))
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((each) => typeof each === 'string')

/** Beyond any name that is one: names become parts of keys, headers and log lines. */
const LONGEST_NAME = 256
const hasShortName = ({ name }: Item): boolean => typeof name === 'string' && name !== '' && name.length <= LONGEST_NAME
const nameOf = (item: unknown): string =>
  isRecord(item) && typeof item['name'] === 'string' ? item['name'].slice(0, LONGEST_NAME) : 'one without a name'
