import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { must, mustBe } from '../broken-promise.ts'
import { rejectionOf, streamed, transportCheck } from './transport-check.ts'
import type { TransportCheck, Wire } from './transport-check.ts'

const KB = 1024
const sizes = [0, 1, 64 * KB, 200 * KB, 10 * KB * KB]
const PIECE = 64 * KB

/** Returns text that does not repeat at the size of a buffer, so that a misplaced piece is detected. */
const bodyOf = (size: number): Buffer => {
  const body = Buffer.alloc(size)
  for (let at = 0; at < size; at++) body[at] = 97 + ((at + Math.floor(at / 251)) % 26)
  return body
}

/** Writes a body in pieces, as fast as it is read. */
async function writeInPieces(response: ServerResponse, body: Buffer): Promise<void> {
  for (let at = 0; at < body.byteLength; at += PIECE) {
    if (!response.write(body.subarray(at, at + PIECE))) await once(response, 'drain')
  }
  response.end()
}

async function readsWhole({ send }: Wire, path: string, expected: Buffer, what: string): Promise<void> {
  const ways = [
    ['text', async () => Buffer.from(await (await send(path)).text())],
    ['bytes', async () => Buffer.from(await (await send(path)).bytes())],
    ['stream', async () => streamed(await send(path))],
  ] as const
  for (const [way, read] of ways) {
    const body = await read()
    mustBe(body.byteLength, expected.byteLength, `${what} must be read whole by ${way}.`)
    must(body.equals(expected), `${what} must be read unchanged by ${way}.`)
  }
}

const encoders = {
  gzip: gzipSync,
  deflate: deflateSync,
  'deflate without the zlib header': deflateRawSync,
  br: brotliCompressSync,
} as const

export const bodies: readonly TransportCheck[] = [
  transportCheck(
    'bodies of 0 B, 1 B, 64 KB, 200 KB and 10 MB are read when their length is given',
    ({ target }, response) => {
      const body = bodyOf(Number(target.slice(1)))
      response.setHeader('content-length', body.byteLength)
      return writeInPieces(response, body)
    },
    async (wire) => {
      for (const size of sizes) await readsWhole(wire, `/${size}`, bodyOf(size), `A body of ${size} bytes`)
    },
  ),
  transportCheck(
    'bodies of 0 B, 1 B, 64 KB, 200 KB and 10 MB are read when they are chunked',
    ({ target }, response) => writeInPieces(response, bodyOf(Number(target.slice(1)))),
    async (wire) => {
      for (const size of sizes) await readsWhole(wire, `/${size}`, bodyOf(size), `A chunked body of ${size} bytes`)
    },
  ),
  transportCheck(
    'compressed bodies are decoded, in every coding that the transport accepts',
    ({ target, headers }, response) => {
      const [, coding = '', size = '', isChunked] = target.split('/').map(decodeURIComponent)
      const name = coding.split(' ')[0] ?? ''
      const accepted = headers['accept-encoding'] ?? ''
      const isCoded = accepted.includes(name)
      const plain = bodyOf(Number(size))
      const encode = encoders[coding as keyof typeof encoders]
      const body = isCoded && plain.byteLength > 0 ? encode(plain) : plain
      if (isCoded) response.setHeader('content-encoding', name)
      if (isChunked !== 'chunked') response.setHeader('content-length', body.byteLength)
      return writeInPieces(response, body)
    },
    async (wire) => {
      for (const coding of Object.keys(encoders)) {
        for (const size of [0, 1, 200 * KB]) {
          for (const how of ['whole', 'chunked']) {
            const path = `/${encodeURIComponent(coding)}/${size}/${how}`
            await readsWhole(wire, path, bodyOf(size), `A body of ${size} bytes in ${coding}`)
          }
        }
      }
    },
  ),
  transportCheck(
    'a body that is gzip although it was not asked for is decoded',
    (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain')),
    async ({ send }) => {
      mustBe(await (await send('/')).text(), 'plain', 'A gzip body must be decoded.')
      mustBe((await streamed(await send('/'))).toString(), 'plain', 'A streamed gzip body must be decoded.')
    },
  ),
  transportCheck(
    'a HEAD response and a 204 have no body, whatever their headers say',
    ({ method }, response) =>
      method === 'HEAD'
        ? response.writeHead(200, { 'content-length': 5000, 'content-encoding': 'gzip' }).end()
        : response.writeHead(204).end(),
    async ({ send }) => {
      for (const method of ['HEAD', 'DELETE']) {
        mustBe(await (await send('/', { method })).text(), '', `A ${method} response without a body reads as empty.`)
        mustBe((await streamed(await send('/', { method }))).byteLength, 0, 'Its stream is empty.')
      }
    },
  ),
  transportCheck(
    'a body that is cut off or cannot be decoded is an error',
    ({ target }, response) => {
      if (target === '/broken') return response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip')
      response.writeHead(200, { 'content-length': '100' })
      return response.write('half', () => response.destroy())
    },
    async ({ send }) => {
      for (const path of ['/cut', '/broken']) {
        const readings = [
          async () => (await send(path)).text(),
          async () => (await send(path)).bytes(),
          async () => streamed(await send(path)),
        ]
        for (const read of readings) {
          const rejection = await rejectionOf(read())
          must(rejection !== undefined, 'An incomplete body must not be treated as a whole one.')
          must(!wasNeverSent(rejection), 'A request with a response has been sent.')
        }
      }
    },
  ),
  backpressure(),
]

function backpressure(): TransportCheck {
  let isWritten = false
  return transportCheck(
    'a stream is read no faster than its reader takes it',
    async ({ target }, response) => {
      if (target === '/small') return response.end(String(isWritten))
      isWritten = false
      response.on('error', () => undefined)
      await writeInPieces(response, Buffer.alloc(PLENTY)).catch(() => undefined)
      isWritten = true
      return undefined
    },
    async ({ send }) => {
      const reader = (await send('/large')).stream()?.getReader()
      await reader?.read()
      let written = ''
      // Other requests give a greedy transport the time to read everything.
      for (let round = 0; round < 100; round++) written = await (await send('/small')).text()
      mustBe(written, 'false', 'An unread stream must wait on the wire, not in memory.')
      await reader?.cancel()
      must(
        /^(?:true|false)$/.test(await (await send('/small')).text()),
        'The transport must work after a cancellation.',
      )
    },
  )
}

/** More than the buffers of the sockets hold. */
const PLENTY = 64 * KB * KB

const wasNeverSent = (rejection: unknown): boolean => (rejection as { readonly sent?: unknown }).sent === false
