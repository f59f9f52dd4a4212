import type { FetchLike, RequestId } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import { retryAfterMs } from '@mcpclient/core/transports'
import type { Clock } from '@mcpclient/core'
import type { OnResponse, Sign } from '../protocol/link.ts'
import { repairEvents } from '../wire/repair-events.ts'
import { limitBytes, limitEvents } from './bounded-body.ts'
import { Listening } from './listening.ts'
import { redirectTarget } from './redirects.ts'
import { missingScopes, refusedCredential } from '../failures/refusal.ts'
import { asJson, discard, isReadable, requestIn, textOf, withRequestId } from './response-body.ts'
import { withWords, wordsIn } from '../failures/server-words.ts'
import type { ServerWords } from '../failures/server-words.ts'
import { isUnknownSession } from '../failures/unknown-session.ts'
import type { SessionResponse } from '../failures/unknown-session.ts'
import { unreachable } from '../failures/unreachable.ts'

export interface GovernedFetchOptions {
  readonly serverId: string
  /** The server's own origin. No credential is sent anywhere else. */
  readonly origin: string
  readonly fetch: FetchLike | undefined
  readonly sign: () => Sign | undefined
  /** Returns true to send the request once more, signed again: see `AuthStrategy`. */
  readonly onResponse: OnResponse | undefined
  readonly maxMessageBytes: number
  readonly clock: Clock
  /** The same time, with timers that do not keep the process alive. */
  readonly background: Clock
  /** Live values that must not appear in an error. */
  readonly secrets: readonly string[]
  readonly onRefusedResponse: (id: RequestId | undefined, error: ConnectorError) => void
}

/**
 * Creates the `fetch` for the SDK's transport. It attaches the credential, follows redirects within the server's origin,
 * turns failures into a `ConnectorError`, and limits what it reads.
 */
export function governedFetch(options: GovernedFetchOptions): FetchLike {
  const { serverId, maxMessageBytes, secrets } = options
  const listening = new Listening(options.background)
  return (address, init = {}) =>
    init.method === 'GET' ? listening.open(init, () => request(address, init)) : request(address, init)

  async function request(address: string | URL, init: RequestInit): Promise<Response> {
    const sign = options.sign()
    let sending = await send(address, init, sign)
    if (sign !== undefined && options.onResponse?.(String(sending.url), sending.response) === true) {
      await discard(sending.response)
      sending = await send(address, init, sign)
    }
    const { response, attached } = sending
    if (!response.ok) return handleRefusal(response, init, sign && attached)
    const { status, headers } = response
    if (init.method === 'POST' && status !== 202 && !isReadable(headers.get('content-type'))) {
      if (requestIn(init.body).id === undefined) return response
      return withRequestId(await asJson(bounded(response, init), serverId), init.body)
    }
    return withRequestId(bounded(response, init), init.body)
  }

  async function send(address: string | URL, init: RequestInit, sign: Sign | undefined) {
    const method = init.method ?? 'GET'
    for (let from = asUrl(address), followed = 0; ; followed++) {
      // A copy, so that no credential follows a redirect.
      const hop: RequestInit = { ...init, redirect: 'manual' }
      const { url, attached } =
        sign === undefined ? { url: from, attached: false } : await signed(from, hop, sign, options.origin)
      const response = await sendOnce(url, hop)
      const target = response.ok ? undefined : redirectTarget(response, { serverId, method, from, followed, secrets })
      if (target === undefined) return { url, attached, response }
      await discard(response)
      from = target
    }
  }

  async function sendOnce(url: URL, init: RequestInit): Promise<Response> {
    // Read at each call, so that a test may replace the global.
    const fetch = options.fetch ?? globalThis.fetch
    try {
      return await fetch(url, init)
    } catch (error) {
      if (ConnectorError.is(error) || init.signal?.aborted === true) throw error
      throw unreachable(error, url, init, serverId)
    }
  }

  /** @throws ConnectorError, except for statuses by which the SDK recognizes the server's revision */
  async function handleRefusal(
    response: Response,
    init: RequestInit,
    signedWith: boolean | undefined,
  ): Promise<Response> {
    const { status, headers } = response
    // The SDK's error does not carry the headers that say when to retry.
    if (status === 429 || status >= 500) {
      throw busy(response, wordsIn(await textOf(response), secrets), serverId, options.clock.now())
    }
    if (status === 401) {
      const text = await textOf(response)
      const words = wordsIn(text, secrets)
      const isChallenge = headers.get('www-authenticate') !== null
      const unauthorized: SessionResponse = { status, text, rpc: words.rpc, signed: signedWith === true }
      if (!isChallenge && namesSession(init) && isUnknownSession(unauthorized)) {
        return new Response(text, { status, headers: plain })
      }
      throw refusedCredential(serverId, response, signedWith, words)
    }
    if (status === 403) {
      const refusal = await missingScopes(serverId, response)
      if (refusal !== undefined) {
        await discard(response)
        throw refusal
      }
    }
    return bounded(response, init)
  }

  function bounded(response: Response, init: RequestInit): Response {
    const { body, headers, status, statusText } = response
    if (body === null || isShort(headers)) return response
    const tooLong = () => {
      const error = new ConnectorError(
        'DATA_TRANSFORMATION_ERROR',
        `${serverId} sent a message of more than ${maxMessageBytes} bytes.`,
        { hint: 'Request less from the tool, or raise maxMessageBytes.' },
      )
      options.onRefusedResponse(requestIn(init.body).id, error)
      return error
    }
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    const counted = isStream
      ? repairEvents(limitEvents(body, maxMessageBytes, tooLong))
      : limitBytes(body, maxMessageBytes, tooLong)
    return new Response(counted, { status, statusText, headers })
  }

  /** Returns whether the announced length is within the limit. It is trusted only for a plain body of the platform's fetch. */
  function isShort(headers: Headers): boolean {
    const length = headers.get('content-length')
    const isPlain = options.fetch === undefined && headers.get('content-encoding') === null
    return isPlain && length !== null && Number(length) <= maxMessageBytes
  }
}

const plain = { 'content-type': 'text/plain' }

const namesSession = ({ headers }: RequestInit): boolean => new Headers(headers).has('mcp-session-id')

interface Signed {
  readonly url: URL
  /** Whether the request carries a credential. */
  readonly attached: boolean
}

async function signed(url: URL, init: RequestInit, sign: Sign, origin: string): Promise<Signed> {
  if (url.origin !== origin) return { url, attached: false }
  const signature = await sign({
    method: init.method ?? 'GET',
    url: url.href,
    // A getter, because few strategies read the headers.
    get headers() {
      return Object.fromEntries(new Headers(init.headers))
    },
    body: typeof init.body === 'string' ? init.body : undefined,
  })
  const adding = Object.entries(signature.headers ?? {})
  const query = Object.entries(signature.query ?? {})
  if (adding.length > 0) {
    const headers = new Headers(init.headers)
    for (const [name, value] of adding) headers.set(name, value)
    init.headers = headers
  }
  if (query.length === 0) return { url, attached: adding.length > 0 }
  const target = new URL(url)
  for (const [name, value] of query) target.searchParams.set(name, value)
  return { url: target, attached: true }
}

const asUrl = (address: string | URL): URL => (typeof address === 'string' ? new URL(address) : address)

function busy(response: Response, words: ServerWords, serverId: string, nowMs: number): ConnectorError {
  const { status } = response
  const details = {
    status,
    providerCode: words.code,
    retryAfterMs: retryAfterMs(response, nowMs),
  }
  return status === 429
    ? new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', withWords(`${serverId} received too many requests`, words), details)
    : new ConnectorError('MCP_SERVER_ERROR', withWords(`${serverId} returned ${status}`, words), details)
}
