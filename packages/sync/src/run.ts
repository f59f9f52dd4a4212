import type { Version } from '@mcpclient/core'
import { imagesOf } from './images.ts'
import type { Images } from './images.ts'
import type { SyncEngineOptions } from './options.ts'
import type { Pairs, Side } from './pairs.ts'
import type { PendingWrites } from './pending-writes.ts'
import type { Fields, Remote } from './remote.ts'
import type { Replica } from './replica.ts'
import type { Tally } from './result.ts'

/** A create by an idempotency key that may be unfinished. */
export interface NotedCreate {
  /** The key of the pair. */
  readonly key: string
  readonly at: number
}

/** A create that was repeated with its idempotency key, and the values of its record: as sent, and as returned. */
export interface RepeatedCreate {
  readonly at: number
  readonly images: readonly Images[]
}

/** The context of the steps of one run. */
export interface Run {
  readonly options: SyncEngineOptions
  readonly direction: 'pull' | 'push' | 'both'
  /** Counts its requests. */
  readonly remote: Remote
  readonly replica: Replica
  readonly pairs: Pairs
  readonly signal: AbortSignal | undefined
  readonly readOnly: ReadonlySet<string>
  readonly sets: ReadonlySet<string>
  readonly settleMs: number
  readonly now: () => number
  readonly tally: Tally
  /** The round that runs. */
  round: { readonly id: number; readonly full: boolean }
  /** The round that has seen what is found now. 0 before its first page is read, which may not contain that any more. */
  seenIn: number
  /** Whether the round may have staged a removal, and the pair that this step staged. */
  staged: boolean
  lastStaged: string | undefined
  /** Creates whose outcome is unknown, by the key of their pair. */
  unknowns: readonly string[]
  /** Creates that were noted before the current page was read. Undefined until it shows a new record. */
  underWay: readonly NotedCreate[] | undefined
  /** Creates that were repeated. Undefined until a read shows a new record. */
  repeated: readonly RepeatedCreate[] | undefined
  /** Those that the result of this run counts. */
  readonly reported: Set<string>
  /** Marks the records that a page of a full list contains. They are written at its end. */
  readonly marks: PendingWrites
  /** Records that failed one after another. */
  failures: number
}

export const images = ({ options, sets, remote }: Run, item: Fields): Promise<Images> =>
  imagesOf(options.keys, item, remote.traits.fields, sets)

/** Returns the declared fields of an item. */
export const declared = ({ remote }: Run, item: Fields): Fields =>
  Object.fromEntries(
    remote.traits.fields.filter((field) => item[field] !== undefined).map((field) => [field, item[field]]),
  )

export const seal = ({ options }: Run, value: unknown): Promise<string> => options.keys.seal(JSON.stringify(value))

export const unseal = async ({ options }: Run, sealed: string): Promise<unknown> =>
  JSON.parse(await options.keys.open(sealed)) as unknown

/** Returns the key of the pair that an id begins. Two syncs of one connection may share ids, and one table. */
export const pairKey = ({ options: { keys, prefix } }: Run, side: Side, id: string): string | Promise<string> =>
  keys.digest(`pair of ${side} in ${prefix}`, id)

/** A record that has to be looked at again, in this run or a later one. */
export interface OpenWork {
  readonly due: number
  /** The round in which it failed last. */
  readonly failed?: number | undefined
  /** Present if no pair may exist yet. */
  readonly remoteId?: string | undefined
}

/** Writes down that a record has to be looked at. Precedes every intent, so none is forgotten. */
export async function openWork({ options, now }: Run, key: string, work: Partial<OpenWork> = {}): Promise<Version> {
  const row: OpenWork = { due: now(), ...work }
  const put = await options.store.put(`${options.prefix}/open/${key}`, JSON.stringify(row))
  return 'version' in put ? put.version : ''
}

/** Removes the note, unless it was written again or a removal waits: no feed repeats it if the round starts again. */
export async function closeWork({ options, lastStaged }: Run, key: string, version: Version): Promise<void> {
  if (lastStaged === key) return
  await options.store.delete(`${options.prefix}/open/${key}`, { ifVersion: version })
}

/** Returns whether a record failed in this round or waits for its next try, so a page or a feed does not try it again. */
export async function isFailing({ options, round, now }: Run, key: string): Promise<boolean> {
  const row = await options.store.get(`${options.prefix}/open/${key}`)
  if (row === undefined) return false
  const { failed, due } = JSON.parse(row.value) as OpenWork
  return failed !== undefined && (failed === round.id || due > now())
}

/** Counts a create whose outcome is unknown, once. */
export function reportUnknown({ reported, tally }: Run, key: string): void {
  if (!reported.has(key)) tally.unknown++
  reported.add(key)
}

/** Looks at a record again once the provider shows what was written. */
export async function defer(run: Run, key: string, due: number, remoteId?: string): Promise<void> {
  run.tally.deferred++
  await openWork(run, key, { due, remoteId })
}
