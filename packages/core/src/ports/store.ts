import { ConnectorError } from '../errors/connector-error.ts'

/** The version of a row: opaque, made by the store. Changes with every write of the key. */
export type Version = string

export interface Stored {
  readonly value: string
  readonly version: Version
}

/** A row in a list. */
export interface ListedEntry extends Stored {
  readonly key: string
  /** The error of a value that cannot be read; `value` is then empty. Present only with `reportUnreadable`. */
  readonly error?: Error | undefined
}

export type PutResult = { readonly version: Version } | { readonly conflict: true }

/** One write of a batch: a `put`, or a `delete`, each with its own condition. */
export type StoreWrite =
  | {
      readonly key: string
      readonly value: string
      readonly ifVersion?: Version | null | undefined
      readonly ttlMs?: number | undefined
    }
  | { readonly key: string; readonly delete: true; readonly ifVersion?: Version | undefined }

/** The result of one write of a batch: what `put` or `delete` would return. */
export type WriteResult = PutResult | { readonly deleted: boolean }

/**
 * Holds credentials and state: four methods over string keys and string values, one of them a compare-and-swap.
 *
 * Implement it over anything that can update a row on condition, and test it with `storeContract` of
 * `@mcpclient/testing`.
 *
 * A key has 1 to 512 characters of printable ASCII (space to `~`), as {@link storeKey} makes them, because their order by
 * code unit, code point and byte is the same in every database. `put` and `take` reject any other key with
 * `INVALID_INPUT`, as {@link assertStoreKey} does. To the other methods such a key is absent.
 *
 * A value has at most 1,400,000 characters (1 MiB of text, once encrypted) of well-formed Unicode without U+0000, as
 * `JSON.stringify` produces it. A store returns any other string unchanged or rejects it, and never alters it.
 */
export interface Store {
  /** Returns the value and its version, or undefined if there is none or it has expired. */
  get(key: string): Promise<Stored | undefined>
  /**
   * Writes a value, atomically and on condition.
   * @param options.ifVersion writes only if this is the stored version; `null` writes only if there is none; if absent,
   *   writes always
   * @param options.ttlMs milliseconds after which the key reads as absent. Without it, the key never expires, even if a
   *   previous write had one.
   * @throws ConnectorError `INVALID_INPUT` for an invalid key
   */
  put(
    key: string,
    value: string,
    options?: { readonly ifVersion?: Version | null | undefined; readonly ttlMs?: number | undefined },
  ): Promise<PutResult>
  /** Removes the key. Returns false if there was none, or if its version was not `ifVersion`. */
  delete(key: string, options?: { readonly ifVersion?: Version | undefined }): Promise<boolean>
  /**
   * Returns the entries whose key starts with `prefix`, in ascending order of key, without expired ones.
   * @param options.after returns only keys greater than this one: `next` of the previous page
   * @param options.limit maximum number of entries; a store may return fewer, with `next` if there are more
   * @param options.reportUnreadable a store that cannot read one of the rows returns it with `error` and an empty value,
   *   and does not reject. A store that does not read its values may ignore this.
   */
  list(
    prefix: string,
    options?: {
      readonly after?: string | undefined
      readonly limit?: number | undefined
      readonly reportUnreadable?: boolean | undefined
    },
  ): Promise<{ readonly entries: readonly ListedEntry[]; readonly next?: string | undefined }>
  /**
   * Optional. Writes several rows in one round trip. Callers use {@link writeAll}, which works with every store.
   *
   * It is not a transaction. Each write is atomic and on its own condition: a conflict leaves the others written, and a
   * reader may see some of them. If it rejects for another reason than `INVALID_INPUT`, some of them may have happened.
   * A wrapper that changes `put` or `delete` must change `batch`, or leave it out.
   * @returns a result for each write, in order
   * @throws ConnectorError `INVALID_INPUT`, before anything is written, for more than 500 writes, a key that occurs twice,
   *   an invalid key or an invalid value
   */
  batch?(writes: readonly StoreWrite[]): Promise<readonly WriteResult[]>
  /**
   * Optional. Takes `cost` from a token bucket, atomically across all processes. `waitMs` is the wait until it can
   * succeed.
   */
  take?(key: string, bucket: StoreBucket): Promise<{ readonly ok: boolean; readonly waitMs: number }>
  /** Closes the connections of the store. */
  close?(): Promise<void>
}

/** A token bucket that holds `capacity` and refills in `perMs` milliseconds, and the `cost` to take from it. */
export interface StoreBucket {
  readonly capacity: number
  readonly perMs: number
  readonly cost: number
}

/**
 * Joins segments to a key. Escapes each, so that no tenant can address the key of another.
 * @throws ConnectorError `INVALID_INPUT` for a segment with a lone surrogate, which cannot be encoded
 */
export const storeKey = (...segments: readonly string[]): string => segments.map(escaped).join('/')

function escaped(segment: string): string {
  if (segment.isWellFormed()) return encodeURIComponent(segment)
  throw new ConnectorError('INVALID_INPUT', 'A name contains a lone surrogate, so it cannot be a key.', {
    hint: 'Pass well-formed Unicode as tenant and connection. Check with String.prototype.isWellFormed().',
    outcome: 'not_processed',
  })
}

/** Returns the segments of a key made by {@link storeKey}. A segment that cannot be decoded stays unchanged. */
export const keySegments = (key: string): readonly string[] => key.split('/').map(decoded)

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const MAX_KEY_LENGTH = 512
/** Every database stores, compares and sorts these alike. */
const PRINTABLE_ASCII = /^[ -~]+$/

/** Returns whether a key is valid: 1 to 512 characters of printable ASCII. */
export const isStoreKey = (key: string): boolean => key.length <= MAX_KEY_LENGTH && PRINTABLE_ASCII.test(key)

/**
 * Checks a key. Call it first in `put` and `take` of a {@link Store}.
 * @throws ConnectorError `INVALID_INPUT` unless {@link isStoreKey} allows it. The error does not show the key, because it
 *   may name a tenant.
 */
export function assertStoreKey(key: string): void {
  if (isStoreKey(key)) return
  const problem = key.length > MAX_KEY_LENGTH ? `has ${key.length} characters` : 'is empty or has other characters'
  throw new ConnectorError('INVALID_INPUT', `The store key ${problem}.`, {
    hint: 'Use 1 to 512 printable ASCII characters. Make keys with storeKey(), which escapes each segment.',
  })
}

/**
 * Checks a value, for a {@link Store} on a database that cannot hold every string.
 * @throws ConnectorError `INVALID_INPUT` for a string with a lone surrogate or U+0000
 */
export function assertStoreText(value: string): void {
  if (value.isWellFormed() && !value.includes('\0')) return
  throw new ConnectorError('INVALID_INPUT', 'A store value must be well-formed Unicode without U+0000.', {
    hint: 'Put JSON.stringify(value), which escapes both.',
  })
}

/**
 * Checks a bucket. Call it first in {@link Store.take}.
 * @throws ConnectorError `CONFIGURATION_ERROR` for an invalid bucket, or a cost above its capacity
 */
export function assertStoreBucket({ capacity, perMs, cost }: StoreBucket): void {
  if (!(capacity > 0 && perMs > 0 && cost >= 0 && Number.isFinite(capacity + perMs))) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The bucket is invalid.', {
      hint: 'Pass a finite capacity and perMs above 0, and a cost of at least 0.',
    })
  }
  if (cost <= capacity) return
  throw new ConnectorError('CONFIGURATION_ERROR', `A cost of ${cost} exceeds the capacity of ${capacity}.`)
}

/**
 * Yields every entry under `prefix`, page by page.
 * @param options those of `list`; `limit` is the size of a page
 */
export async function* listAll(
  store: Store,
  prefix: string,
  options: NonNullable<Parameters<Store['list']>[1]> = {},
): AsyncGenerator<ListedEntry> {
  let { after } = options
  do {
    const page = await store.list(prefix, { ...options, after })
    yield* page.entries
    after = page.next
  } while (after !== undefined)
}
