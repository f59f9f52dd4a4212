import { describeIssues, issuesOf } from '../connector/schema.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { CallStage, StageFor } from './stage.ts'

/** Checks the input against the tool's schema, and hands on what the schema made of it: defaults filled in. */
export const validate: StageFor<CallStage> = () => (next) => (call) => {
  const schema = call.tool.input
  if (schema === undefined) return next(call)
  const parsed = schema.safeParse(call.input)
  if (parsed.success) return next({ ...call, input: parsed.data })
  const issues = issuesOf(parsed.error)
  return Promise.reject(
    new ConnectorError('INVALID_INPUT', `The input of ${call.toolName} does not fit: ${describeIssues(issues)}`, {
      issues,
    }),
  )
}
