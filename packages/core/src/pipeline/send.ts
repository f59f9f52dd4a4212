import { isExchange } from '../connector/exchange.ts'
import type { Attempt } from './call.ts'
import type { Reply } from '../connector/reply.ts'
import type { RequestSpec } from '../connector/request.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'
import type { ResponseHeaders, TransportRequest, TransportResponse } from '../ports/transport.ts'
import { assertBaseUrl } from './base-url.ts'
import { connectionFailure } from './connection-failure.ts'
import type { ConnectorContext } from './connector-context.ts'
import { encodeRequest } from './encode-request.ts'
import { exchange } from './exchange.ts'
import { failureIn } from './failure.ts'
import { readBody, takeBody } from './read-body.ts'
import { followRedirect, isRedirect } from './redirect.ts'
import { sign } from './sign-request.ts'
import type { Next } from './stage.ts'

/** The reply to the request of a streaming tool. */
export interface StreamReply extends Reply {
  /** Returns the failure that an item reports, by the connector's `errors`. */
  failureOf(item: unknown): ConnectorError | undefined
  /** Reports to the stages that the stream has failed. */
  failed(error: unknown): void
}

/** Creates the end of the pipeline: signs the request, sends it, and returns a reply or throws a failure. */
export function send(scope: ConnectorContext): Next<Attempt, Reply> {
  const { serverId, connector, profile, transport, policies } = scope
  let checkedBase: string | undefined
  return async (attempt) => {
    const { request } = attempt
    if (isExchange(request)) return exchange(attempt, request)
    const base = connector.baseUrl(attempt.call.settings)
    if (base !== checkedBase) {
      assertBaseUrl(base, serverId)
      checkedBase = base
    }
    let unsigned: TransportRequest
    try {
      unsigned = encodeRequest(attempt, request, { base, profile, serverId })
    } catch (error) {
      throw ConnectorError.is(error) ? error : await explained(error, attempt, request)
    }
    let mayResend = profile.auth.onResponse !== undefined
    for (let redirects = 0; ; redirects++) {
      const signing = sign(attempt, unsigned)
      const signed = signing instanceof Promise ? await signing : signing
      // The attempt may have been aborted during a wait, with the outcome that nothing was sent.
      if (signing instanceof Promise || redirects > 0) attempt.signal?.throwIfAborted()
      attempt.sent = true
      let response: TransportResponse
      try {
        response = await transport.send(signed)
      } catch (error) {
        throw noResponse(error, attempt, (failure) => connectionFailure(failure, serverId, new URL(signed.url).origin))
      }
      const { status, headers } = response
      if (mayResend && profile.auth.onResponse?.(signed.url, response) === true) {
        // The provider requires a value of this response in the signature, so sign and send again.
        mayResend = false
        await response.text()
        continue
      }
      if (isRedirect(status)) {
        unsigned = await followRedirect(attempt, unsigned, response, { base, redirects, scope })
        continue
      }
      if (attempt.streams !== undefined && status < 300 && (status === 204 || isEventStream(headers))) {
        const { url } = unsigned
        const streamed: StreamReply = {
          status,
          headers,
          body: status === 204 ? undefined : (response.stream() ?? undefined),
          failureOf: (item) => failureIn({ status, headers, body: item, url }, attempt, scope, url),
          failed: (error) => attempt.onStreamFailure?.forEach((learn) => learn(attempt, error)),
        }
        return streamed
      }
      const how = request.read ?? 'auto'
      const isAccepted = request.accepts?.includes(status) === true
      const isError = status >= 400 && !isAccepted
      // An error status counts even if its body never ends.
      const { url } = unsigned
      if (isError) attempt.refused = () => failureIn({ status, headers, body: undefined }, attempt, scope, url)
      let taken: string | Uint8Array | undefined
      try {
        const taking = takeBody(request.method, response, how, policies.maxResponseBytes, serverId)
        taken = taking instanceof Promise ? await taking : taking
      } catch (error) {
        const failure = noResponse(error, attempt, (cause) => interrupted(cause, serverId, status))
        // An error status is known even if the body cannot be read.
        throw (isError && isUnread(failure) ? attempt.refused?.() : undefined) ?? failure
      }
      const read = readBody(response, taken, request, serverId)
      const reply = { status, headers, body: withHeaders(read.body, headers, request.responseHeaders), url }
      const failure = isAccepted
        ? read.problem
        : (failureIn(reply, attempt, scope, url) ?? read.problem ?? unexpectedStatus(reply, attempt, request, serverId))
      if (failure !== undefined) throw failure
      if (attempt.streams !== undefined) throw notEvents(headers, attempt)
      return reply
    }
  }
}

/** Adds headers to a body as fields. A body that is not an object stays as it is. */
function withHeaders(body: unknown, headers: ResponseHeaders, fields: RequestSpec['responseHeaders']): unknown {
  if (fields === undefined || typeof (body ?? {}) !== 'object' || Array.isArray(body)) return body
  const found = Object.entries(fields).map(([field, header]) => [field, headers.get(header) ?? undefined] as const)
  return { ...(body as object), ...Object.fromEntries(found.filter(([, value]) => value !== undefined)) }
}

/** Returns whether a response is an event stream. Parameters of the content type, such as a charset, do not count. */
const isEventStream = (headers: ResponseHeaders): boolean =>
  /^\s*text\/event-stream\s*(?:;|$)/i.test(headers.get('content-type') ?? '')

const notEvents = (headers: ResponseHeaders, { call }: Attempt): ConnectorError => {
  const type = headers.get('content-type')?.split(';', 1)[0]?.slice(0, 80)
  const what = type === undefined ? 'no content type' : `the content type ${type}`
  return new ConnectorError(
    'DATA_TRANSFORMATION_ERROR',
    `${call.serverId} sent ${what} where ${call.toolName} expects an event stream.`,
    { hint: 'Check the base URL and the request of the tool: it must ask for text/event-stream.' },
  )
}

async function explained(error: unknown, attempt: Attempt, request: RequestSpec): Promise<ConnectorError> {
  const { unencodable } = await import('./unencodable.ts')
  return unencodable(error, attempt, request)
}

/** Returns the error for a missing response. The abort reason takes precedence over the transport's error. */
function noResponse(error: unknown, attempt: Attempt, describe: (error: unknown) => ConnectorError): ConnectorError {
  if (error instanceof TransportError && !error.sent) attempt.sent = false
  if (ConnectorError.is(error)) return error
  const reason: unknown = attempt.signal?.reason
  return ConnectorError.is(reason) ? reason : describe(error)
}

const interrupted = (cause: unknown, serverId: string, status: number): ConnectorError =>
  new ConnectorError('MCP_CONNECTION_ERROR', `The response of ${serverId} was interrupted.`, { status }, { cause })

const isUnread = ({ code }: ConnectorError): boolean =>
  code === 'MCP_CONNECTION_ERROR' || code === 'DATA_TRANSFORMATION_ERROR'

const conditions = ['if-none-match', 'if-modified-since', 'if-range']

/** Returns the error for a 3xx that is not a redirect, such as a 304 to an unconditional request. */
function unexpectedStatus({ status }: Reply, attempt: Attempt, { headers = {} }: RequestSpec, serverId: string) {
  if (status < 300) return undefined
  if (status === 304 && Object.keys(headers).some((name) => conditions.includes(name.toLowerCase()))) return undefined
  return new ConnectorError('MCP_CLIENT_ERROR', `${serverId} responded ${status} without a resource.`, {
    status,
    outcome: attempt.effect === 'read' ? undefined : 'unknown',
    hint: 'Check the base URL, and any proxy or cache in between.',
  })
}
