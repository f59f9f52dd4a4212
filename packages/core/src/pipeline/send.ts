import { isExchange } from '../connector/call.ts'
import type { Attempt } from '../connector/call.ts'
import type { Reply } from '../connector/reply.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { TransportError } from '../ports/transport.ts'
import type { ResponseHeaders, TransportRequest, TransportResponse } from '../ports/transport.ts'
import type { Signature } from '../auth/strategy.ts'
import type { ConnectorScope } from './connector-scope.ts'
import { copyHeaders, encodeRequest, withQuery } from './encode-request.ts'
import { exchange } from './exchange.ts'
import { failureIn } from './failure.ts'
import { readBody, takeBody } from './read-body.ts'
import { followRedirect } from './redirect.ts'
import type { Next } from './stage.ts'

/** The end of the pipeline: signs the request, sends it, and turns the answer into a reply or a failure. */
export function send(scope: ConnectorScope): Next<Attempt, Reply> {
  const { serverId, profile, transport, policies } = scope
  return async (attempt) => {
    const { request } = attempt
    if (isExchange(request)) return exchange(attempt, request)
    const settings = scope.settings(attempt.call.connection)
    const base = scope.baseUrl(settings instanceof Promise ? await settings : settings)
    let unsigned = encodeRequest(attempt, request, { base, profile, serverId })
    let heard = profile.auth.hear === undefined
    for (let redirects = 0; ; redirects++) {
      const signature = attempt.sign?.(unsigned)
      const signed = withSignature(unsigned, signature instanceof Promise ? await signature : signature)
      // After a wait, the attempt may be over: its caller was told that nothing was sent.
      if (settings instanceof Promise || signature instanceof Promise || redirects > 0) attempt.signal?.throwIfAborted()
      attempt.sent = true
      let response: TransportResponse
      try {
        response = await transport.send(signed)
      } catch (error) {
        throw unanswered(error, attempt, `${serverId} could not be reached at ${new URL(signed.url).origin}.`)
      }
      const { status, headers } = response
      if (!heard && profile.auth.hear?.(signed.url, response) === true) {
        // Refused for want of what this very answer brought along: once more, with it.
        heard = true
        await response.text()
        continue
      }
      if (status >= 300 && status < 400 && status !== 304) {
        unsigned = await followRedirect(attempt, unsigned, response, { base, redirects, scope })
        continue
      }
      if (attempt.streams !== undefined && status < 300 && (status === 204 || isEventStream(headers))) {
        return { status, headers, body: status === 204 ? undefined : (response.stream() ?? undefined) }
      }
      const how = request.read ?? 'auto'
      let taken
      try {
        taken = await takeBody(response, how, policies.maxResponseBytes, serverId)
      } catch (error) {
        throw unanswered(error, attempt, `${serverId} broke off its answer.`)
      }
      const read = readBody(response, taken, how, serverId)
      const reply = { status, headers, body: read.body }
      const failure = failureIn(reply, attempt, scope, unsigned.url) ?? read.problem
      if (failure !== undefined) throw failure
      if (attempt.streams !== undefined) throw notEvents(headers, attempt)
      return reply
    }
  }
}

/** By its essence, as the standard says: parameters such as a charset do not count. */
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

function withSignature(request: TransportRequest, signature: Signature | undefined): TransportRequest {
  if (signature === undefined) return request
  const headers = { ...request.headers }
  copyHeaders(signature.headers, headers)
  const url = signature.query ? withQuery(request.url, signature.query) : request.url
  return { method: request.method, url, headers, body: request.body, signal: request.signal }
}

/** Why no answer came. The reason that the attempt was ended for comes first: the transport only knows that it was. */
function unanswered(error: unknown, attempt: Attempt, message: string): ConnectorError {
  if (error instanceof TransportError && !error.sent) attempt.sent = false
  if (ConnectorError.is(error)) return error
  const reason: unknown = attempt.signal?.reason
  if (ConnectorError.is(reason)) return reason
  return new ConnectorError('MCP_CONNECTION_ERROR', message, {}, { cause: error })
}
