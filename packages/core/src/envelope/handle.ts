import type { AnyClient } from '../client/client-host.ts'
import { tryParse } from '../connector/schema.ts'
import { ConnectorError, describeIssues } from '../errors/connector-error.ts'
import { codes } from '../errors/codes.ts'
import { isName, MAX_REQUEST_ID_LENGTH } from '../errors/shown-name.ts'
import type { Envelope, EnvelopeError } from './schemas.ts'

/**
 * Calls the tool that an envelope names. Always returns an envelope, and never rejects.
 * @param identify validates the principal, and returns the function that opens the client of a connector
 */
export async function handleEnvelope(
  request: unknown,
  identify: () => (serverId: string) => AnyClient,
): Promise<Envelope> {
  let asked: Asked = {}
  try {
    // zod is loaded with the first envelope, because a host that only makes typed calls does not need it.
    const { envelopeRequest } = await import('./schemas.ts')
    const fields = fieldsOf(request)
    asked = namesIn(fields)
    const parsed = tryParse(envelopeRequest, fields)
    if (parsed.issues !== undefined) {
      const { issues } = parsed
      throw new ConnectorError('INVALID_INPUT', `The request is not an envelope: ${describeIssues(issues)}`, {
        issues,
        hint: 'Send { server_id, tool_name, tool_input }.',
      })
    }
    const { server_id, tool_name, tool_input, request_id } = parsed.data
    const options = request_id === undefined ? {} : { requestId: request_id }
    const tool_output = await identify()(server_id).invoke(tool_name, tool_input ?? {}, options)
    return { status: 'success', ...asked, server_id, tool_name, tool_output }
  } catch (error) {
    return errorEnvelope(error, asked)
  }
}

type Asked = Pick<EnvelopeError, 'server_id' | 'tool_name' | 'original_request_id'>
type Fields = Readonly<Record<string, unknown>>

const NAMES = ['server_id', 'tool_name', 'tool_input', 'request_id'] as const

/** Reads each of the envelope's own fields once, because a getter or a proxy may throw or return something else later. */
function fieldsOf(request: unknown): unknown {
  if (typeof request !== 'object' || request === null) return request
  try {
    const own = NAMES.filter((name) => Object.hasOwn(request, name))
    return Object.fromEntries(own.map((name) => [name, (request as Fields)[name]]))
  } catch (cause) {
    throw new ConnectorError(
      'INVALID_INPUT',
      'The request cannot be read.',
      { hint: 'Send a plain object: { server_id, tool_name, tool_input }.' },
      { cause },
    )
  }
}

/** Returns the names in the request, so that its sender can match the response. Omits names that are too long. */
function namesIn(fields: unknown): Asked {
  if (typeof fields !== 'object' || fields === null) return {}
  const { server_id, tool_name, request_id } = fields as Fields
  const isId = typeof request_id === 'string' && request_id.length <= MAX_REQUEST_ID_LENGTH
  return {
    ...(isName(server_id) && { server_id }),
    ...(isName(tool_name) && { tool_name }),
    ...(isId && { original_request_id: request_id }),
  }
}

const FAILED = 'The call failed inside this library.'

function errorEnvelope(error: unknown, asked: Asked): EnvelopeError {
  try {
    if (ConnectorError.is(error) && Object.hasOwn(codes, error.code)) return describe(error, asked)
  } catch {
    // The fields of the error throw.
  }
  return describe(new ConnectorError('API_INTERNAL_ERROR', FAILED), asked)
}

function describe(error: ConnectorError, asked: Asked): EnvelopeError {
  const { status, providerCode, providerMessage, serverId: _serverId, toolName: _toolName, ...details } = error.details
  const described = {
    code: error.code,
    type: codes[error.code].type,
    message: error.message === '' ? FAILED : error.message,
    details: { ...details, hint: error.advice },
    ...(status !== undefined && { mcp_server_status_code: status }),
    ...((providerCode ?? providerMessage) !== undefined && {
      mcp_server_error_details: { code: providerCode, message: providerMessage },
    }),
  }
  // A round trip leaves plain data only, because a stage or a connector can put any value into the details.
  return { status: 'error', ...asked, error: JSON.parse(JSON.stringify(described, bounded)) as EnvelopeError['error'] }
}

const MAX_TEXT_LENGTH = 2000

function bounded(name: string, value: unknown): unknown {
  if (typeof value !== 'string' || name === 'authorizeUrl') return value
  return value.length <= MAX_TEXT_LENGTH ? value : `${value.slice(0, MAX_TEXT_LENGTH).toWellFormed()}…`
}
