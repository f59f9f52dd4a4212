import type { Clock, Store } from '@mcpclient/core'
import type { SyncKeys } from './keys.ts'
import type { Fields, Remote } from './remote.ts'
import type { Replica } from './replica.ts'

/**
 * The value of a field that both sides changed: the remote or the local one; `newest`: the later one, if both times
 * come from one clock, else `park`; `park`: both sides keep theirs until the conflict is resolved.
 */
export type FieldPolicy = 'remote' | 'local' | 'newest' | 'park'

/** The number of removals that a round may apply to one side: `share` of all records, and always `atLeast`. */
export interface BrakeOptions {
  readonly share: number
  readonly atLeast: number
}

export interface SyncEngineOptions {
  readonly remote: Remote
  readonly replica: Replica
  /** Holds the state of the sync. It needs no encryption: values are digests or sealed. Ids are readable. */
  readonly store: Store
  /** Prefix of all keys of this sync: one connection, one sync, one set of parameters. Make it with `storeKey()`. */
  readonly prefix: string
  readonly keys: SyncKeys
  /**
   * The side that receives changes: the host (`pull`), the provider (`push`), or both.
   * @default 'both'
   */
  readonly direction?: 'pull' | 'push' | 'both' | undefined
  /**
   * One policy for all fields, or one for some. Fields that are not named follow `remote`.
   * @default 'remote'
   */
  readonly policy?: FieldPolicy | Readonly<Record<string, FieldPolicy>> | undefined
  /**
   * The winner if one side removed a record that the other changed: the `edit`, the `removal`, or neither (`park`).
   * @default 'edit'
   */
  readonly removals?: 'edit' | 'removal' | 'park' | undefined
  /**
   * The treatment of a record that was removed on the side that only receives: it stays away (`respect`) or is created
   * again (`restore`). Applies to one-way syncs.
   * @default 'respect'
   */
  readonly away?: 'respect' | 'restore' | undefined
  /** Returns a natural key, to recognize a record that both sides have before they were ever synced. */
  readonly match?: ((item: Fields) => string | undefined) | undefined
  /**
   * The limit above which a round applies no removal at all.
   * @default { share: 0.2, atLeast: 10 }
   */
  readonly brake?: BrakeOptions | 'off' | undefined
  /**
   * Milliseconds between two complete lists of a provider that does not feed removals: the latency of removals.
   * @default 86_400_000
   */
  readonly fullEveryMs?: number | undefined
  /** @default systemClock */
  readonly clock?: Clock | undefined
}

export interface RunOptions {
  /** Pages and batches after which the run stops and saves its place. */
  readonly maxPages?: number | undefined
  /** Milliseconds after which the run stops and saves its place. */
  readonly maxMs?: number | undefined
  /**
   * The first two-way run of two sides that both have records: count what it would do, or do it.
   * @default 'preview'
   */
  readonly first?: 'preview' | 'merge' | undefined
  /**
   * Applies removals above the limit of the brake, in this run.
   * @default false
   */
  readonly confirmRemovals?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}
