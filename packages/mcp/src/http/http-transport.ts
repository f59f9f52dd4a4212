import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type { FetchLike } from '@modelcontextprotocol/client'
import { backgroundClock, sleep, systemClock } from '@mcpclient/core'
import type { LinkContext, LinkedTransport, OnResponse } from '../protocol/link.ts'
import { governedFetch } from './governed-fetch.ts'

/** The options of a connection over Streamable HTTP. */
export interface HttpTransportOptions {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly fetch: FetchLike | undefined
  readonly maxMessageBytes: number
  /** Returns the handler of responses to signed requests: see `AuthStrategy`. */
  readonly onResponse: () => OnResponse | undefined
}

/** Time limit of ending the session at the server. */
const FAREWELL_MS = 1000

type Options = HttpTransportOptions & Omit<LinkContext, 'logger'>

export function openHttpTransport({ url, headers, clock, onResponse, ...options }: Options): LinkedTransport {
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers },
    // Redirects are followed, or refused, where the credential is attached.
    redirectPolicy: 'follow',
    fetch: governedFetch({
      ...options,
      clock,
      background: clock === systemClock ? backgroundClock : clock,
      origin: url.origin,
      onResponse: onResponse(),
      secrets: Object.values(headers),
    }),
  })
  return {
    transport,
    ref: nothing,
    unref: nothing,
    async endSession() {
      if (transport.sessionId === undefined) return
      const over = new AbortController()
      const farewell = transport.terminateSession().catch(() => undefined)
      await Promise.race([farewell, sleep(clock, FAREWELL_MS, over.signal).catch(() => undefined)])
      over.abort()
    },
    explain: (failure) => failure,
  }
}

const nothing = () => undefined
