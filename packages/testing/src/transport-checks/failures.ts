import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { createServer as createSocketServer } from 'node:net'
import { TransportError } from '@mcpclient/core'
import type { Transport, TransportRequest } from '@mcpclient/core'
import { must, mustBe } from '../broken-promise.ts'
import { selfSigned } from './self-signed.ts'
import { listen, rejectionOf, stop, streamed, transportCheck } from './transport-check.ts'
import type { TransportCheck } from './transport-check.ts'

/** @param reason what `TransportError.reason` must be; a list where the runtimes differ */
async function mustNotBeSent(
  transport: Transport,
  request: Partial<TransportRequest> & { readonly url: string },
  reason: string | readonly string[],
  what: string,
): Promise<void> {
  const rejection = await rejectionOf(transport.send({ method: 'GET', headers: {}, ...request }))
  must(rejection instanceof TransportError, `${what} must reject with a TransportError. It was ${String(rejection)}.`)
  must(!rejection.sent, `${what} must be known as never sent.`)
  const reasons = [reason].flat()
  must(
    rejection.reason !== undefined && reasons.includes(rejection.reason),
    `${what} must have the reason ${reasons.join(' or ')}. It was ${String(rejection.reason)}.`,
  )
}

/** Defines a check without a server of its own. */
const standalone = (name: string, run: (transport: Transport) => Promise<void>): TransportCheck => ({ name, run })

export const failures: readonly TransportCheck[] = [
  transportCheck(
    'headers that HTTP cannot carry are never sent, and are known as such',
    (_request, response) => response.end(),
    async ({ url, received }, transport) => {
      for (const value of ['a\r\nx-evil: 1', 'a\nb', 'a\0b', 'a\u200Bb', '“a”', '要求']) {
        await mustNotBeSent(transport, { url, headers: { 'x-mark': value } }, 'invalid_request', 'Such a header value')
      }
      for (const name of ['a b', 'a:', 'ü', '']) {
        await mustNotBeSent(transport, { url, headers: { [name]: 'x' } }, 'invalid_request', 'Such a header name')
      }
      mustBe(received.length, 0, 'Nothing may arrive.')
    },
  ),
  standalone('URLs that cannot be requested are never sent, and are known as such', async (transport) => {
    for (const url of ['nope', 'http://127.0.0.1:70000/', 'http://', 'http://user:password@127.0.0.1:1/']) {
      await mustNotBeSent(transport, { url }, 'invalid_request', 'Such a URL')
    }
    for (const url of ['ftp://127.0.0.1/', 'file:///etc/hostname', 'gopher://127.0.0.1/']) {
      await mustNotBeSent(transport, { url }, 'unsupported_scheme', 'Another scheme')
    }
  }),
  standalone('a refused connection, a blocked port and an unknown host are never sent', async (transport) => {
    const server = createServer()
    const port = await listen(server)
    await stop(server)
    await mustNotBeSent(transport, { url: `http://127.0.0.1:${port}/` }, 'refused', 'A refused connection')
    await mustNotBeSent(transport, { url: 'http://127.0.0.1:6666/' }, ['blocked_port', 'refused'], 'A blocked port')
    const unknown = { url: 'http://no-such-host.invalid/' }
    await mustNotBeSent(transport, unknown, ['name_not_found', 'unreachable'], 'An unknown host')
  }),
  standalone('a certificate that is not trusted is refused before the request is sent', async (transport) => {
    let arrived = 0
    const server = createSecureServer(await selfSigned('localhost'), (_request, response) => {
      arrived++
      response.end()
    })
    server.on('tlsClientError', () => undefined)
    const port = await listen(server)
    try {
      const request = { url: `https://127.0.0.1:${port}/`, method: 'POST', body: '{}' }
      await mustNotBeSent(transport, request, 'certificate', 'A request to an untrusted server')
      mustBe(arrived, 0, 'Nothing may arrive.')
    } finally {
      await stop(server)
    }
  }),
  transportCheck(
    'https to a server without TLS is never sent',
    (_request, response) => response.end(),
    async ({ url, received }, transport) => {
      const request = { url: url.replace('http:', 'https:'), method: 'POST', body: '{}' }
      await mustNotBeSent(transport, request, ['tls', 'unreachable'], 'A request without a TLS handshake')
      mustBe(received.length, 0, 'Nothing may arrive.')
    },
  ),
  transportCheck(
    'a connection that breaks after the request may have been sent',
    ({ target }, response, { socket }) => {
      if (target === '/before') return void socket.destroy()
      response.writeHead(200, { 'content-length': '100' })
      return void response.write('half', () => socket.destroy())
    },
    async ({ send }) => {
      const rejections = [
        await rejectionOf(send('/before', { method: 'POST', body: '{}' })),
        await rejectionOf(send('/during').then((response) => response.text())),
        await rejectionOf(send('/during').then(streamed)),
      ]
      for (const rejection of rejections) {
        must(rejection !== undefined, 'A connection that breaks must be an error.')
        must(!(rejection instanceof TransportError) || rejection.sent, 'A request that arrived was sent.')
      }
    },
  ),
  standalone('a response whose head arrives in pieces is read', async (transport) => {
    const head = ['HTTP/1.1 20', '0 OK\r\ncontent-le', 'ngth: 2\r\nx-slow: y', 'es\r\n', '\r\nok']
    const server = createSocketServer((socket) => {
      socket.on('error', () => undefined)
      socket.once('data', () => {
        const writeFrom = (index: number): void => {
          const piece = head[index]
          if (piece === undefined) socket.end()
          else socket.write(piece, () => setImmediate(writeFrom, index + 1))
        }
        writeFrom(0)
      })
    })
    const port = await listen(server)
    try {
      const response = await transport.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} })
      mustBe(response.headers.get('x-slow'), 'yes', 'A slow head must be read whole.')
      mustBe(await response.text(), 'ok', 'The body after a slow head must be read.')
    } finally {
      await new Promise((resolve) => {
        server.close(resolve)
      })
    }
  }),
]
