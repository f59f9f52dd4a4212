import type { McpToolResult } from '@mcpclient/mcp'

/** The text of a result, its parts one after the other. */
export const resultText = ({ content }: McpToolResult): string =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('')
