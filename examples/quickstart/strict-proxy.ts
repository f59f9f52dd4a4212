import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A response that the proxy sends itself, without a request to the service. */
export interface Fault {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface StrictProxy {
  readonly url: string
  /** The number of requests received. */
  readonly arrived: number
  /** Sends this response to the next request. */
  failNext(fault: Fault): void
  /** Sends this response to every request, until it is set to undefined. */
  failAlways(fault: Fault | undefined): void
  close(): Promise<void>
}

/**
 * Starts a proxy in front of a service that accepts any token. It accepts only the right token, as Slack does, and can
 * fail on request.
 */
export async function startStrictProxy(target: string, token: string): Promise<StrictProxy> {
  const once: Fault[] = []
  let always: Fault | undefined
  let arrived = 0

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    arrived++
    const fault = once.shift() ?? always
    if (fault !== undefined) {
      response.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end('{"ok":false}')
      return
    }
    if (request.headers.authorization !== `Bearer ${token}`) {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":false,"error":"invalid_auth"}')
      return
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { pathname, search } = new URL(request.url ?? '/', target)
    // Slack accepts every method by GET too, the emulator most by POST only.
    const reads = request.method === 'GET'
    const passed = await fetch(target + pathname, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': reads
          ? 'application/x-www-form-urlencoded'
          : (request.headers['content-type'] ?? 'application/json'),
      },
      body: reads ? search.slice(1) : Buffer.concat(chunks),
    })
    response.writeHead(passed.status, { 'content-type': passed.headers.get('content-type') ?? 'application/json' })
    response.end(Buffer.from(await passed.arrayBuffer()))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.writeHead(502).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get arrived() {
      return arrived
    },
    failNext: (fault) => void once.push(fault),
    failAlways: (fault) => {
      always = fault
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
