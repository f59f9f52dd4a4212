import { withoutNulls } from './absent-members.ts'
import { repairPart } from './repair-part.ts'
import { isObject } from './json-object.ts'
import type { JsonObject } from './json-object.ts'
import { repairList } from './repair-list.ts'
import type { ServerTraits } from './repair-list.ts'
import { withNotes } from './notes.ts'
import type { Notes, Omitted } from './notes.ts'

export interface RepairedResult {
  readonly result: JsonObject
  readonly omitted: readonly Omitted[]
}

/**
 * Repairs members with a clear meaning and drops malformed items. The SDK would refuse the whole result for one malformed
 * member, even of a tool that has run.
 * @param method the method of the request: `tools/call`
 */
export function repairResult(method: string, result: unknown, server: ServerTraits): RepairedResult {
  const clean = isObject(result) ? withoutNulls(result) : {}
  const list = repairList(method, clean, server)
  if (list !== undefined) return noted(list.result, { omitted: list.omitted })
  switch (method) {
    case 'initialize':
    case 'server/discover':
      return noted(withCapabilities(clean))
    case 'tools/call':
      return repairedToolResult(clean, server)
    case 'prompts/get':
      return repairedMessages(clean)
    case 'resources/read':
      return repairedContents(clean)
    case 'completion/complete': {
      const { completion } = clean
      return noted(
        isObject(completion) && !Array.isArray(completion['values'])
          ? { ...clean, completion: { ...completion, values: [] } }
          : clean,
      )
    }
    default:
      return noted(clean)
  }
}

const noted = (result: JsonObject, notes?: Notes): RepairedResult => ({
  result: withNotes(result, notes?.omitted.length === 0 && notes.structured === undefined ? undefined : notes),
  omitted: notes?.omitted ?? [],
})

function withCapabilities(result: JsonObject): JsonObject {
  const { capabilities, serverInfo } = result
  const given = isObject(capabilities) ? Object.entries(capabilities) : []
  // A capability that is only `true` has no options.
  const known = given.flatMap(([name, value]) =>
    value === true ? [[name, {}]] : isObject(value) ? [[name, value]] : [],
  )
  const info = isObject(serverInfo) ? serverInfo : {}
  const { name = 'unknown', version = '' } = info
  const isHandshake = 'protocolVersion' in result
  return {
    ...result,
    capabilities: Object.fromEntries(known) as JsonObject,
    ...(isHandshake && { serverInfo: { ...info, name: String(name), version: String(version) } }),
  }
}

function repairedToolResult(result: JsonObject, { modern }: ServerTraits): RepairedResult {
  const { content, isError, structuredContent, ...rest } = result
  // A result that asks for input has no content.
  if (content === undefined && rest['resultType'] !== undefined && rest['resultType'] !== 'complete')
    return noted(result)
  const { parts, omitted } = repairedParts(content)
  const isKnown = structuredContent !== undefined && structuredContent !== null
  const fits = isKnown && (modern || isObject(structuredContent))
  const repaired: JsonObject = {
    ...rest,
    content: parts,
    ...(isError !== undefined && { isError: isError === true || isError === 'true' || isError === 1 }),
    ...(fits && { structuredContent }),
  }
  return noted(repaired, { omitted, ...(isKnown && !fits && { structured: structuredContent }) })
}

interface RepairedContent {
  readonly parts: readonly unknown[]
  readonly omitted: readonly Omitted[]
}

function repairedParts(content: unknown): RepairedContent {
  const given = content === undefined ? [] : Array.isArray(content) ? (content as unknown[]) : [content]
  if (given.every(isPlain)) return { parts: given, omitted: [] }
  const omitted: Omitted[] = []
  const parts = given.flatMap((part, index) => {
    const found = isPlain(part) ? part : repairPart(part)
    if (typeof found !== 'string') return [found]
    omitted.push({ name: typeOf(part), index, reason: found })
    return []
  })
  return { parts, omitted }
}

/** Returns whether a part needs no repair, like nearly all parts. */
function isPlain(part: unknown): part is JsonObject {
  if (!isObject(part)) return false
  const { type, text, data, mimeType, annotations, _meta: meta } = part
  if (annotations !== undefined || meta !== undefined) return false
  if (type === 'text') return typeof text === 'string'
  if (type !== 'image' && type !== 'audio') return false
  return (
    typeof mimeType === 'string' &&
    typeof data === 'string' &&
    data.length % 4 === 0 &&
    /^[A-Za-z\d+/]*={0,2}(?!\s)$/.test(data)
  )
}

const typeOf = (part: unknown): string | undefined =>
  isObject(part) && typeof part['type'] === 'string' ? part['type'].slice(0, 100) : undefined

function repairedMessages(result: JsonObject): RepairedResult {
  const omitted: Omitted[] = []
  const given = Array.isArray(result['messages']) ? (result['messages'] as unknown[]) : []
  const messages = given.flatMap((message, index) => {
    const { role, content } = isObject(message) ? message : {}
    const knownRole = role === 'user' || role === 'assistant'
    const found = isPlain(content) ? content : repairPart(content)
    if (knownRole && typeof found !== 'string') return [{ role, content: found }]
    omitted.push({ name: typeOf(content), index, reason: typeof found === 'string' ? found : 'its role is unknown' })
    return []
  })
  return noted({ ...result, messages }, { omitted })
}

function repairedContents(result: JsonObject): RepairedResult {
  const omitted: Omitted[] = []
  const { contents } = result
  const given = Array.isArray(contents) ? (contents as unknown[]) : isObject(contents) ? [contents] : []
  const usable = given.flatMap((each, index) => {
    const found = repairPart({ type: 'resource', resource: each })
    if (typeof found !== 'string') return [found['resource']]
    omitted.push({ index, reason: found })
    return []
  })
  return noted({ ...result, contents: usable }, { omitted })
}
