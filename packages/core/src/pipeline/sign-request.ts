import type { Signature, TransportRequest } from '../ports/transport.ts'
import type { Attempt } from './call.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { unusableCredential } from '../auth/credential-text.ts'
import { withParameters } from './encode-request.ts'
import { isHeaderValue } from '../auth/header-text.ts'

/**
 * Signs a request with the attempt's credential.
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the credential cannot be encoded in a request
 */
export function sign(attempt: Attempt, request: TransportRequest): TransportRequest | Promise<TransportRequest> {
  if (attempt.signer === undefined) return request
  const { serverId } = attempt.call
  try {
    const signature = attempt.signer.sign(request)
    if (!(signature instanceof Promise)) return withSignature(request, signature, serverId)
    return signature
      .then((ready) => withSignature(request, ready, serverId))
      .catch((error: unknown) => {
        throw notSigned(error, serverId)
      })
  } catch (error) {
    throw notSigned(error, serverId)
  }
}

function withSignature(
  request: TransportRequest,
  { headers: added, members, query }: Signature,
  serverId: string,
): TransportRequest {
  const headers = { ...request.headers }
  for (const name in added) {
    const value = added[name]
    if (!isHeaderValue(value)) throw unusableCredential(serverId)
    headers[name.toLowerCase()] = value
  }
  if (query !== undefined && !Object.values(query).every((value) => value.isWellFormed()))
    throw unusableCredential(serverId)
  const url = query === undefined ? request.url : withParameters(request.url, query)
  const body = members === undefined ? request.body : withMembers(request.body, members)
  return { method: request.method, url, headers, body, signal: request.signal }
}

/** Appends members to the text of a JSON object. The last one of a name counts, so no input replaces them. */
function withMembers(body: TransportRequest['body'], members: NonNullable<Signature['members']>): string {
  if (typeof body !== 'string' || body[0] !== '{') throw new TypeError('The body is no JSON object.')
  return body.slice(0, -1) + (body === '{}' ? '' : ',') + JSON.stringify(members).slice(1)
}

function notSigned(error: unknown, serverId: string): unknown {
  if (ConnectorError.is(error)) return error
  // `btoa` and `encodeURIComponent` throw on characters that they cannot encode.
  if (error instanceof URIError || (error instanceof Error && error.name === 'InvalidCharacterError'))
    return unusableCredential(serverId)
  return new ConnectorError(
    'API_INTERNAL_ERROR',
    `The request to ${serverId} could not be signed.`,
    { outcome: 'not_processed', hint: "Check the credential, then report it to the connector's author." },
    { cause: error },
  )
}
