import { createServer } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Server as SocketServer } from 'node:net'
import type { Transport, TransportRequest, TransportResponse } from '@mcpclient/core'

/** One promise of the transport port. It opens servers of its own on loopback. */
export interface TransportCheck {
  /** The promise, as a sentence. */
  readonly name: string
  /** @throws {@link BrokenPromise} */
  run(transport: Transport): Promise<void>
}

/** A request as a server received it. */
export interface Received {
  readonly method: string
  /** The request target, as it was on the wire. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

export interface Wire {
  /** Without a slash at the end. */
  readonly url: string
  readonly received: readonly Received[]
  /** Sends a GET of `path`, or the given request. */
  send(path: string, request?: Partial<TransportRequest>): Promise<TransportResponse>
}

type Listener = (request: Received, response: ServerResponse, message: IncomingMessage) => unknown

/** Defines a check against one HTTP server. */
export const transportCheck = (
  name: string,
  listener: Listener,
  run: (wire: Wire, transport: Transport) => Promise<void>,
): TransportCheck => ({
  name,
  async run(transport) {
    const received: Received[] = []
    // An idle connection that the server closes while it is used again would appear as a fault of the transport.
    const server = createServer({ keepAliveTimeout: 0 }, (message, response) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('end', () => {
        const { method = '', url: target = '', headers } = message
        const request = { method, target, headers, body: Buffer.concat(chunks) }
        received.push(request)
        listener(request, response, message)
      })
    })
    const url = `http://127.0.0.1:${await listen(server)}`
    try {
      await run(
        {
          url,
          received,
          send: (path, request) => transport.send({ method: 'GET', url: url + path, headers: {}, ...request }),
        },
        transport,
      )
    } finally {
      await stop(server)
    }
  },
})

/** Opens a server on a free port of loopback, and returns the port. */
export async function listen(server: SocketServer): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return (server.address() as AddressInfo).port
}

export async function stop(server: Pick<Server, 'close' | 'closeAllConnections'>): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => {
    server.close(resolve)
  })
}

/** Returns the error of the work, or undefined if it succeeded. */
export const rejectionOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (rejection: unknown) => rejection ?? 'nothing',
  )

/** Reads a body as a stream, to its end. */
export async function streamed(response: TransportResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.stream() ?? []) chunks.push(chunk)
  return Buffer.concat(chunks)
}
