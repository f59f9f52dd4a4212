import type { Store } from '@mcpclient/core'
import { TOKEN } from './client.ts'

/** As long as an OAuth access token usually is. */
const CREDENTIAL_CHARACTERS = 220

/**
 * Answers every connection with a credential of its own that it makes up at that moment. It holds nothing, so that
 * what is held after calls for a hundred thousand tenants is the client's.
 */
export const computedStore: Store = {
  get: async (key) => {
    const token = `${TOKEN}${key}`.padEnd(CREDENTIAL_CHARACTERS, 'x')
    return { value: JSON.stringify({ credential: { token }, connectedAt: '2026-01-01T00:00:00.000Z' }), version: '1' }
  },
  put: async () => ({ version: '1' }),
  delete: async () => false,
  list: async () => ({ entries: [] }),
}
