import { ConnectorError } from '../errors/connector-error.ts'
import { keySegments, listAll, storeKey } from '../ports/store.ts'
import type { Store, Version } from '../ports/store.ts'

/** The row of a job. */
export interface JobRow {
  /** The time at which it is due, in milliseconds since 1970. */
  readonly at: number
  readonly data?: unknown
  /** The number of failed runs since it last succeeded. */
  readonly failures: number
  /** Distinguishes its entry from others of the same time. */
  readonly mark: string
  /** The run that has it, and when another process may take it over. */
  readonly lease?: { readonly by: string; readonly until: number } | undefined
  /** The time between the end of a run and the next one that a wake causes. */
  readonly gapMs?: number | undefined
  /** The end of the last run. */
  readonly endedAt?: number | undefined
  /** It became due again while it ran. */
  readonly again?: boolean | undefined
}

export interface StoredJob {
  readonly row: JobRow
  readonly version: Version
}

/** A job that the index names. It may have moved since. */
export interface Due {
  readonly at: number
  readonly mark: string
  readonly handler: string
  readonly key: string
}

const TIME_DIGITS = 14
const ROWS = 'job/at'
const INDEX = 'job/due'

/** An entry whose row was never written is removed after this time. A write takes ten seconds at most. */
const STALE_MS = 300_000

/**
 * Keeps jobs in a store: one row for each, and one entry in an index that is ordered by time. The row is what counts. An
 * entry is written before the row that it belongs to and removed after it, so a job is never without one.
 */
export class JobIndex {
  readonly #store: Store
  readonly #onMove: (at: number) => void

  /** @param onMove called with the new time of each job that this process moves */
  constructor(store: Store, onMove: (at: number) => void) {
    this.#store = store
    this.#onMove = onMove
  }

  async read(handler: string, key: string): Promise<StoredJob | undefined> {
    const stored = await this.#store.get(rowKey(handler, key))
    return stored && { row: JSON.parse(stored.value) as JobRow, version: stored.version }
  }

  /** Yields the jobs whose entries are due, the longest waiting first. */
  async *due(now: number): AsyncGenerator<Due> {
    for await (const { key } of listAll(this.#store, `${INDEX}/`)) {
      const due = dueOf(key)
      if (due.at > now) return
      yield due
    }
  }

  async *keys(handler: string, prefix: string): AsyncGenerator<string> {
    const start = rowKey(handler, '')
    for await (const { key } of listAll(this.#store, start + prefix)) yield key.slice(start.length)
  }

  /**
   * Moves a job to a time.
   * @returns false if the row changed since it was read
   */
  async move(handler: string, key: string, row: Omit<JobRow, 'mark'>, before: StoredJob | undefined): Promise<boolean> {
    // A clock may count fractions, but the entries are in the order of whole numbers.
    const at = Math.floor(row.at)
    assertTime(at)
    const mark = crypto.randomUUID().slice(0, 8)
    await this.#store.put(entryKey({ at, mark, handler, key }), '')
    const isWritten = await this.replace(handler, key, { ...row, at, mark }, before)
    if (!isWritten) return false
    this.#onMove(at)
    if (before !== undefined) await this.#drop(handler, key, before)
    return true
  }

  /**
   * Replaces a row without moving it.
   * @returns false if it changed since it was read
   */
  async replace(handler: string, key: string, row: JobRow, before: StoredJob | undefined): Promise<boolean> {
    const ifVersion = before?.version ?? null
    return !('conflict' in (await this.#store.put(rowKey(handler, key), JSON.stringify(row), { ifVersion })))
  }

  /** Removes a job. Returns false if its row changed since it was read. */
  async remove(handler: string, key: string, before: StoredJob): Promise<boolean> {
    if (!(await this.#store.delete(rowKey(handler, key), { ifVersion: before.version }))) return false
    await this.#drop(handler, key, before)
    return true
  }

  /** Removes an entry that belongs to no row. A young one may belong to a row that is being written. */
  async clean(due: Due, now: number): Promise<void> {
    if (due.at < now - STALE_MS) await this.#store.delete(entryKey(due))
  }

  async #drop(handler: string, key: string, { row: { at, mark } }: StoredJob): Promise<void> {
    await this.#store.delete(entryKey({ at, mark, handler, key }))
  }
}

const rowKey = (handler: string, key: string): string => `${ROWS}/${storeKey(handler)}/${key}`

const entryKey = ({ at, mark, handler, key }: Due): string =>
  `${INDEX}/${String(at).padStart(TIME_DIGITS, '0')}-${mark}/${storeKey(handler)}/${key}`

function dueOf(entry: string): Due {
  const [slot = '', handler = '', ...key] = entry.slice(INDEX.length + 1).split('/')
  const [time = '', mark = ''] = slot.split('-')
  return { at: Number(time), mark, handler: keySegments(handler)[0] ?? '', key: key.join('/') }
}

/** @throws ConnectorError INVALID_INPUT if it is no time */
function assertTime(at: number): void {
  if (at >= 0 && at < 10 ** TIME_DIGITS) return
  throw new ConnectorError('INVALID_INPUT', 'A job is scheduled for no time.', {
    hint: 'Pass whole milliseconds since 1970.',
    outcome: 'not_processed',
  })
}
