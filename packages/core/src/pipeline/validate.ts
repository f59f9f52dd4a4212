import { tryParseStrict } from '../connector/schema.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import type { CallStage, StageFor } from './stage.ts'

/**
 * Validates the input against the tool's schema, and passes on the parsed input with its defaults. Rejects unknown fields,
 * because a dropped field could change the target of the call.
 */
export const validate: StageFor<CallStage> = () => (next) => (call) => {
  const schema = call.tool.input
  if (schema === undefined) return next(call)
  const parsed = tryParseStrict(schema, call.input)
  if (parsed.issues === undefined) return next({ ...call, input: parsed.data })
  const { issues, cause } = parsed
  return Promise.reject(
    new ConnectorError(
      'INVALID_INPUT',
      `The input of ${call.toolName} is invalid: ${describeIssues(issues)}`,
      { issues, outcome: 'not_processed' },
      { cause },
    ),
  )
}
