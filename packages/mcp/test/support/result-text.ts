import type { McpToolResult } from '@mcpclient/mcp'

/** Returns the text of a result, with its parts joined. */
export const resultText = ({ content }: McpToolResult): string =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('')
