import { describeIssues, issuesOf } from '../connector/schema.ts'
import type { SafeParse } from '../connector/schema.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Call } from '../connector/call.ts'
import type { CallStage, StageFor } from './stage.ts'

/** Checks the input against the tool's schema, and hands on what the schema made of it: defaults filled in. */
export const validate: StageFor<CallStage> = () => (next) => (call) => {
  const schema = call.tool.input
  if (schema === undefined) return next(call)
  let parsed: SafeParse<unknown>
  try {
    parsed = schema.safeParse(call.input)
  } catch (error) {
    return Promise.reject(unreadable(call, error))
  }
  if (parsed.success) return next({ ...call, input: parsed.data })
  const issues = issuesOf(parsed.error)
  return Promise.reject(
    new ConnectorError('INVALID_INPUT', `The input of ${call.toolName} does not fit: ${describeIssues(issues)}`, {
      issues,
    }),
  )
}

/** For input whose getters or proxies throw, or that is nested deeper than the schema can follow. */
const unreadable = ({ toolName }: Call, cause: unknown): ConnectorError =>
  ConnectorError.is(cause)
    ? cause
    : new ConnectorError(
        'INVALID_INPUT',
        `The input of ${toolName} cannot be read.`,
        { hint: 'Pass plain JSON data.', outcome: 'not_processed' },
        { cause },
      )
