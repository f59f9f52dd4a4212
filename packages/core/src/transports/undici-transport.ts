import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import type { ResponseHeaders, Transport, TransportRequest, TransportResponse } from '../ports/transport.ts'
import { TransportError } from '../ports/transport.ts'
import { transportError } from './fetch-transport.ts'

/**
 * undici's own connection pools, without the layers that `fetch` puts on top: about half its cost for each call.
 * Node only, and `undici` is the host's to install.
 * @param options.connections sockets to one origin at most; unlimited unless said otherwise
 * @param options.keepAliveMs how long an idle socket is kept, in milliseconds; 4,000 unless said otherwise
 * @param options.dispatcher an agent or proxy of the host's own, which it also closes
 */
export function undiciTransport(
  options: {
    readonly connections?: number
    readonly keepAliveMs?: number
    readonly dispatcher?: Dispatcher
  } = {},
): Transport {
  const agent =
    options.dispatcher ??
    new Agent({
      ...(options.connections !== undefined && { connections: options.connections }),
      ...(options.keepAliveMs !== undefined && { keepAliveTimeout: options.keepAliveMs }),
      // The pipeline has its own limits; a stream may be quiet for long.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  return {
    async send(request) {
      const { method, url, headers, signal } = request
      const authority = url.indexOf('//') + 2
      const split = authority + url.slice(authority).search(/[/?]|$/)
      try {
        const { body, type } = await bodyOf(request.body)
        const response = await agent.request({
          origin: url.slice(0, split),
          path: url[split] === '/' ? url.slice(split) : `/${url.slice(split)}`,
          method,
          headers: type === undefined ? headers : { ...headers, 'content-type': type },
          body: body ?? null,
          ...(signal && { signal }),
        })
        return responseOf(response)
      } catch (error) {
        throw transportError(error)
      }
    },
    async close() {
      if (options.dispatcher === undefined) await agent.close()
    },
  }
}

/** Only `fetch` writes multipart bodies by itself. */
async function bodyOf(body: TransportRequest['body']) {
  if (!(body instanceof FormData)) return { body }
  const encoded = new Response(body)
  return { body: new Uint8Array(await encoded.arrayBuffer()), type: encoded.headers.get('content-type') ?? undefined }
}

function responseOf({ statusCode, headers, body }: Dispatcher.ResponseData): TransportResponse {
  const whole = async <T>(reading: Promise<T>): Promise<T> => {
    try {
      return await reading
    } catch (error) {
      throw new TransportError('The answer broke off.', { sent: true, cause: error })
    }
  }
  return {
    status: statusCode,
    headers: headersOf(headers),
    text: () => whole(body.text()),
    bytes: async () => new Uint8Array(await whole(body.arrayBuffer())),
    stream: () => webStream(body),
  }
}

const headersOf = (headers: Dispatcher.ResponseData['headers']): ResponseHeaders => ({
  get(name) {
    const value = headers[name]
    return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
  },
})

function webStream(body: Dispatcher.ResponseData['body']): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = (await chunks.next()) as IteratorResult<Uint8Array, undefined>
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      body.destroy()
      await chunks.return?.()
    },
  })
}
