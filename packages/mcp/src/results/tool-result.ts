import { redact } from '@mcpclient/core'
import { contentPartOf } from './content-part.ts'
import type { ContentPart } from './content-part.ts'
import { jsonBytes } from './measure.ts'
import { metaIn, notesIn } from '../wire/notes.ts'

/**
 * The result of a tool. If a tool reports an error, the call rejects with a `ConnectorError` instead, whose message holds
 * the tool's own words.
 */
export interface McpToolResult {
  /** For a model or the user. Empty if the tool returns only data. */
  readonly content: readonly ContentPart[]
  /** For a program: the JSON that the tool's output schema describes. Prefer it if it is present. */
  readonly structured?: unknown
  /** The server's `_meta`, unchanged; absent if there is none. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /** Malformed parts of the content, which were dropped, and why; absent if there are none. */
  readonly omitted?: readonly OmittedPart[] | undefined
  /** Present if `results.maxBytes` cut the result: its minimum size before. */
  readonly truncated?: { readonly bytes: number } | undefined
}

export interface OmittedPart {
  /** Absent if the part has none. */
  readonly type?: string | undefined
  /** The position among the parts that the server sent. */
  readonly index: number
  readonly reason: string
}

export interface RawResult {
  readonly content?: readonly Readonly<Record<string, unknown>>[] | undefined
  readonly structuredContent?: unknown
}

export function toolResultOf(raw: RawResult): McpToolResult {
  const notes = notesIn(raw)
  const meta = metaIn(raw)
  const structured = raw.structuredContent ?? notes.structured
  const omitted = notes.omitted.map(({ name, index, reason }) => ({ type: name, index, reason }))
  return {
    content: (raw.content ?? []).map(contentPartOf),
    ...(structured !== undefined && { structured }),
    ...(meta !== undefined && { meta }),
    ...(omitted.length > 0 && { omitted }),
  }
}

/** Returns the text with which a tool reports an error. */
export const errorTextOf = ({ content }: RawResult): string =>
  (content ?? [])
    .map((block) => block['text'])
    .filter((text) => typeof text === 'string')
    .join('\n')

/** Bytes of structured content that an error carries. */
const MAX_ERROR_BYTES = 16 * 1024

/** Returns the structured content of a tool's error, redacted; undefined if there is none or too much of it. */
export function errorDataOf(raw: RawResult, secrets: readonly string[]): unknown {
  const data = raw.structuredContent ?? notesIn(raw).structured
  if (data === undefined || jsonBytes(data, MAX_ERROR_BYTES) > MAX_ERROR_BYTES) return undefined
  return redact(data, secrets)
}
