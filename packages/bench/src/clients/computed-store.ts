import type { Store } from '@mcpclient/core'
import { TOKEN } from './client.ts'

/** The usual length of an OAuth access token. */
const CREDENTIAL_CHARACTERS = 220

/**
 * Returns a store that computes a separate credential for every connection. It stores nothing, so the memory after
 * calls for a hundred thousand tenants belongs to the client.
 */
export function computedStore(): Store & {
  /** Returns the number of reads so far. */
  reads(): number
} {
  let reads = 0
  return {
    get: async (key) => {
      reads++
      const token = `${TOKEN}${key}`.padEnd(CREDENTIAL_CHARACTERS, 'x')
      return { value: JSON.stringify({ credential: { token }, connectedAt: '2026-01-01T00:00:00.000Z' }), version: '1' }
    },
    put: async () => ({ version: '1' }),
    delete: async () => false,
    list: async () => ({ entries: [] }),
    reads: () => reads,
  }
}
