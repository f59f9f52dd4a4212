import { issuesOf } from '../connector/schema.ts'
import type { Schema } from '../connector/schema.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import type { ErrorDetails } from '../errors/connector-error.ts'
import type { Call } from '../pipeline/call.ts'

/** Parses a response, and drops the fields that the schema does not name. Without a schema, returns it unchanged. */
export function parseResponse(schema: Schema | undefined, value: unknown, call: Call): unknown {
  if (schema === undefined) return value
  const parsed = parsedBy(schema, value, call)
  if (parsed.success) return parsed.data
  const issues = issuesOf(parsed.error)
  throw new ConnectorError(
    'DATA_TRANSFORMATION_ERROR',
    `The response to ${call.toolName} does not match the schema of ${call.serverId}: ${describeIssues(issues)}`,
    { issues, ...unknownOutcome(call) },
  )
}

/** Returns the details of an error after a response: a write may have happened. */
export const unknownOutcome = ({ tool }: Call): ErrorDetails =>
  tool.effect === 'read' ? {} : { outcome: 'unknown', ...(tool.reconcile !== undefined && { hint: tool.reconcile }) }

/** Parses a value. A recursive schema overflows the stack on a response with thousands of levels. */
function parsedBy(schema: Schema, value: unknown, call: Call): ReturnType<Schema['safeParse']> {
  try {
    return schema.safeParse(value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConnectorError(
      'DATA_TRANSFORMATION_ERROR',
      `The response of ${call.serverId} to ${call.toolName} is nested too deeply.`,
      unknownOutcome(call),
      { cause: error },
    )
  }
}

/** Converts an error that an author's function threw. Anything but a `ConnectorError` is a fault of the connector. */
export const asConnectorError = (error: unknown, call: Call): ConnectorError =>
  ConnectorError.is(error)
    ? error
    : new ConnectorError(
        'API_INTERNAL_ERROR',
        `The connector of ${call.serverId} failed inside ${call.toolName}.`,
        {
          hint: "Report it to the connector's author.",
        },
        { cause: error },
      )
