import { isSpecType } from '@modelcontextprotocol/client'
import { isObject, withValidMembers } from './json-object.ts'
import type { JsonObject } from './json-object.ts'

/** The required members of each type of part. */
const needed = new Map<unknown, readonly string[]>([
  ['text', ['type', 'text']],
  ['image', ['type', 'data', 'mimeType']],
  ['audio', ['type', 'data', 'mimeType']],
  ['resource_link', ['type', 'uri', 'name']],
  ['resource', ['type', 'resource']],
])

/** The first characters of common media types, in base64. */
const signatures: readonly (readonly [start: string, mimeType: string])[] = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['SUQz', 'audio/mpeg'],
  ['T2dnUw', 'audio/ogg'],
  ['ZkxhQw', 'audio/flac'],
]

/** Returns a content part as the protocol defines it, or the reason why it cannot be used. */
export function repairPart(part: unknown): JsonObject | string {
  if (isSpecType.ContentBlock(part)) return part
  if (typeof part === 'string') return { type: 'text', text: part }
  if (!isObject(part)) return 'it is not an object'
  const needs = needed.get(part['type'])
  if (needs === undefined) return 'its type is unknown'
  const complete = completed(part)
  const missing = needs.find((name) => complete[name] === undefined)
  if (missing !== undefined) return `it has no ${missing}`
  return withValidMembers(complete, needs, isSpecType.ContentBlock) ?? 'it is malformed'
}

function completed(part: JsonObject): JsonObject {
  const { annotations } = part
  const audience = isObject(annotations) ? annotations['audience'] : undefined
  const known =
    isObject(annotations) && Array.isArray(audience) ? withKnownAudience(annotations, audience) : annotations
  const { annotations: _, ...rest } = part
  const same = known === undefined ? rest : { ...rest, annotations: known }
  switch (part['type']) {
    case 'text':
      return typeof part['text'] === 'string' || part['text'] === undefined
        ? same
        : { ...same, text: JSON.stringify(part['text']) }
    case 'image':
    case 'audio':
      return withMedia(same)
    case 'resource_link':
      return part['name'] === undefined ? { ...same, name: part['uri'] } : same
    default:
      return same
  }
}

/** Removes roles that the protocol does not define. */
function withKnownAudience(annotations: JsonObject, audience: readonly unknown[]): JsonObject {
  const { audience: _, ...rest } = annotations
  const roles = audience.filter((role) => role === 'user' || role === 'assistant')
  return roles.length === 0 ? rest : { ...rest, audience: roles }
}

/** Reads the type and the data in the other forms that servers write: a data URL, base64url, no type. */
function withMedia(part: JsonObject): JsonObject {
  const { data, mimeType } = part
  if (typeof data !== 'string') return part
  const [, fromUrl, inUrl] = /^data:([\w.+/-]{1,100})(?:;[\w=.-]{1,100})*;base64,(.*)$/s.exec(data) ?? []
  const base64 = (inUrl ?? data).replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  const found = signatures.find(([start, type]) => base64.startsWith(start) && type.startsWith(String(part['type'])))
  return { ...part, data: base64, mimeType: typeof mimeType === 'string' ? mimeType : (fromUrl ?? found?.[1]) }
}
