import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { backgroundClock, sleep, systemClock } from '@mcpclient/core'
import type { LinkedTransport, LinkOptions } from '../session/link.ts'
import { governedFetch } from './governed-fetch.ts'
import type { HttpLinkOptions } from './http-link.ts'

/** Milliseconds that saying goodbye may take. */
const FAREWELL_MS = 1000

type Options = Omit<HttpLinkOptions, 'versions'> & Omit<LinkOptions, 'logger'>

export function openHttpTransport({ url, headers, clock, hear, ...options }: Options): LinkedTransport {
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers },
    // Redirects are followed, or refused, where the credential is attached.
    redirectPolicy: 'follow',
    fetch: governedFetch({
      ...options,
      clock,
      background: clock === systemClock ? backgroundClock : clock,
      origin: url.origin,
      hear: hear(),
      secrets: Object.values(headers),
    }),
  })
  return {
    transport,
    hold: nothing,
    release: nothing,
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
