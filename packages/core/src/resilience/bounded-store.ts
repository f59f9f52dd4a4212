import type { Clock } from '../ports/clock.ts'
import type { KeyProvider } from '../ports/key-provider.ts'
import { STORE_TIMEOUT_MS, storeUnavailable } from '../ports/store-failure.ts'
import type { Store } from '../ports/store.ts'
import { startDeadline } from './deadlines.ts'

/**
 * Waits for a port that the host implements, at most {@link STORE_TIMEOUT_MS}. A later result is ignored.
 * @param port the subject of the message: `The store`
 * @throws ConnectorError MCP_CONNECTION_ERROR with the reason `store_unavailable` if it does not respond
 */
export async function withinLimit<Value>(
  clock: Clock,
  port: string,
  operation: () => Promise<Value> | Value,
): Promise<Value> {
  let cancel: (() => void) | undefined
  const late = new Promise<never>((_resolve, reject) => {
    cancel = startDeadline(clock, STORE_TIMEOUT_MS, () => {
      reject(storeUnavailable(`${port} did not respond within ${STORE_TIMEOUT_MS} ms.`))
    })
  })
  try {
    return await Promise.race([operation(), late])
  } finally {
    cancel?.()
  }
}

/** Returns the same store with a time limit on each operation. A write that exceeds it may still happen. */
export function boundedStore(store: Store, clock: Clock): Store {
  const bounded = <Value>(operation: () => Promise<Value>): Promise<Value> => withinLimit(clock, 'The store', operation)
  const { batch, take, close } = store
  return {
    get: (key) => bounded(() => store.get(key)),
    put: (key, value, options) => bounded(() => store.put(key, value, options)),
    delete: (key, options) => bounded(() => store.delete(key, options)),
    list: (prefix, options) => bounded(() => store.list(prefix, options)),
    ...(batch && { batch: (writes) => bounded(() => batch.call(store, writes)) }),
    ...(take && { take: (key, bucket) => bounded(() => take.call(store, key, bucket)) }),
    ...(close && { close: () => close.call(store) }),
  }
}

/** Returns the same key provider with a time limit on each operation. */
export const boundedKeyProvider = (provider: KeyProvider, clock: Clock): KeyProvider => ({
  wrap: (dataKey, context) => withinLimit(clock, 'The key provider', () => provider.wrap(dataKey, context)),
  unwrap: (wrapped, context) => withinLimit(clock, 'The key provider', () => provider.unwrap(wrapped, context)),
})
