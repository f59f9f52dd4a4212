import type { Clock } from '../ports/clock.ts'
import type { Store, Version } from '../ports/store.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { recordIn, unreadableRecord } from './read-record.ts'
import { renewAt } from './renewal/refresh-timing.ts'
import type { Row } from './renewal/renewal-world.ts'
import { isUnreadable, ofStore } from '../ports/store-failure.ts'

/** A row that was read a moment ago. */
export interface Known extends Row {
  /** On the monotonic scale. */
  readonly readAt: number
  /** Until then it may be used without a second look: milliseconds since the epoch. */
  readonly goodUntil: number
}

/** A credential that another process replaced is noticed at the latest after this time, or when it is refused. */
const AT_HAND_MS = 30_000
/** Plain credentials in memory, at most. */
const MOST_AT_HAND = 10_000

/** The connections of a client as rows of its store, with the ones in use kept at hand for a short while. */
export class ConnectionRows {
  readonly #store: Store
  readonly #clock: Clock
  readonly #known = new Map<string, Known>()

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The row, if it was read a moment ago and needs no second look. */
  atHand(place: string): Known | undefined {
    const known = this.#known.get(place)
    if (known === undefined || this.#clock.monotonic() - known.readAt >= AT_HAND_MS) return undefined
    return known.goodUntil === Infinity || this.#clock.now() < known.goodUntil ? known : undefined
  }

  /** What the store holds now. A row that cannot be read is returned as a record in the state `unreadable`. */
  async readAfresh(place: string): Promise<Row | undefined> {
    const stored = await fromStore(this.#store.get(place)).catch((error: unknown) => this.#unreadable(place, error))
    if (stored === undefined) {
      this.#known.delete(place)
      return undefined
    }
    if ('record' in stored) return this.#keepAtHand(place, stored)
    const record = recordIn(stored.value, place, this.#clock.now())
    return this.#keepAtHand(place, { record, version: stored.version })
  }

  /** A list tells the version of a row that does not open, so that it can be replaced on condition. */
  async #unreadable(place: string, error: unknown): Promise<Row | undefined> {
    if (!isUnreadable(error)) throw error
    const { entries } = await fromStore(this.#store.list(place, { limit: 1, reportUnreadable: true }))
    const [entry] = entries
    if (entry?.key !== place) return undefined
    const { value, version, error: found } = entry
    const now = this.#clock.now()
    // It may have been replaced meanwhile.
    return { record: found === undefined ? recordIn(value, place, now) : unreadableRecord(found, now), version }
  }

  /** Undefined: the row is not at `ifVersion` any more. */
  async write(
    place: string,
    record: ConnectionRecord,
    ifVersion: Version | null,
    ttlMs?: number,
  ): Promise<Row | undefined> {
    // Whatever becomes of the write, what was at hand is not sure to be true any more.
    this.#known.delete(place)
    const result = await fromStore(this.#store.put(place, JSON.stringify(record), { ifVersion, ttlMs }))
    return 'conflict' in result ? undefined : this.#keepAtHand(place, { record, version: result.version })
  }

  /**
   * Changes a row, whatever others do to it at the same time.
   * @param change pure; undefined leaves the row as it is. It may be asked more than once.
   */
  async update(
    place: string,
    change: (record: ConnectionRecord | undefined) => ConnectionRecord | undefined,
    ttlMs?: number,
  ): Promise<Row | undefined> {
    for (;;) {
      const row = await this.readAfresh(place)
      const next = change(row?.record)
      if (next === undefined) return row
      const written = await this.write(place, next, row?.version ?? null, ttlMs)
      if (written !== undefined) return written
    }
  }

  /** Keeps at hand what stands for a row that there is not. */
  suppose(place: string, record: ConnectionRecord): ConnectionRecord {
    return this.#keepAtHand(place, { record, version: null }).record
  }

  /** @param ifVersion removes it only if nobody has changed it since */
  async remove(place: string, ifVersion?: Version): Promise<boolean> {
    this.#known.delete(place)
    return fromStore(this.#store.delete(place, { ifVersion }))
  }

  forget(place: string): void {
    this.#known.delete(place)
  }

  #keepAtHand(place: string, row: Row): Row {
    const readAt = this.#clock.monotonic()
    // Re-inserting keeps the map in order of reading, so the ones that nobody asks for are at its front.
    this.#known.delete(place)
    this.#known.set(place, { ...row, readAt, goodUntil: goodUntil(row.record, place) })
    for (const [oldPlace, old] of this.#known) {
      if (readAt - old.readAt < AT_HAND_MS && this.#known.size <= MOST_AT_HAND) break
      this.#known.delete(oldPlace)
    }
    return row
  }
}

/** A row that is not simply in order is looked at again each time. */
function goodUntil({ state = 'active', grant, trouble, left }: ConnectionRecord, place: string): number {
  if (state !== 'active' || trouble !== undefined || left !== undefined) return -Infinity
  return grant === undefined ? Infinity : renewAt(grant, place)
}

/** A failure of the store says nothing about the connection. */
const fromStore = <Value>(operation: Promise<Value>): Promise<Value> =>
  operation.catch((error: unknown) => {
    throw ofStore(error)
  })
