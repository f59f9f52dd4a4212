import { tryParseStrict } from '../connector/schema.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import type { CallStage, StageFor } from './stage.ts'

/**
 * Validates the input against the tool's schema, and passes on the parsed input with its defaults. Rejects unknown fields,
 * because a dropped field could change the target of the call. A field that is undefined counts as absent.
 */
export const validate: StageFor<CallStage> = () => (next) => (call) => {
  const schema = call.tool.input
  if (schema === undefined) return next(call)
  const parsed = tryParseStrict(schema, withoutUndefined(call.input))
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

/** Returns the input without undefined fields, so that no connector sends one as a change or names it in a field mask. */
function withoutUndefined(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) return input
  if (!Object.values(input).includes(undefined)) return input
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
