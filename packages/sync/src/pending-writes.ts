import { listAll, writeAll } from '@mcpclient/core'
import type { Store, StoreWrite } from '@mcpclient/core'

const MAX_PENDING = 500

/** Writes of different rows that need no order among themselves, and that a later step relies on only after `flush`. */
export interface PendingWrites {
  /** Replaces an earlier write of the same key. */
  add(write: StoreWrite): Promise<void>
  flush(): Promise<void>
}

/** Collects writes, and sends them in few round trips. What is not flushed when a process dies was never written. */
export function pendingWrites(store: Store): PendingWrites {
  const rows = new Map<string, StoreWrite>()
  const flush = async (): Promise<void> => {
    const writes = [...rows.values()]
    rows.clear()
    await writeAll(store, writes)
  }
  return {
    flush,
    async add(write) {
      rows.set(write.key, write)
      if (rows.size >= MAX_PENDING) await flush()
    },
  }
}

/** Deletes every row under a prefix. */
export async function deleteAll(store: Store, prefix: string): Promise<void> {
  const writes = pendingWrites(store)
  for await (const { key } of listAll(store, prefix)) await writes.add({ key, delete: true })
  await writes.flush()
}
