import type { Link, Versions } from '../protocol/link.ts'
import type { HttpTransportOptions } from './http-transport.ts'

export interface HttpLinkOptions extends HttpTransportOptions {
  readonly versions: Versions
}

/** Creates the link to a server over Streamable HTTP. */
export function httpLink({ versions, headers, ...options }: HttpLinkOptions): Link {
  return {
    kind: 'http',
    versions,
    // A header may be a key, and a server may repeat it in an error.
    secrets: Object.values(headers),
    async open({ serverId, sign, onRefusedResponse, clock }) {
      // The SDK and its dependencies are loaded with the first connection, not with this package.
      const { openHttpTransport } = await import('./http-transport.ts')
      return openHttpTransport({ ...options, headers, serverId, sign, onRefusedResponse, clock })
    },
  }
}
