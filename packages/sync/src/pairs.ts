import { writeAll } from '@mcpclient/core'
import type { Store, StoreWrite, Version } from '@mcpclient/core'
import type { Images } from './images.ts'
import type { SyncKeys } from './keys.ts'
import { Superseded } from './superseded.ts'

/** The state of a record that one side last reported. */
export interface RemoteEnd {
  readonly id: string
  readonly version?: string | undefined
  readonly revision?: number | undefined
  readonly image: Images
}

export interface LocalEnd {
  readonly id: string
  readonly version?: string | undefined
  readonly image: Images
}

/** A write that was begun and whose end is not known yet (I5). */
export type Intent =
  | {
      readonly kind: 'create_remote'
      readonly at: number
      /** The id that the client chose. */
      readonly id?: string | undefined
      /** The sealed item. Every retry sends exactly this, unless the create was refused. */
      readonly item: string
      /** The provider refused it, so it cannot have happened. The next try sends the current row. */
      readonly refused?: boolean | undefined
      /** The create may have happened, and no read can show it. A new record that may be it is in `candidates`. */
      readonly unknown?: boolean | undefined
      /** The provider has created a record with this key or id, and perhaps another item, which an earlier try sent. */
      readonly otherItem?: boolean | undefined
      readonly candidates?: readonly string[] | undefined
      /** Its row was removed while it was parked: it is repeated only if the host shows the row again. */
      readonly abandoned?: boolean | undefined
      /** The pair of another row that has the created record, and is absorbed: see `created-twice.ts`. */
      readonly twin?: string | undefined
      /** The id of the record that the twin has. */
      readonly twinId?: string | undefined
    }
  | { readonly kind: 'create_local'; readonly item: string }
  | LocalIntent
  | { readonly kind: 'update_remote'; readonly at: number; readonly sent: Images }
  | { readonly kind: 'remove_remote'; readonly at: number }

/** A write to the host that was begun. It is finished when the pair is read the next time. */
export type LocalIntent = { readonly kind: 'update_local'; readonly sent: Images } | { readonly kind: 'remove_local' }

/** A field that waits for a decision: the digests of both values, and the values, sealed. */
export interface ParkedField {
  readonly remote: string
  readonly local: string
  readonly values: string
}

export type Choice = 'remote' | 'local'

/** The mapping of one record: two images, one for each side, so a provider's spelling never looks like an edit. */
export interface PairRecord {
  /** Counts the lives of the record: it grows when a removed record is created again. */
  readonly life: number
  readonly remote?: RemoteEnd | undefined
  readonly local?: LocalEnd | undefined
  readonly intent?: Intent | undefined
  readonly dead?: boolean | undefined
  /** It was dead before: a reported removal may be an old one. */
  readonly revived?: boolean | undefined
  /** Removed on the side that only receives, and not created again there. */
  readonly away?: boolean | undefined
  /**
   * The time when this sync last wrote the remote record, or sent the read that showed its last change. A response to an earlier read
   * proves nothing, and one to a read within `settleMs` after it may show the state before.
   */
  readonly seenAt?: number | undefined
  /** The latest state that a read showed and that is not applied yet. */
  readonly newest?: { readonly revision: number | undefined; readonly state: string } | undefined
  /** The pair that absorbs this dead one and its row. */
  readonly absorbedBy?: string | undefined
  /** The remote id of the record that this one belongs to. */
  readonly parent?: string | undefined
  readonly parked?: Readonly<Record<string, ParkedField>> | undefined
  /** The host's decisions about parked fields. */
  readonly chosen?: Readonly<Record<string, Choice>> | undefined
}

export interface Pair extends PairRecord {
  readonly key: string
  /** The version of the stored row. Null if there is none yet. */
  readonly stored: Version | null
}

/** A row of the index: which pair an id belongs to, and the round that last listed it. */
export interface Entry {
  readonly key: string
  readonly seen: number
  readonly version: Version
}

export type Side = 'remote' | 'local'

/** Longer than any provider keeps tombstones that are known. */
const DEAD_MS = 90 * 24 * 60 * 60 * 1000

export type Pairs = ReturnType<typeof createPairs>

/** Reads and writes pairs and the indexes of their ids. Every write of a pair is a compare-and-swap (I8). */
export function createPairs(store: Store, prefix: string, keys: SyncKeys) {
  const indexKey = async (side: Side, id: string): Promise<string> =>
    `${prefix}/${side === 'remote' ? 'r' : 'l'}/${await keys.digest(side, id)}`

  const entry = async (side: Side, id: string): Promise<Entry | undefined> => {
    const row = await store.get(await indexKey(side, id))
    return row && readEntry(row.value, row.version)
  }

  return {
    /** Returns the pair that an id belongs to or once belonged to: entries of old ids stay (I7). */
    entry,

    /**
     * Makes an id point to a pair (I1).
     * @param from the entry to replace; without it, the id must be free or point to this pair already
     * @returns false if the id belongs to another pair
     */
    async claim(side: Side, id: string, key: string, seen: number, from?: Entry): Promise<boolean> {
      const row = await indexKey(side, id)
      const put = await store.put(row, `${key} ${seen}`, { ifVersion: from?.version ?? null })
      if (!('conflict' in put)) return true
      const other = await store.get(row)
      return other !== undefined && readEntry(other.value, other.version).key === key
    },

    /** Returns the write that records that a full list contained an id, unless the entry changed meanwhile. */
    async mark(id: string, { key, version }: Entry, seen: number): Promise<StoreWrite> {
      return { key: await indexKey('remote', id), value: `${key} ${seen}`, ifVersion: version }
    },

    async load(key: string): Promise<Pair | undefined> {
      const row = await store.get(`${prefix}/m/${key}`)
      return row && { ...(JSON.parse(row.value) as PairRecord), key, stored: row.version }
    },

    /** Writes a pair with changes. Dead ones are kept for 90 days, so a late page cannot revive them (I6). */
    async save(pair: Pair, changes: Partial<PairRecord>): Promise<Pair> {
      const { key, stored, ...record } = { ...pair, ...changes }
      const { dead, remote, local } = record
      const ttlMs = dead ? DEAD_MS : undefined
      const put = await store.put(`${prefix}/m/${key}`, JSON.stringify(record), { ifVersion: stored, ttlMs })
      if ('conflict' in put) throw new Superseded()
      if (dead !== pair.dead) {
        const ends = [remote && (await indexKey('remote', remote.id)), local && (await indexKey('local', local.id))]
        await writeAll(
          store,
          ends.flatMap((row) => (row === undefined ? [] : [{ key: row, value: `${key} 0`, ttlMs }])),
        )
      }
      return { ...record, key, stored: put.version }
    },
  }
}

/** Reads the value of an index row. */
export function readEntry(value: string, version: Version): Entry {
  const [key = '', seen = '0'] = value.split(' ')
  return { key, seen: Number(seen), version }
}
