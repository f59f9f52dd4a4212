import type { Clock } from '../ports/clock.ts'

/** The numbers of all rows, row by row. */
export interface Cells {
  readonly data: Float64Array
  /** Cells in a row. */
  readonly width: number
}

/** One number of every row, by name. */
export class Column {
  readonly #rows: Cells
  readonly #width: number
  readonly #cell: number

  constructor(rows: Cells, cell: number) {
    this.#rows = rows
    this.#width = rows.width
    this.#cell = cell
  }

  get(row: number): number {
    return this.#rows.data[row * this.#width + this.#cell] as number
  }

  set(row: number, value: number): void {
    this.#rows.data[row * this.#width + this.#cell] = value
  }

  /** Adds `amount` and returns the sum. */
  add(row: number, amount: number): number {
    const sum = this.get(row) + amount
    this.set(row, sum)
    return sum
  }
}

export type Columns<Name extends string> = Readonly<Record<Name, Column>>

export interface KeyedRowsOptions<Name extends string> {
  /** The cell of each column in a row, from 0. Two columns may share a cell if they are never in use together. */
  readonly cells: Readonly<Record<Name, number>>
  /**
   * Cells in a row, if the row holds more than its named columns.
   * @default what `cells` takes
   */
  readonly width?: number | undefined
  readonly clock: Pick<Clock, 'monotonic'>
  /** Milliseconds after which an unused row may be freed. Greater than 0. */
  readonly idleMs: number
  /**
   * Returns whether a row that was unused for `idleMs` may be freed. Return false while it is needed: a probe in flight,
   * a count above zero, a time in the future.
   * @default always
   */
  readonly isIdle?: ((columns: Columns<Name>, row: number, nowMs: number) => boolean) | undefined
  /**
   * Rows to allocate at first.
   * @default 16
   */
  readonly capacity?: number | undefined
}

/** Slots that the clock hand checks for each new row. With one alone, the rows would outgrow those in use. */
const CHECKS_PER_NEW_ROW = 4
const MIN_CAPACITY = 16
/** Small, because idle memory costs more than copying each row about four times while the rows grow. */
const GROWTH = 1.25

/**
 * A few numbers for each of very many keys, in one typed array: a hundred thousand idle connections take a few
 * megabytes, without an object, closure or timer each. Columns give the numbers names.
 *
 * A row is a number. Use it before the next `rowOf`, `touch` or `await`: an idle row is freed, and shrinking moves the
 * others. After a wait, find the row again and compare its generation: another generation is another row, or later use
 * of the same one.
 */
export class KeyedRows<Name extends string> {
  readonly columns: Columns<Name>
  /** All cells, row by row. Growing and shrinking replace it. */
  data: Float64Array
  readonly width: number
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #idleMs: number
  readonly #isIdle: KeyedRowsOptions<Name>['isIdle']
  readonly #slots = new Map<string, number>()
  /** The key of each slot, or undefined if the slot is free. */
  #keys: (string | undefined)[] = []
  #free: number[] = []
  /** The time of each row's last use. After a year of uptime, single precision is still exact to two seconds. */
  #usedAt: Float32Array
  #generations: Uint32Array
  #lastGeneration = 0
  #hand = 0

  constructor(options: KeyedRowsOptions<Name>) {
    const cells = Object.entries<number>(options.cells)
    const capacity = Math.max(options.capacity ?? MIN_CAPACITY, 1)
    this.width = options.width ?? Math.max(...cells.map(([, cell]) => cell)) + 1
    this.#clock = options.clock
    this.#idleMs = options.idleMs
    this.#isIdle = options.isIdle
    this.data = new Float64Array(capacity * this.width)
    this.#usedAt = new Float32Array(capacity)
    this.#generations = new Uint32Array(capacity)
    this.columns = Object.fromEntries(cells.map(([name, cell]) => [name, new Column(this, cell)])) as Columns<Name>
  }

  /** Number of keys that have a row. */
  get size(): number {
    return this.#slots.size
  }

  /** Bytes in typed arrays, without the keys and the map that finds them. */
  bytes(): number {
    return this.data.byteLength + this.#usedAt.byteLength + this.#generations.byteLength
  }

  /**
   * Returns the row of `key` and marks it as used. A new row is all zeros.
   * @param nowMs the monotonic time, if the caller has just read it
   */
  rowOf(key: string, nowMs: number = this.#clock.monotonic()): number {
    this.#checkNext(nowMs)
    const slot = this.#slots.get(key)
    if (slot === undefined) return this.#make(key, nowMs)
    this.#usedAt[slot] = nowMs
    return slot
  }

  /** Returns the row of `key`, or -1. Does not mark it as used, and makes, frees and moves nothing. */
  find(key: string): number {
    const slot = this.#slots.get(key)
    return slot === undefined ? -1 : slot
  }

  /** Marks a row as used. As after `rowOf`, rows may have moved then. */
  touch(row: number, nowMs: number): void {
    this.#usedAt[row] = nowMs
    this.#checkNext(nowMs)
  }

  /** Returns the number of the row's current generation: never 0, and unique over all rows. */
  generation(row: number): number {
    return this.#generations[row] as number
  }

  /** Starts a new generation of the row, which distinguishes it from work of the previous one. Returns its number. */
  renew(row: number): number {
    this.#lastGeneration = this.#lastGeneration === 0xffff_ffff ? 1 : this.#lastGeneration + 1
    this.#generations[row] = this.#lastGeneration
    return this.#lastGeneration
  }

  #make(key: string, nowMs: number): number {
    for (let check = 1; check < CHECKS_PER_NEW_ROW; check += 1) this.#checkNext(nowMs)
    const slot = this.#free.pop() ?? this.#keys.length
    if (slot === this.#usedAt.length) this.#resize(Math.ceil(slot * GROWTH))
    this.data.fill(0, slot * this.width, (slot + 1) * this.width)
    this.#keys[slot] = key
    this.#usedAt[slot] = nowMs
    this.#slots.set(key, slot)
    this.renew(slot)
    return slot
  }

  /** Moves the clock hand by one slot, and frees the row there if it is idle. */
  #checkNext(nowMs: number): void {
    const slot = this.#hand
    this.#hand = slot + 1 < this.#keys.length ? slot + 1 : 0
    if (nowMs - (this.#usedAt[slot] as number) < this.#idleMs) return
    const key = this.#keys[slot]
    if (key === undefined || this.#isIdle?.(this.columns, slot, nowMs) === false) return
    this.#keys[slot] = undefined
    this.#slots.delete(key)
    this.#free.push(slot)
    if (this.#slots.size * 4 < this.#usedAt.length && this.#usedAt.length > MIN_CAPACITY * 4) this.#compact()
  }

  /** Moves the rows together into half-full arrays, so that memory is returned after a peak. */
  #compact(): void {
    const keys: string[] = []
    for (const [slot, key] of this.#keys.entries()) {
      if (key === undefined) continue
      const target = keys.push(key) - 1
      this.data.copyWithin(target * this.width, slot * this.width, (slot + 1) * this.width)
      this.#usedAt[target] = this.#usedAt[slot] as number
      this.#generations[target] = this.#generations[slot] as number
      this.#slots.set(key, target)
    }
    this.#keys = keys
    this.#free = []
    this.#hand = 0
    this.#resize(Math.max(keys.length * 2, MIN_CAPACITY))
  }

  #resize(capacity: number): void {
    const count = this.#keys.length
    const data = new Float64Array(capacity * this.width)
    const usedAt = new Float32Array(capacity)
    const generations = new Uint32Array(capacity)
    data.set(this.data.subarray(0, count * this.width))
    usedAt.set(this.#usedAt.subarray(0, count))
    generations.set(this.#generations.subarray(0, count))
    this.data = data
    this.#usedAt = usedAt
    this.#generations = generations
  }
}
