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

export interface JobName {
  readonly handler: string
  readonly key: string
}

/** A job that the index names. It may have moved since. */
export interface Due extends JobName {
  readonly at: number
  readonly mark: string
}

const TIME_DIGITS = 14
const ROWS = 'job/at'
const INDEX = 'job/due'
/** Usually few jobs are due, and a page holds those that are not as well. */
const DUE_PAGE = 100

/** An entry whose row was never written is removed after this time. A write takes ten seconds at most. */
const STALE_MS = 300_000

/**
 * Keeps jobs in a store: one row for each, and one entry in an index that is ordered by time. The row is what counts. An
 * entry is written before the row that it belongs to and removed after it, so a job is never without one.
 */
export class JobIndex {
  readonly #store: Store
  readonly #onMove: (due: Due) => Promise<void> | void

  /** @param onMove called with each job that this process moves. Never rejects. */
  constructor(store: Store, onMove: (due: Due) => Promise<void> | void) {
    this.#store = store
    this.#onMove = onMove
  }

  async read(handler: string, key: string): Promise<StoredJob | undefined> {
    const stored = await this.#store.get(rowKey(handler, key))
    return stored && { row: JSON.parse(stored.value) as JobRow, version: stored.version }
  }

  /**
   * Yields the jobs whose entries are due, the longest waiting first.
   * @param from leaves out those that are due before this time
   */
  async *due(now: number, from = 0): AsyncGenerator<Due> {
    const after = `${INDEX}/${slot(from)}`
    for await (const { key } of listAll(this.#store, `${INDEX}/`, { after, limit: DUE_PAGE })) {
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
    const due = { at, mark: crypto.randomUUID().slice(0, 8), handler, key }
    await this.#store.put(entryKey(due), '')
    const isWritten = await this.replace(handler, key, { ...row, at, mark: due.mark }, before)
    if (!isWritten) return false
    await Promise.all([this.#onMove(due), before && this.#drop(handler, key, before)])
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
    if (isOld(due, now)) await this.#store.delete(entryKey(due))
  }

  /** Returns whether an old entry belonged to no row, and was removed. */
  async isAbandoned(due: Due, now: number): Promise<boolean> {
    if (!isOld(due, now) || (await this.read(due.handler, due.key))?.row.mark === due.mark) return false
    await this.clean(due, now)
    return true
  }

  async #drop(handler: string, key: string, { row: { at, mark } }: StoredJob): Promise<void> {
    await this.#store.delete(entryKey({ at, mark, handler, key }))
  }
}

const isOld = ({ at }: Due, now: number): boolean => at < now - STALE_MS

/** Returns the id of a job among those of all handlers. */
export const jobId = ({ handler, key }: JobName): string => `${storeKey(handler)}/${key}`

/** Returns the job that {@link jobId} names. */
export function jobOf(id: string): JobName {
  const [handler = '', ...key] = id.split('/')
  return { handler: keySegments(handler)[0] ?? '', key: key.join('/') }
}

const rowKey = (handler: string, key: string): string => `${ROWS}/${jobId({ handler, key })}`

const slot = (at: number): string => String(at).padStart(TIME_DIGITS, '0')

const entryKey = (due: Due): string => `${INDEX}/${slot(due.at)}-${due.mark}/${jobId(due)}`

function dueOf(entry: string): Due {
  const [, time = '', mark = '', id = ''] = /^(\d+)-([^/]*)\/(.*)$/.exec(entry.slice(INDEX.length + 1)) ?? []
  return { at: Number(time), mark, ...jobOf(id) }
}

/** @throws ConnectorError INVALID_INPUT if it is no time */
function assertTime(at: number): void {
  if (at >= 0 && at < 10 ** TIME_DIGITS) return
  throw new ConnectorError('INVALID_INPUT', 'A job is scheduled for no time.', {
    hint: 'Pass whole milliseconds since 1970.',
    outcome: 'not_processed',
  })
}
