import type { Clock } from '../ports/clock.ts'

export interface KeyedRowsOptions {
  /** Numbers in a row. */
  readonly width: number
  readonly clock: Pick<Clock, 'monotonic'>
  /** A row untouched for this many milliseconds may be freed. Greater than 0. */
  readonly idleMs: number
  /**
   * Whether a row that has been untouched for `idleMs` may really go. Answer false while the row is in use: a probe in
   * flight, a count above zero, a date in the future. Absent: always.
   */
  readonly isIdle?: ((data: Float64Array, offset: number, nowMs: number) => boolean) | undefined
  /** Rows to make room for at first. */
  readonly capacity?: number | undefined
}

/** Slots looked at by the clock hand when a row is made: more than one, or the rows would outgrow those in use. */
const LOOKS_PER_NEW_ROW = 4
const SMALLEST_CAPACITY = 16
/** Small: idle memory is worth more than copying each row four times while the crowd comes in. */
const GROWTH = 1.25

/** The number at `index`, which the caller knows to be inside the array. */
export const cell = (data: Float64Array, index: number): number => data[index] as number

/**
 * A little state for each of very many keys: rows of numbers in one typed array, so that a hundred thousand idle
 * connections are a few megabytes and no object, closure or timer each.
 *
 * `rowOf` and `find` answer an offset into `data`. Take the offset first and then the array, and use both before the
 * next `rowOf`, `touch` or `await`: growing replaces the array, shrinking moves rows, and an idle row is freed. Whoever
 * waits keeps the key and the row's generation, looks the row up again, and compares: another generation is another
 * row, or another era of it.
 */
export class KeyedRows {
  data: Float64Array
  readonly #width: number
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #idleMs: number
  readonly #isIdle: KeyedRowsOptions['isIdle']
  readonly #slots = new Map<string, number>()
  /** The key of each slot; undefined where it is free. */
  #keys: (string | undefined)[] = []
  #free: number[] = []
  /** When each was last used. Half the precision: in a process a year old that is still two seconds. */
  #touched: Float32Array
  #generations: Uint32Array
  #lastGeneration = 0
  #hand = 0

  constructor(options: KeyedRowsOptions) {
    const capacity = Math.max(options.capacity ?? SMALLEST_CAPACITY, 1)
    this.#width = options.width
    this.#clock = options.clock
    this.#idleMs = options.idleMs
    this.#isIdle = options.isIdle
    this.data = new Float64Array(capacity * options.width)
    this.#touched = new Float32Array(capacity)
    this.#generations = new Uint32Array(capacity)
  }

  /** How many keys have a row. */
  get size(): number {
    return this.#slots.size
  }

  /** Bytes held in columns, without the keys and the map that finds them. */
  bytes(): number {
    return this.data.byteLength + this.#touched.byteLength + this.#generations.byteLength
  }

  /**
   * The row of `key`, made of zeros if there was none, and marked as used now.
   * @param nowMs the monotonic time, where the caller has just read it
   */
  rowOf(key: string, nowMs: number = this.#clock.monotonic()): number {
    this.#lookAtNext(nowMs)
    const slot = this.#slots.get(key)
    if (slot === undefined) return this.#make(key, nowMs)
    this.#touched[slot] = nowMs
    return slot * this.#width
  }

  /** The row of `key`, or -1. Neither makes, marks, frees nor moves anything. */
  find(key: string): number {
    const slot = this.#slots.get(key)
    return slot === undefined ? -1 : slot * this.#width
  }

  /** Marks the row at `offset` as used now. As after `rowOf`, offsets are no good any more: rows may have moved. */
  touch(offset: number, nowMs: number): void {
    this.#touched[offset / this.#width] = nowMs
    this.#lookAtNext(nowMs)
  }

  /** Names this era of this row: never 0, and no two rows share one, not even one after the other in the same place. */
  generation(offset: number): number {
    return this.#generations[offset / this.#width] as number
  }

  /** Starts a new era: what was begun under the generation before can be told from what follows. */
  renew(offset: number): number {
    this.#lastGeneration = this.#lastGeneration === 0xffff_ffff ? 1 : this.#lastGeneration + 1
    this.#generations[offset / this.#width] = this.#lastGeneration
    return this.#lastGeneration
  }

  #make(key: string, nowMs: number): number {
    for (let look = 1; look < LOOKS_PER_NEW_ROW; look += 1) this.#lookAtNext(nowMs)
    const slot = this.#free.pop() ?? this.#keys.length
    if (slot === this.#touched.length) this.#resize(Math.ceil(slot * GROWTH))
    const offset = slot * this.#width
    this.data.fill(0, offset, offset + this.#width)
    this.#keys[slot] = key
    this.#touched[slot] = nowMs
    this.#slots.set(key, slot)
    this.renew(offset)
    return offset
  }

  /** Moves the clock hand by one slot, and frees the row there if it is idle. */
  #lookAtNext(nowMs: number): void {
    const slot = this.#hand
    this.#hand = slot + 1 < this.#keys.length ? slot + 1 : 0
    if (nowMs - (this.#touched[slot] as number) < this.#idleMs) return
    const key = this.#keys[slot]
    if (key === undefined || this.#isIdle?.(this.data, slot * this.#width, nowMs) === false) return
    this.#keys[slot] = undefined
    this.#slots.delete(key)
    this.#free.push(slot)
    if (this.#slots.size * 4 < this.#touched.length && this.#touched.length > SMALLEST_CAPACITY * 4) this.#compact()
  }

  /** Moves the rows together into columns half full, so that a crowd that has gone gives its memory back. */
  #compact(): void {
    const keys: string[] = []
    for (const [slot, key] of this.#keys.entries()) {
      if (key === undefined) continue
      const target = keys.push(key) - 1
      this.data.copyWithin(target * this.#width, slot * this.#width, (slot + 1) * this.#width)
      this.#touched[target] = this.#touched[slot] as number
      this.#generations[target] = this.#generations[slot] as number
      this.#slots.set(key, target)
    }
    this.#keys = keys
    this.#free = []
    this.#hand = 0
    this.#resize(Math.max(keys.length * 2, SMALLEST_CAPACITY))
  }

  #resize(capacity: number): void {
    const kept = this.#keys.length
    const data = new Float64Array(capacity * this.#width)
    const touched = new Float32Array(capacity)
    const generations = new Uint32Array(capacity)
    data.set(this.data.subarray(0, kept * this.#width))
    touched.set(this.#touched.subarray(0, kept))
    generations.set(this.#generations.subarray(0, kept))
    this.data = data
    this.#touched = touched
    this.#generations = generations
  }
}
