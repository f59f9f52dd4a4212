import { createFakeClock } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import type { Connection } from '../../src/identity/connection.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { ConnectorVault } from '../../src/vault/connector-vault.ts'
import { revokeQuarantined } from '../../src/vault/operations/quarantine.ts'

const connection = { tenant: 'ada', name: 'default', storeKey: 'connection/demo/ada/default' } as Connection
const down = new ConnectorError('MCP_CONNECTION_ERROR', 'The provider is down.')

it.each([
  ['success', () => Promise.resolve(), 'true'],
  ['failed', undefined, 'false'],
  ['failed', () => Promise.reject(down), down.message],
])('returns only after the audit entry "%s" is written', async (outcome, revoke, result) => {
  const entries: unknown[] = []
  const written = Promise.withResolvers<void>()
  const flow = { load: () => Promise.resolve({ revoke }) }
  const vault = {
    context: {
      host: { clock: createFakeClock() },
      composed: { connector: { profile: { auth: { flow } } } },
      store: memoryStore(),
    },
    read: () => Promise.resolve({ quarantined: { credential: {}, grant: { accessToken: 'a', issuedAt: 0 } } }),
    rows: { update: () => Promise.resolve() },
    guard: {
      record: (_operation: string, how: string) => {
        entries.push(how)
        return written.promise
      },
    },
  } as unknown as ConnectorVault
  let ended: string | undefined
  const ending = revokeQuarantined(vault, connection, undefined, 0).then(
    (found) => (ended = String(found)),
    (error: unknown) => (ended = (error as Error).message),
  )
  await expect.poll(() => entries).toEqual([outcome])
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBeUndefined()
  written.resolve()
  expect(await ending).toBe(result)
})
