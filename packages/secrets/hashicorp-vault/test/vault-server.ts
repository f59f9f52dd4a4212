import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface VaultServer {
  readonly address: string
  /** Paths that were read, in order. */
  readonly reads: readonly string[]
  readonly close: () => Promise<void>
}

export const TOKEN = 'hvs.canary-token'

/** The responses by path, as Vault's documentation shows them for both versions of the key/value engine. */
const secrets: Readonly<Record<string, object>> = {
  '/v1/kv1/app': {
    request_id: 'r1',
    lease_duration: 2_764_800,
    data: { key: 'secret-1', port: 5432, other: 'secret-2' },
  },
  '/v1/kv1/single': { request_id: 'r2', lease_duration: 2_764_800, data: { value: 'the-only-one' } },
  // A version 1 secret with a field that is named data.
  '/v1/kv1/nested': { request_id: 'r3', lease_duration: 2_764_800, data: { data: 'a-field' } },
  '/v1/kv/data/app': {
    request_id: 'r4',
    lease_duration: 0,
    data: {
      data: { key: 'secret-v2', 'with#mark': 'marked' },
      metadata: { created_time: '2026-03-22T02:24:06.945319214Z', deletion_time: '', destroyed: false, version: 2 },
    },
  },
}

const deleted = {
  data: {
    data: null,
    metadata: {
      created_time: '2026-03-22T02:24:06Z',
      deletion_time: '2026-03-23T02:24:06Z',
      destroyed: false,
      version: 1,
    },
  },
}

const failures: Readonly<Record<string, readonly [status: number, body: object]>> = {
  '/v1/kv/app': [404, { errors: [], warnings: ['Invalid path for a versioned K/V secrets engine.'] }],
  '/v1/kv/data/gone': [404, deleted],
  '/v1/kv/data/denied': [403, { errors: ['1 error occurred:\n\t* permission denied\n\n'] }],
  '/v1/kv/data/busy': [429, { errors: ['request path rate limit quota exceeded'] }],
  '/v1/kv/data/sealed': [503, { errors: ['Vault is sealed'] }],
  '/v1/kv/data/broken': [500, { errors: ['internal error'] }],
  '/v1/kv/data/odd': [400, { errors: ['unsupported operation'] }],
}

/** Speaks the part of Vault's HTTP API that reading a secret needs, on this machine. */
export async function startVault(): Promise<VaultServer> {
  const reads: string[] = []
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    reads.push(path)
    const [status, body] =
      request.headers['x-vault-token'] !== TOKEN
        ? [403, { errors: ['permission denied'] }]
        : (failures[path] ?? (secrets[path] ? [200, secrets[path]] : [404, { errors: [] }]))
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
