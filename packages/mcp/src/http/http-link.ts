import type { FetchLike } from '@modelcontextprotocol/client'
import type { Hear, Link, Versions } from '../session/link.ts'

export interface HttpLinkOptions {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly versions: Versions
  readonly fetch: FetchLike | undefined
  readonly maxMessageBytes: number
  /** Told of answers to signed requests: see `AuthStrategy`. */
  readonly hear: () => Hear | undefined
}

/** A server over Streamable HTTP. */
export function httpLink({ versions, headers, ...options }: HttpLinkOptions): Link {
  return {
    kind: 'http',
    versions,
    // A header may well be a key, and a server may well repeat it in an error.
    secrets: Object.values(headers),
    async open({ serverId, sign, onRefusedAnswer, clock }) {
      // The SDK and all it brings along are loaded with the first connection, not with this package.
      const { openHttpTransport } = await import('./http-transport.ts')
      return openHttpTransport({ ...options, headers, serverId, sign, onRefusedAnswer, clock })
    },
  }
}
