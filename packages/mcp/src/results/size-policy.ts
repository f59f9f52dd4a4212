import { ConnectorError } from '@mcpclient/core'
import type { ContentPart } from './content-part.ts'
import { jsonBytes, textBytes, textWithin } from './measure.ts'
import type { McpToolResult } from './tool-result.ts'

export interface SizePolicy {
  /**
   * The largest result, in bytes of UTF-8, with base64 counted as it is.
   * @default 4_194_304
   */
  readonly maxBytes: number
  /**
   * The reaction to a larger result. `truncate` cuts text, replaces what cannot be cut with a note, and sets `truncated`.
   * `refuse` fails the call.
   * @default 'truncate'
   */
  readonly onLarge: 'truncate' | 'refuse'
}

/** Returns the result within the limit of the policy. */
export function limitResult(result: McpToolResult, { maxBytes, onLarge }: SizePolicy): McpToolResult {
  const structured = result.structured === undefined ? 0 : jsonBytes(result.structured, maxBytes)
  const bytes = result.content.reduce((sum, part) => sum + partBytes(part), structured)
  if (bytes <= maxBytes) return result
  if (onLarge === 'refuse') {
    throw new ConnectorError('DATA_TRANSFORMATION_ERROR', `The result has more than ${maxBytes} bytes.`, {
      hint: 'Request less from the tool, or raise results.maxBytes.',
    })
  }
  // Structured data is kept as a whole or not at all: a part of it would be wrong data.
  const keepsStructured = result.structured !== undefined && structured <= maxBytes
  let left = maxBytes - (keepsStructured ? structured : 0)
  const content: ContentPart[] = []
  for (const part of result.content) {
    const cut = cutTo(part, left)
    if (cut === undefined) continue
    left -= partBytes(cut)
    content.push(cut)
  }
  const { structured: _, content: __, ...rest } = result
  return { ...rest, content, ...(keepsStructured && { structured: result.structured }), truncated: { bytes } }
}

function cutTo(part: ContentPart, left: number): ContentPart | undefined {
  const size = partBytes(part)
  if (size <= left) return part
  if (part.type === 'text') {
    const text = textWithin(part.text, left)
    return text === '' ? undefined : { ...part, text }
  }
  if (part.type === 'resource' && part.resource.text !== undefined) {
    const text = textWithin(part.resource.text, left)
    return text === '' ? undefined : { ...part, resource: { ...part.resource, text } }
  }
  const what = part.type === 'resource' ? part.resource.mimeType : part.mimeType
  const note = `[${what ?? part.type}, ${size} bytes: left out]`
  return note.length <= left ? { type: 'text', text: note } : undefined
}

function partBytes(part: ContentPart): number {
  if (part.type === 'text') return textBytes(part.text)
  if (part.type === 'resource_link') return textBytes(part.uri + part.name + (part.description ?? ''))
  if (part.type === 'resource') return textBytes(part.resource.text ?? part.resource.blob ?? '')
  return part.data.length
}
