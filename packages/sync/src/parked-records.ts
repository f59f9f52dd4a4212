import { ConnectorError, listAll } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { SyncKeys } from './keys.ts'
import { createPairs } from './pairs.ts'
import type { Choice, Side } from './pairs.ts'
import type { ParkedKind, ParkedRecord } from './parked.ts'
import type { OpenWork } from './run.ts'

/** The place of the state of a sync, and its keys. */
export interface SyncState {
  readonly store: Store
  readonly prefix: string
  readonly keys: SyncKeys
}

/** The values of both sides. One that is not known is absent. */
export type ParkedValues = Readonly<Partial<Record<Side, unknown>>>

/** A record that waits for a decision, or a value that is kept. */
export interface Parked {
  /** Identifies the row for `resolve()`. */
  readonly id: string
  readonly kind: ParkedKind
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly remoteId?: string | undefined
  readonly localId?: string | undefined
  readonly reason?: string | undefined
  /** Remote records that may be the one. */
  readonly candidates?: readonly string[] | undefined
  /** By field; `*` is the whole record. */
  readonly fields: Readonly<Record<string, ParkedValues>>
}

/** Yields the parked records of a sync, with readable values. */
export async function* parkedRecords({ store, prefix, keys }: SyncState): AsyncGenerator<Parked> {
  const pairs = createPairs(store, prefix, keys)
  const parked = `${prefix}/p/`
  for await (const { key: row, value } of listAll(store, parked)) {
    const { fields: sealed = {}, ...record } = JSON.parse(value) as ParkedRecord
    const id = row.slice(parked.length)
    const fields: Record<string, ParkedValues> = {}
    for (const [field, sides] of Object.entries(sealed)) {
      const opened: Partial<Record<Side, unknown>> = {}
      for (const side of ['remote', 'local'] as const) {
        const text = sides[side]
        if (text !== undefined) opened[side] = JSON.parse(await keys.open(text))
      }
      fields[field] = opened
    }
    if (record.kind === 'conflict') {
      const pair = await pairs.load(id.split('/')[0] ?? '')
      // The pair is the truth; the row was written before it.
      if (pair?.parked === undefined) continue
      for (const [field, { values }] of Object.entries(pair.parked)) {
        fields[field] = JSON.parse(await keys.open(values)) as ParkedValues
      }
    }
    yield { id, ...record, fields }
  }
}

/**
 * Decides a parked record: the remote or the local side is right. The next run applies it. Rows that only inform are
 * removed.
 * @param id of {@link Parked}
 * @throws ConnectorError `INVALID_INPUT` if there is no such row, or if a run changed it meanwhile
 */
export async function resolveParked(
  { store, prefix, keys }: SyncState,
  id: string,
  choice: Choice,
  now: number,
): Promise<void> {
  const row = await store.get(`${prefix}/p/${id}`)
  if (row === undefined) throw new ConnectorError('INVALID_INPUT', 'There is no parked record with this id.')
  const { kind } = JSON.parse(row.value) as ParkedRecord
  const [key = ''] = id.split('/')
  const pairs = createPairs(store, prefix, keys)
  const pair = await pairs.load(key)
  const waits = kind === 'conflict' || kind === 'removed' || kind === 'unknown'
  if (waits && pair !== undefined) {
    const fields = kind === 'conflict' ? Object.keys(pair.parked ?? {}) : ['*']
    await pairs.save(pair, { chosen: Object.fromEntries(fields.map((field) => [field, choice])) })
  }
  if (waits || kind === 'failing' || kind === 'unreadable') {
    const work: OpenWork = { due: now, failed: 0, remoteId: pair === undefined ? remoteIdOf(row.value) : undefined }
    await store.put(`${prefix}/open/${key}`, JSON.stringify(work))
  }
  if (!waits) await store.delete(`${prefix}/p/${id}`, { ifVersion: row.version })
}

const remoteIdOf = (value: string): string | undefined => (JSON.parse(value) as ParkedRecord).remoteId
