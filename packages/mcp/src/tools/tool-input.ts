import { ConnectorError } from '@mcpclient/core'
import type { Call } from '@mcpclient/core'
import type { McpInput } from '../mcp-server-types.ts'

/** @throws ConnectorError INVALID_INPUT if it is neither an object nor nothing */
export function inputOf({ input, toolName }: Call): McpInput {
  if (input === undefined || input === null) return {}
  if (typeof input === 'object' && !Array.isArray(input)) return input as McpInput
  throw new ConnectorError('INVALID_INPUT', `The input of ${toolName} is not an object.`, { outcome: 'not_processed' })
}
