import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import type { ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'

export interface SecretManagerServer {
  readonly port: number
  /** Names of the versions that were asked for, in order. */
  readonly asked: readonly string[]
  readonly close: () => Promise<void>
}

const secrets: Readonly<Record<string, Uint8Array>> = {
  'projects/p/secrets/app/versions/latest': Buffer.from('secret-latest grüße'),
  'projects/p/secrets/app/versions/3': Buffer.from('secret-of-before'),
  'projects/p/locations/europe-west3/secrets/app/versions/latest': Buffer.from('secret-regional'),
  'projects/p/secrets/empty/versions/latest': Buffer.alloc(0),
  'projects/p/secrets/binary/versions/latest': Uint8Array.from([0xff, 0xfe, 0x00]),
}

interface Failure {
  readonly http: number
  readonly grpc: number
  readonly status: string
}

const NOT_FOUND: Failure = { http: 404, grpc: 5, status: 'NOT_FOUND' }
const failures: Readonly<Record<string, Failure>> = {
  denied: { http: 403, grpc: 7, status: 'PERMISSION_DENIED' },
  disabled: { http: 400, grpc: 9, status: 'FAILED_PRECONDITION' },
  invalid: { http: 400, grpc: 3, status: 'INVALID_ARGUMENT' },
  anonymous: { http: 401, grpc: 16, status: 'UNAUTHENTICATED' },
  // The client retries these for a minute, so only the tests without retries use them.
  busy: { http: 429, grpc: 8, status: 'RESOURCE_EXHAUSTED' },
  unavailable: { http: 503, grpc: 14, status: 'UNAVAILABLE' },
  failing: { http: 500, grpc: 13, status: 'INTERNAL' },
}

const failureOf = (name: string): Failure | undefined => {
  const [, secret = ''] = /\/secrets\/([^/]+)\//.exec(name) ?? []
  return failures[secret] ?? (secrets[name] ? undefined : NOT_FOUND)
}

/** Speaks "access a secret version" of Google Cloud Secret Manager over REST, on this machine. */
export async function startRest(): Promise<SecretManagerServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1')
    const [, name = ''] = /^\/v1\/(.*):access$/.exec(pathname) ?? []
    asked.push(name)
    const failure = request.headers.authorization?.startsWith('Bearer ') ? failureOf(name) : failures['anonymous']
    const [status, body] = failure
      ? [failure.http, { error: { code: failure.http, message: `${failure.status} it is.`, status: failure.status } }]
      : [200, { name, payload: { data: Buffer.from(secrets[name] ?? []).toString('base64') } }]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Starts the server over gRPC, the client's default: HTTP/2, one message each way. */
export async function startGrpc(): Promise<SecretManagerServer> {
  const asked: string[] = []
  const sessions = new Set<ServerHttp2Session>()
  const server = createHttp2Server()
  server.on('session', (session) => {
    sessions.add(session)
    session.once('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const known = headers[':path'] === '/google.cloud.secretmanager.v1.SecretManagerService/AccessSecretVersion'
      // Five bytes of frame, one of field 1, one of its length.
      const name = Buffer.concat(chunks).subarray(7).toString()
      asked.push(name)
      const failure = known ? failureOf(name) : NOT_FOUND
      stream.on('wantTrailers', () =>
        stream.sendTrailers(
          failure ? { 'grpc-status': String(failure.grpc), 'grpc-message': failure.status } : { 'grpc-status': '0' },
        ),
      )
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
      const payload = field(1, secrets[name] ?? new Uint8Array())
      if (failure) stream.end()
      else stream.end(frame(Buffer.concat([field(1, Buffer.from(name)), field(2, payload)])))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}

/** Encodes a field of at most 127 bytes in protocol buffers. */
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of((number << 3) | 2, bytes.length), bytes])

function frame(message: Uint8Array): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}
