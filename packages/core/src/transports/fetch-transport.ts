import type { Transport, TransportRequest, TransportResponse } from '../ports/transport.ts'

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * Creates a transport over the platform's `fetch`: the default.
 * @param options.fetch another implementation
 */
export function fetchTransport(options: { readonly fetch?: Fetch } = {}): Transport {
  return {
    async send(request) {
      // Read at each call, so that importing this module loads nothing, and tests can replace it.
      const fetch = options.fetch ?? globalThis.fetch
      try {
        return responseOf(await fetch(request.url, initOf(request)))
      } catch (error) {
        const { transportError } = await import('./transport-failure.ts')
        throw transportError(error, request)
      }
    },
    async prewarm() {
      // Node loads its HTTP client when one of its globals is read for the first time.
      await Promise.resolve(globalThis.Request)
    },
  }
}

export const initOf = ({ method, headers, body, signal }: TransportRequest): RequestInit => ({
  method,
  headers,
  ...(signal && { signal }),
  redirect: 'manual',
  ...(body !== undefined && { body }),
})

export const responseOf = (response: Response): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  text: () => response.text(),
  bytes: async () => new Uint8Array(await response.arrayBuffer()),
  stream: () => response.body,
})
