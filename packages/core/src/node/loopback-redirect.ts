/// <reference types="node" />
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectorError } from '../errors/connector-error.ts'

const HOST = '127.0.0.1'
const PAGE = 'Thank you. You can close this page.'
/** The lifetime of an authorization. */
const WAIT_MS = 10 * 60_000

export interface LoopbackRedirectOptions {
  /**
   * The port to listen on. Some providers accept only the exact registered address, including its port.
   * @default a free port
   */
  readonly port?: number | undefined
  /** @default '/callback' */
  readonly path?: string | undefined
  /** The page that the browser shows after the callback, as plain text. */
  readonly page?: string | undefined
}

/** A local server that receives the callback from a browser on this machine. Close it, or use `await using`. */
export interface LoopbackRedirect extends AsyncDisposable {
  /** The `redirectUri` to pass to `connect`. */
  readonly uri: string
  /**
   * Waits for the callback, and returns the URL to pass to `completeAuthorization`.
   * @param authorizeUrl the `url` that `connect` returned. A callback with another `state` is ignored. The URL of a
   *   pushed request (RFC 9126) contains no state, so it matches any callback; `completeAuthorization` validates the
   *   state
   * @param options.timeoutMs milliseconds to wait; ten minutes by default
   * @throws ConnectorError TIMEOUT if no callback arrived; CANCELLED if the signal aborted the wait
   */
  callback(
    authorizeUrl: string,
    options?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<URL>
  close(): Promise<void>
}

/**
 * Listens on a loopback address for an authorization callback, for programs on the user's own machine, such as
 * command-line tools (RFC 8252, section 7.3). Only this machine can reach it.
 *
 * @example
 * await using redirect = await loopbackRedirect()
 * const started = await mcp.as('ada').notes.connect(undefined, { redirectUri: redirect.uri })
 * if (started.status === 'authorize') {
 *   process.stdout.write(`Open ${started.url}\n`)
 *   await mcp.completeAuthorization(await redirect.callback(started.url), 'ada')
 * }
 * @throws ConnectorError CONFIGURATION_ERROR if the port is not available
 */
export async function loopbackRedirect(options: LoopbackRedirectOptions = {}): Promise<LoopbackRedirect> {
  const { port = 0, path = '/callback', page = PAGE } = options
  const waits = new Set<Wait>()
  // The browser may be faster than the call of `callback`.
  const early = new Set<URL>()

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', origin)
    const state = url.searchParams.get('state')
    // Any other host name may be DNS rebinding by a web page.
    const isForUs = request.headers.host === new URL(origin).host && request.method === 'GET' && url.pathname === path
    if (!isForUs || state === null || state === '') {
      respond(response, 404, 'Not found.')
      return
    }
    respond(response, 200, page)
    const wait = [...waits].find((each) => each.isFor(url))
    if (wait !== undefined) wait.arrived(url)
    else if (early.size < MAX_EARLY) early.add(url)
  }

  // Imported on demand: it also loads Node's HTTP client, which programs that only read files do not need.
  const { createServer } = await import('node:http')
  const server = createServer(onRequest)
  server.listen(port, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `Port ${port} is not available on this machine.`,
      { hint: 'Another program may use it. Omit `port` for a free one.' },
      { cause: error },
    )
  }
  const origin = `http://${HOST}:${(server.address() as AddressInfo).port}`

  const close = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  return {
    uri: `${origin}${path}`,
    async callback(authorizeUrl, { timeoutMs = WAIT_MS, signal } = {}) {
      const isFor = expects(authorizeUrl)
      const known = [...early].find(isFor)
      if (known !== undefined) {
        early.delete(known)
        return known
      }
      return new Promise<URL>((resolve, reject) => {
        const end = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', onAbort)
          server.off('close', onClose)
          waits.delete(wait)
        }
        const fail = (error: ConnectorError): void => {
          end()
          reject(error)
        }
        const onAbort = () => {
          fail(new ConnectorError('CANCELLED', 'The wait for the callback was cancelled.'))
        }
        const onClose = () => {
          fail(new ConnectorError('CANCELLED', 'The redirect was closed before the callback arrived.'))
        }
        const timer = setTimeout(() => {
          fail(new ConnectorError('TIMEOUT', 'No callback arrived in time.', { hint: 'Call connect() again.' }))
        }, timeoutMs)
        const arrived = (callback: URL): void => {
          end()
          resolve(callback)
        }
        const wait: Wait = { isFor, arrived }
        waits.add(wait)
        server.once('close', onClose)
        signal?.addEventListener('abort', onAbort, { once: true })
        if (signal?.aborted) onAbort()
      })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** More pages than a user has open at once. */
const MAX_EARLY = 16

interface Wait {
  readonly isFor: (callback: URL) => boolean
  readonly arrived: (callback: URL) => void
}

function expects(authorizeUrl: string): Wait['isFor'] {
  if (!URL.canParse(authorizeUrl)) {
    throw new ConnectorError('INVALID_INPUT', 'authorizeUrl is not a URL.', {
      hint: 'Pass the `url` that connect() returned.',
    })
  }
  const state = new URL(authorizeUrl).searchParams.get('state')
  return (callback) => state === null || callback.searchParams.get('state') === state
}

// The URL of the page contains a code, so it must be neither cached nor sent in a referrer.
function respond(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    .end(text)
}
