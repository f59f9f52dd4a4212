import type { FetchLike, RequestId } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import type { Hear, Sign } from '../session/link.ts'
import { countBytes, countEvents } from './bounded-body.ts'
import { neverLeft } from './never-left.ts'
import { needsMore, refusedCredential } from './refusal.ts'
import { retryAfterMs } from './retry-after.ts'

export interface GovernedFetchOptions {
  readonly serverId: string
  /** The server's own origin: no credential goes anywhere else. */
  readonly origin: string
  readonly fetch: FetchLike | undefined
  readonly sign: () => Sign | undefined
  /** True asks for the same request once more, signed anew: see `AuthStrategy`. */
  readonly hear: Hear | undefined
  readonly maxMessageBytes: number
  readonly clock: Clock
  readonly onRefusedAnswer: (id: RequestId | undefined, error: ConnectorError) => void
}

/**
 * The `fetch` that the SDK's transport gets: it attaches the credential, says in our words why a request failed, and
 * reads no further than allowed.
 */
export function governedFetch(options: GovernedFetchOptions): FetchLike {
  const { serverId, maxMessageBytes } = options
  return async (address, init = {}) => {
    const sign = options.sign()
    let sending = await send(address, init, sign)
    if (sign !== undefined && options.hear?.(String(sending.url), sending.response) === true) {
      await discard(sending.response)
      sending = await send(address, init, sign)
    }
    const { response, attached } = sending
    const { status } = response
    // Only here are the headers at hand that say when to come back.
    if (status === 429 || status >= 500) {
      await discard(response)
      throw busy(response, serverId, options.clock.now())
    }
    if (status === 401) {
      await discard(response)
      throw refusedCredential(serverId, response, sign && attached)
    }
    if (status === 403) {
      const refusal = await needsMore(serverId, response)
      if (refusal !== undefined) {
        await discard(response)
        throw refusal
      }
    }
    return bounded(response, maxMessageBytes, (error) => {
      options.onRefusedAnswer(idOf(init.body), error)
      return error
    })
  }

  async function send(address: string | URL, init: RequestInit, sign: Sign | undefined) {
    const { url, attached } =
      sign === undefined ? { url: address, attached: false } : await signed(asUrl(address), init, sign, options.origin)
    // Looked up at each call, so that importing this loads nothing and a test may replace it.
    const fetch = options.fetch ?? globalThis.fetch
    try {
      return { url, attached, response: await fetch(url, init) }
    } catch (error) {
      throw unreachable(error, serverId, init.signal)
    }
  }

  function bounded(response: Response, most: number, refuse: (error: ConnectorError) => ConnectorError): Response {
    const { body, headers, status, statusText } = response
    const length = headers.get('content-length')
    if (body === null || (length !== null && Number(length) <= most)) return response
    const tooLong = () =>
      refuse(
        new ConnectorError('DATA_TRANSFORMATION_ERROR', `${serverId} sent a message of over ${most} bytes.`, {
          hint: 'Ask the tool for less, or raise maxMessageBytes.',
        }),
      )
    const isStream = headers.get('content-type')?.startsWith('text/event-stream') === true
    const counted = isStream ? countEvents(body, most, tooLong) : countBytes(body, most, tooLong)
    return new Response(counted, { status, statusText, headers })
  }
}

interface Signed {
  readonly url: URL
  /** Whether a credential goes along. */
  readonly attached: boolean
}

async function signed(url: URL, init: RequestInit, sign: Sign, origin: string): Promise<Signed> {
  if (url.origin !== origin) return { url, attached: false }
  const signature = await sign({
    method: init.method ?? 'GET',
    url: url.href,
    // Few strategies look at these, so they are not copied before one does.
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

const discard = async ({ body }: Response): Promise<void> => {
  await body?.cancel().catch(() => undefined)
}

function busy(response: Response, serverId: string, nowMs: number): ConnectorError {
  const { status, headers } = response
  const details = { status, retryAfterMs: retryAfterMs(headers.get('retry-after'), nowMs) }
  return status === 429
    ? new ConnectorError('MCP_RATE_LIMIT_EXCEEDED', `${serverId} is getting too many requests.`, details)
    : new ConnectorError('MCP_SERVER_ERROR', `${serverId} answered ${status}.`, details)
}

function unreachable(error: unknown, serverId: string, signal: AbortSignal | null | undefined): unknown {
  if (ConnectorError.is(error) || signal?.aborted === true) return error
  const outcome = neverLeft(error) ? 'not_processed' : undefined
  return new ConnectorError('MCP_CONNECTION_ERROR', `${serverId} could not be reached.`, { outcome }, { cause: error })
}

/** Whose answer it would have been. Only asked when something went wrong: the request is read again for it. */
function idOf(body: RequestInit['body']): RequestId | undefined {
  if (typeof body !== 'string') return undefined
  const { id } = JSON.parse(body) as { readonly id?: RequestId }
  return id
}
