import { ConnectorError } from '../errors/connector-error.ts'

/** Opaque: a store makes it, the caller hands it back. It must change with every write of the key. */
export type Version = string

export interface Stored {
  readonly value: string
  readonly version: Version
}

/** A row in a list. */
export interface ListedEntry extends Stored {
  readonly key: string
  /** Why the value cannot be read; then `value` is empty. Only where the caller asked for it. */
  readonly error?: Error | undefined
}

export type PutResult = { readonly version: Version } | { readonly conflict: true }

/**
 * Where credentials and state live: four methods over string keys and string values, one of them a compare-and-swap.
 *
 * Implement it over anything that can update a row on condition. `storeContract` in `@mcpclient/testing` judges an
 * implementation.
 *
 * A key is 1 to 512 characters of printable ASCII (space to `~`), as {@link storeKey} makes them: among those, the order
 * by code unit, by code point and by byte is one and the same in every database. `put` and `take` refuse any other key
 * with `INVALID_INPUT`, as {@link assertStoreKey} does; to the other methods it is a key that is not there.
 *
 * A value is at most 1,400,000 characters (1 MiB of text, once encrypted) of well-formed Unicode without U+0000, which
 * everything is that `JSON.stringify` makes. Other text a store gives back exactly, or refuses; it never alters it.
 */
export interface Store {
  /** The value and its version; undefined if there is none, or if it has expired. */
  get(key: string): Promise<Stored | undefined>
  /**
   * Writes `value`, atomically on condition.
   * @param options.ifVersion only if the stored version is this one; `null` only if there is none; absent: always
   * @param options.ttlMs milliseconds after which the key reads as absent; absent: never, whatever was set before
   * @throws ConnectorError `INVALID_INPUT` for what cannot be a key
   */
  put(
    key: string,
    value: string,
    options?: { readonly ifVersion?: Version | null | undefined; readonly ttlMs?: number | undefined },
  ): Promise<PutResult>
  /** Removes the key; false if there was none, or if its version was not `ifVersion`. */
  delete(key: string, options?: { readonly ifVersion?: Version | undefined }): Promise<boolean>
  /**
   * Entries whose key starts with `prefix`, in ascending order of key. What has expired is not among them.
   * @param options.after only keys greater than this one (`next` of the page before)
   * @param options.limit at most this many; a store may return fewer, and says so with `next`
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
   * Optional: takes `cost` from a bucket of `capacity` that refills whole in `perMs`, atomically over all processes.
   * `waitMs` says when it would have succeeded.
   */
  take?(key: string, bucket: StoreBucket): Promise<{ readonly ok: boolean; readonly waitMs: number }>
  /** Frees what the store holds open. */
  close?(): Promise<void>
}

/** A bucket that holds `capacity` and refills whole in `perMs` milliseconds, and what is to be taken from it. */
export interface StoreBucket {
  readonly capacity: number
  readonly perMs: number
  readonly cost: number
}

/**
 * Joins segments into a key, escaping each, so that no tenant can name another one's key.
 * @throws ConnectorError `INVALID_INPUT` for a segment with a lone surrogate, which cannot be encoded
 */
export const storeKey = (...segments: readonly string[]): string => segments.map(escaped).join('/')

function escaped(segment: string): string {
  if (segment.isWellFormed()) return encodeURIComponent(segment)
  throw new ConnectorError('INVALID_INPUT', 'A name contains a lone surrogate, so it cannot be a key.', {
    hint: 'Pass well-formed text as the tenant and the connection: String.prototype.isWellFormed() tells.',
    outcome: 'not_processed',
  })
}

/** The segments of a key made by {@link storeKey}. A segment that cannot be decoded is returned as it is. */
export const keySegments = (key: string): readonly string[] => key.split('/').map(decoded)

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const LONGEST_KEY = 512
/** What a database may not tell apart, sort alike or hold at all is not among these. */
const PRINTABLE_ASCII = /^[ -~]+$/

/** Whether the port allows this as a key: 1 to 512 characters of printable ASCII. */
export const isStoreKey = (key: string): boolean => key.length <= LONGEST_KEY && PRINTABLE_ASCII.test(key)

/**
 * For who implements a {@link Store}: what `put` and `take` do first.
 * @throws ConnectorError `INVALID_INPUT` for what {@link isStoreKey} does not allow. The error does not show the key,
 *   since it may name a tenant.
 */
export function assertStoreKey(key: string): void {
  if (isStoreKey(key)) return
  const problem = key.length > LONGEST_KEY ? `one of ${key.length}` : 'an empty one, or one with other characters'
  throw new ConnectorError(
    'INVALID_INPUT',
    `A key of a store has 1 to 512 printable ASCII characters, not ${problem}.`,
    {
      hint: 'Make keys with storeKey(), which escapes each segment, and shorten the longest segment.',
    },
  )
}

/**
 * For who implements a {@link Store} on what cannot hold every text.
 * @throws ConnectorError `INVALID_INPUT` for text with half a character, or with U+0000
 */
export function assertStoreText(value: string): void {
  if (value.isWellFormed() && !value.includes('\0')) return
  throw new ConnectorError('INVALID_INPUT', 'A value of a store is well-formed text without U+0000.', {
    hint: 'Put JSON.stringify(value), which escapes both.',
  })
}

/**
 * For who implements {@link Store.take}.
 * @throws ConnectorError `CONFIGURATION_ERROR` for a bucket that means nothing, and for a cost that it never holds
 */
export function assertStoreBucket({ capacity, perMs, cost }: StoreBucket): void {
  if (!(capacity > 0 && perMs > 0 && cost >= 0 && Number.isFinite(capacity + perMs))) {
    throw new ConnectorError(
      'CONFIGURATION_ERROR',
      'A bucket needs a capacity and a perMs above 0, and no negative cost.',
    )
  }
  if (cost <= capacity) return
  throw new ConnectorError('CONFIGURATION_ERROR', `A cost of ${cost} never fits a bucket of ${capacity}.`)
}

/** Every entry under `prefix`, page by page. */
export async function* listAll(
  store: Store,
  prefix: string,
  options: { readonly reportUnreadable?: boolean | undefined } = {},
): AsyncGenerator<ListedEntry> {
  let after: string | undefined
  do {
    const page = await store.list(prefix, { ...options, after })
    yield* page.entries
    after = page.next
  } while (after !== undefined)
}
