import { TransportError } from '../ports/transport.ts'
import type { Transport, TransportRequest, TransportResponse } from '../ports/transport.ts'

type Fetch = (url: string, init: RequestInit) => Promise<Response>

/**
 * The platform's own `fetch`, and nothing else.
 * @param options.fetch another one of the same kind
 */
export function fetchTransport(options: { readonly fetch?: Fetch } = {}): Transport {
  return {
    async send(request) {
      // Looked up at each call, so that importing this loads nothing and a test may replace it.
      const fetch = options.fetch ?? globalThis.fetch
      try {
        return responseOf(await fetch(request.url, initOf(request)))
      } catch (error) {
        throw transportError(error)
      }
    },
    async prewarm() {
      // Node loads its HTTP client when one of its globals is first touched.
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

/** Failures that come before a byte of the request has left. */
const before = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Says whether the provider may have seen the request; where the runtime does not tell, it may have. */
export function transportError(error: unknown): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError' || error instanceof TransportError) return error
  const code = codeOf(error)
  return new TransportError(error.message, { sent: code === undefined || !before.has(code), cause: error })
}

/** The system's code for a failure, wherever the runtime put it. */
function codeOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: readonly unknown[] }
  if (typeof code === 'string' && code !== 'ConnectionRefused') return code
  if (code === 'ConnectionRefused') return 'ECONNREFUSED'
  return codeOf(cause ?? errors?.[0], depth + 1)
}
