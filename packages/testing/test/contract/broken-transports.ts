import { TransportError } from '@mcpclient/core'
import type { Transport, TransportRequest, TransportResponse } from '@mcpclient/core'

/** A transport with one fault, and the promise of the contract that it must be caught by. */
interface BrokenTransport {
  readonly fault: string
  readonly caughtBy: string
  readonly over: (good: Transport) => Transport
}

type Send = (request: TransportRequest, good: Transport) => Promise<TransportResponse>

const broken = (fault: string, caughtBy: string, send: Send): BrokenTransport => ({
  fault,
  caughtBy,
  over: (good) => ({ ...good, send: (request) => send(request, good) }),
})

const changed = (response: TransportResponse, change: Partial<TransportResponse>): TransportResponse => ({
  status: response.status,
  headers: response.headers,
  text: () => response.text(),
  bytes: () => response.bytes(),
  stream: () => response.stream(),
  ...change,
})

const throughFetch = async (request: TransportRequest, init: RequestInit): Promise<TransportResponse> => {
  const { method, headers, body, signal } = request
  const response = await fetch(request.url, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
    ...init,
  })
  return {
    status: response.status,
    headers: response.headers,
    text: () => response.text(),
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
    stream: () => response.body,
  }
}

const oddities = /[^\x20-\x7e]/g

export const brokenTransports: readonly BrokenTransport[] = [
  broken(
    'sends every text as Latin-1',
    'method, target, headers and a text body arrive as they were given',
    (request, good) =>
      good.send({
        ...request,
        ...(typeof request.body === 'string' && { body: new Uint8Array(Buffer.from(request.body, 'latin1')) }),
      }),
  ),
  broken('sends FormData as its name', 'bytes and multipart bodies arrive', (request, good) =>
    good.send({ ...request, ...(request.body instanceof FormData && { body: '[object FormData]' }) }),
  ),
  broken(
    'knows response headers as the server wrote them',
    'request headers are trimmed, and response headers are found in lower case',
    async (request, good) => {
      const response = await good.send(request)
      const get = (name: string) => (name === name.toLowerCase() ? null : response.headers.get(name))
      return changed(response, { headers: { get } })
    },
  ),
  broken(
    'knows the first of several values',
    'repeated response headers are joined by a comma and a space',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, { headers: { get: (name) => response.headers.get(name)?.split(',')[0] ?? null } })
    },
  ),
  broken('sends the fragment', 'a fragment is never sent', (request, good) =>
    good.send({ ...request, url: request.url.replace(/\/?#/, '/%23') }),
  ),
  broken(
    'escapes what is escaped',
    'characters that a URL cannot hold are escaped, and dot segments are resolved',
    (request, good) => good.send({ ...request, url: request.url.replaceAll('%', '%25') }),
  ),
  broken('follows redirects', 'redirects are not followed', (request) => throughFetch(request, { redirect: 'follow' })),
  broken('throws for a 404', 'every final status is a response, and 1xx is not', async (request, good) => {
    const response = await good.send(request)
    if (response.status === 404) throw new Error('Not found')
    return response
  }),
  broken('sends again after a failure', 'a request that the server drops is not sent again', (request, good) =>
    good.send(request).catch(() => good.send(request)),
  ),
  broken(
    'cuts bodies at 128 KB',
    'bodies of 0 B, 1 B, 64 KB, 200 KB and 10 MB are read when their length is given',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, { text: async () => (await response.text()).slice(0, 131_072) })
    },
  ),
  broken(
    'streams the first chunk alone',
    'bodies of 0 B, 1 B, 64 KB, 200 KB and 10 MB are read when they are chunked',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, {
        stream: () => {
          const reader = response.stream()?.getReader()
          return new ReadableStream<Uint8Array>({
            async pull(controller) {
              const chunk = await reader?.read()
              if (chunk?.value) controller.enqueue(chunk.value)
              controller.close()
            },
          })
        },
      })
    },
  ),
  broken(
    'accepts a coding that it cannot decode',
    'compressed bodies are decoded, in every coding that the transport accepts',
    (request, good) => raw(request, good, 'gzip, deflate'),
  ),
  broken('decodes nothing', 'a body that is gzip although it was not asked for is decoded', (request, good) =>
    raw(request, good, 'identity'),
  ),
  broken(
    'reads null for no body',
    'a HEAD response and a 204 have no body, whatever their headers say',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, { text: async () => (await response.text()) || 'null' })
    },
  ),
  broken(
    'takes half a body for a whole one',
    'a body that is cut off or cannot be decoded is an error',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, { text: () => response.text().catch(() => 'half') })
    },
  ),
  broken('buffers every stream', 'a stream is read no faster than its reader takes it', async (request, good) => {
    const response = await good.send(request)
    const bytes = await response.bytes()
    return changed(response, {
      text: async () => new TextDecoder().decode(bytes),
      stream: () => new Blob([new Uint8Array(bytes)]).stream(),
    })
  }),
  broken(
    'ignores a signal that was aborted before',
    'a request that is aborted before it begins is not sent',
    (request, good) => good.send({ ...request, ...(request.signal?.aborted === true && { signal: undefined }) }),
  ),
  broken(
    'wraps the reason of an abort',
    'a request that is aborted before its headers arrive ends with the reason',
    async (request, good) => {
      try {
        return await good.send(request)
      } catch (cause) {
        throw new TransportError('It failed.', { sent: true, cause })
      }
    },
  ),
  broken(
    'wraps the failure of a body',
    'a body that is aborted while it is read ends with the reason',
    async (request, good) => {
      const response = await good.send(request)
      const text = () =>
        response.text().catch((cause: unknown) => {
          throw new TransportError('It broke off.', { sent: true, cause })
        })
      return changed(response, { text })
    },
  ),
  broken(
    'closes a stream that is aborted',
    'a stream that is aborted while it is read ends with the reason',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, {
        stream: () => {
          const reader = response.stream()?.getReader()
          return new ReadableStream<Uint8Array>({
            async pull(controller) {
              const chunk = await reader?.read().catch(() => undefined)
              if (chunk?.value) controller.enqueue(chunk.value)
              else controller.close()
            },
          })
        },
      })
    },
  ),
  broken(
    'cleans header values',
    'headers that HTTP cannot carry are never sent, and are known as such',
    (request, good) =>
      good.send({
        ...request,
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, value.replaceAll(oddities, '')]),
        ),
      }),
  ),
  broken('calls every failure sent', 'URLs that cannot be requested are never sent, and are known as such', calledSent),
  broken(
    'calls a refused connection sent',
    'a refused connection, a blocked port and an unknown host are never sent',
    calledSent,
  ),
  broken(
    'calls a refused certificate sent',
    'a certificate that is not trusted is refused before the request is sent',
    calledSent,
  ),
  broken('calls a failed handshake sent', 'https to a server without TLS is never sent', calledSent),
  broken('calls a reset never sent', 'a connection that breaks after the request may have been sent', (request, good) =>
    good.send(request).catch((cause: unknown) => {
      throw new TransportError('It failed.', { sent: false, cause })
    }),
  ),
  broken(
    'loses a header that arrives in two pieces',
    'a response whose head arrives in pieces is read',
    async (request, good) => {
      const response = await good.send(request)
      return changed(response, { headers: { get: (name) => (name === 'x-slow' ? null : response.headers.get(name)) } })
    },
  ),
]

async function calledSent(request: TransportRequest, good: Transport): Promise<TransportResponse> {
  try {
    return await good.send(request)
  } catch (cause) {
    throw new TransportError('It failed.', { sent: true, cause })
  }
}

/** Returns the body of a client without decoders: `fetch` decodes it, and this encodes it again. */
async function raw(request: TransportRequest, good: Transport, accepted: string): Promise<TransportResponse> {
  const response = await good.send({ ...request, headers: { ...request.headers, 'accept-encoding': accepted } })
  if (response.headers.get('content-encoding') === null) return response
  const bytes = new TextEncoder().encode(`coded: ${await response.text()}`)
  return changed(response, {
    text: async () => new TextDecoder().decode(bytes),
    bytes: async () => bytes,
    stream: () => new Blob([bytes]).stream(),
  })
}
