import type { AnyClient } from '../connector/connector.ts'
import { describeIssues, issuesOf } from '../connector/schema.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Envelope, EnvelopeError } from './schemas.ts'

/**
 * Calls what an envelope asks for, and answers with an envelope whatever happens.
 * @param clientOf the client of a connector; throws if there is none
 */
export async function handleEnvelope(request: unknown, clientOf: (serverId: string) => AnyClient): Promise<Envelope> {
  // zod is loaded with the first envelope: a host that only makes typed calls does not pay for it.
  const { envelopeRequest } = await import('./schemas.ts')
  const parsed = envelopeRequest.safeParse(request)
  if (!parsed.success) {
    const issues = issuesOf(parsed.error)
    const message = `The request is not an envelope: ${describeIssues(issues)}`
    return errorEnvelope(new ConnectorError('INVALID_INPUT', message, { issues }), textIn(request))
  }
  const { server_id, tool_name, tool_input, request_id } = parsed.data
  const asked = { server_id, tool_name, ...(request_id !== undefined && { original_request_id: request_id }) }
  try {
    const options = request_id === undefined ? {} : { requestId: request_id }
    const tool_output = await clientOf(server_id).invoke(tool_name, tool_input ?? {}, options)
    return { status: 'success', ...asked, tool_output }
  } catch (error) {
    return errorEnvelope(error, asked)
  }
}

type Asked = Pick<EnvelopeError, 'server_id' | 'tool_name' | 'original_request_id'>

function errorEnvelope(error: unknown, asked: Asked): EnvelopeError {
  const known = ConnectorError.is(error)
    ? error
    : new ConnectorError('API_INTERNAL_ERROR', 'The call failed inside this library.')
  const { status, providerCode, providerMessage, serverId: _serverId, toolName: _toolName, ...details } = known.details
  const said = Object.fromEntries(
    Object.entries({ ...details, hint: known.advice }).filter(([, value]) => value !== undefined),
  )
  return {
    status: 'error',
    ...asked,
    error: {
      code: known.code,
      type: known.type,
      message: known.message,
      details: said,
      ...(status !== undefined && { mcp_server_status_code: status }),
      ...((providerCode ?? providerMessage) !== undefined && {
        mcp_server_error_details: {
          ...(providerCode !== undefined && { code: providerCode }),
          ...(providerMessage !== undefined && { message: providerMessage }),
        },
      }),
    },
  }
}

/** The names in something that is not an envelope, so that its sender can still tell what the answer is about. */
function textIn(request: unknown): Asked {
  if (typeof request !== 'object' || request === null) return {}
  const { server_id, tool_name, request_id } = request as Readonly<Record<string, unknown>>
  return {
    ...(typeof server_id === 'string' && { server_id }),
    ...(typeof tool_name === 'string' && { tool_name }),
    ...(typeof request_id === 'string' && { original_request_id: request_id }),
  }
}
