/// <reference types="node" />
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConnectorError } from '../errors/connector-error.ts'

const HOST = '127.0.0.1'
const PAGE = 'Thank you. You can close this page.'
/** As long as an authorization counts. */
const WAIT_MS = 10 * 60_000

export interface LoopbackRedirectOptions {
  /** The port to listen at; a free one unless given. Some providers take only the address that is registered, port and all. */
  readonly port?: number | undefined
  /** `/callback` unless given. */
  readonly path?: string | undefined
  /** What the person reads when they come back, as plain text. */
  readonly page?: string | undefined
}

/** Where a person comes back to who agreed in a browser on this machine. Close it, or declare it with `await using`. */
export interface LoopbackRedirect extends AsyncDisposable {
  /** What to pass to `connect` as `redirectUri`. */
  readonly uri: string
  /**
   * Waits for the person, and answers what to pass to `completeAuthorization`.
   * @param authorizeUrl the `url` that `connect` answered: who comes with another `state` is not the one that is waited for.
   *   The URL of a pushed request (RFC 9126) names none, and then whoever comes is; `completeAuthorization` looks closer
   * @param options.timeoutMs milliseconds; ten minutes unless given
   * @throws ConnectorError TIMEOUT if nobody came; CANCELLED if the signal ended the wait
   */
  callback(
    authorizeUrl: string,
    options?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<URL>
  close(): Promise<void>
}

/**
 * Listens on a loopback address for the end of an authorization: for programs that run beside the person's browser, such as
 * command-line tools (RFC 8252, section 7.3). Nothing but this machine can reach it.
 *
 * @example
 * await using redirect = await loopbackRedirect()
 * const started = await mcp.as('ada').notes.connect(undefined, { redirectUri: redirect.uri })
 * if (started.status === 'authorize') {
 *   process.stdout.write(`Open ${started.url}\n`)
 *   await mcp.completeAuthorization(await redirect.callback(started.url), 'ada')
 * }
 * @throws ConnectorError CONFIGURATION_ERROR if the port cannot be had
 */
export async function loopbackRedirect(options: LoopbackRedirectOptions = {}): Promise<LoopbackRedirect> {
  const { port = 0, path = '/callback', page = PAGE } = options
  const waits = new Set<Wait>()
  /** Who came before anybody waited: the browser may be quicker than the program. */
  const early = new Set<URL>()

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', origin)
    const state = url.searchParams.get('state')
    // Another name for this machine is a page elsewhere that has itself resolved to here.
    const isForUs = request.headers.host === new URL(origin).host && request.method === 'GET' && url.pathname === path
    if (!isForUs || state === null || state === '') {
      respond(response, 404, 'There is nothing here.')
      return
    }
    respond(response, 200, page)
    const wait = [...waits].find((each) => each.isFor(url))
    if (wait !== undefined) wait.arrived(url)
    else if (early.size < MOST_EARLY) early.add(url)
  }

  // With it Node loads its HTTP client, too, which no program should pay for that only reads a file.
  const { createServer } = await import('node:http')
  const server = createServer(answer)
  server.listen(port, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      `Port ${port} of this machine cannot be listened at.`,
      { hint: 'Another program has it. Leave `port` out to take a free one.' },
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
          fail(new ConnectorError('CANCELLED', 'The wait for the person was ended.'))
        }
        const onClose = () => {
          fail(new ConnectorError('CANCELLED', 'The redirect was closed before the person came back.'))
        }
        const timer = setTimeout(() => {
          fail(new ConnectorError('TIMEOUT', 'The person did not come back.', { hint: 'Call connect() again.' }))
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

/** More than any person has open at once. */
const MOST_EARLY = 16

interface Wait {
  readonly isFor: (callback: URL) => boolean
  readonly arrived: (callback: URL) => void
}

function expects(authorizeUrl: string): Wait['isFor'] {
  if (!URL.canParse(authorizeUrl)) {
    throw new ConnectorError('INVALID_INPUT', 'This is not the URL of an authorization.', {
      hint: 'Pass the `url` that connect() answered.',
    })
  }
  const state = new URL(authorizeUrl).searchParams.get('state')
  return (callback) => state === null || callback.searchParams.get('state') === state
}

/** The address of the page holds a code: nothing may keep it or send it on. */
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
