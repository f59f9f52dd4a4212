import { ConnectorError } from '../errors/connector-error.ts'
import { assertStoreKey } from './store.ts'
import type { Store, StoreWrite, WriteResult } from './store.ts'

const MAX_BATCH = 500
/** Characters of values after which {@link writeAll} starts the next batch: no request grows far beyond a page. */
const MAX_BATCH_CHARACTERS = 4_000_000

/**
 * Checks the keys of a batch. Call it first in {@link Store.batch}.
 * @throws ConnectorError `INVALID_INPUT` for more than 500 writes, a key that occurs twice, or an invalid key
 */
export function assertStoreBatch(writes: readonly StoreWrite[]): void {
  if (writes.length > MAX_BATCH) {
    throw new ConnectorError('INVALID_INPUT', `A batch has ${writes.length} writes, more than ${MAX_BATCH}.`, {
      hint: 'Call writeAll(), which splits them.',
    })
  }
  assertKeys(writes)
}

/**
 * Writes any number of rows: in batches if the store has `batch`, else one after another. It is not a transaction: see
 * {@link Store.batch}.
 * @returns a result for each write, in order
 * @throws ConnectorError `INVALID_INPUT`, before anything is written, for a key that occurs twice or is invalid; the error
 *   of the first write or batch that failed, after which the ones before it have happened
 */
export async function writeAll(store: Store, writes: readonly StoreWrite[]): Promise<readonly WriteResult[]> {
  assertKeys(writes)
  const results: WriteResult[] = []
  if (store.batch === undefined || writes.length === 1) {
    for (const write of writes) results.push(await writeOne(store, write))
    return results
  }
  for (const batch of batchesOf(writes)) results.push(...(await store.batch(batch)))
  return results
}

const writeOne = async (store: Store, write: StoreWrite): Promise<WriteResult> =>
  'delete' in write
    ? { deleted: await store.delete(write.key, { ifVersion: write.ifVersion }) }
    : store.put(write.key, write.value, { ifVersion: write.ifVersion, ttlMs: write.ttlMs })

function* batchesOf(writes: readonly StoreWrite[]): Generator<readonly StoreWrite[]> {
  let batch: StoreWrite[] = []
  let characters = 0
  for (const write of writes) {
    if (batch.length === MAX_BATCH || characters >= MAX_BATCH_CHARACTERS) {
      yield batch
      batch = []
      characters = 0
    }
    batch.push(write)
    if ('value' in write) characters += write.value.length
  }
  if (batch.length > 0) yield batch
}

function assertKeys(writes: readonly StoreWrite[]): void {
  for (const { key } of writes) assertStoreKey(key)
  if (new Set(writes.map(({ key }) => key)).size === writes.length) return
  throw new ConnectorError('INVALID_INPUT', 'A batch contains a key twice.', {
    hint: 'Pass one write for each key, because the writes of a batch have no order.',
  })
}
