import { contentPartOf } from './content-part.ts'
import type { ContentPart } from './content-part.ts'

/**
 * What a tool answered. A tool that reports an error gives none: the call fails with a `ConnectorError` instead, whose
 * message holds the tool's own words.
 */
export interface McpToolResult {
  /** For a model or a person; empty where the tool only answers with data. */
  readonly content: readonly ContentPart[]
  /** For a program: the JSON that the tool's output schema describes. Prefer it where it is there. */
  readonly structured?: unknown
  /** Present if `results.maxBytes` cut the answer: what it would have measured at least. */
  readonly truncated?: { readonly bytes: number } | undefined
}

interface RawResult {
  readonly content?: readonly Readonly<Record<string, unknown>>[] | undefined
  readonly structuredContent?: unknown
}

export function toolResultOf({ content, structuredContent }: RawResult): McpToolResult {
  const parts = (content ?? []).map(contentPartOf)
  return structuredContent === undefined ? { content: parts } : { content: parts, structured: structuredContent }
}

/** The words with which a tool says what went wrong. */
export const errorTextOf = ({ content }: RawResult): string =>
  (content ?? [])
    .map((block) => block['text'])
    .filter((text) => typeof text === 'string')
    .join('\n')
