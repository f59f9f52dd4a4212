import type { Store } from '@mcpclient/core'

/** More turns than a caller needs that does not wait for an operation. */
const DEFAULT_TURNS = 50

/**
 * Delays each operation of a store, as a database does, to detect a caller that forgets to await one.
 * No timer is involved, so it works with a fake clock and costs microseconds.
 * @param options.turns how many microtasks each operation takes, before it happens and after @default 50
 */
export function slowStore(store: Store, options: { readonly turns?: number | undefined } = {}): Store {
  const { turns = DEFAULT_TURNS } = options
  const pause = async (): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  }
  const slowly = async <Value>(operation: () => Promise<Value>): Promise<Value> => {
    await pause()
    try {
      return await operation()
    } finally {
      await pause()
    }
  }
  const { batch, take, close } = store
  return {
    get: (key) => slowly(() => store.get(key)),
    put: (key, value, conditions) => slowly(() => store.put(key, value, conditions)),
    delete: (key, conditions) => slowly(() => store.delete(key, conditions)),
    list: (prefix, page) => slowly(() => store.list(prefix, page)),
    ...(batch && { batch: (writes) => slowly(() => batch.call(store, writes)) }),
    ...(take && { take: (key, bucket) => slowly(() => take.call(store, key, bucket)) }),
    ...(close && { close: () => close.call(store) }),
  }
}
