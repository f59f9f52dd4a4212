/** Credit that a tenant gains per turn: the default cost of a call. */
const QUANTUM = 1

interface Entry<T> {
  readonly item: T
  readonly cost: number
  /** Undefined once the item is served or removed. */
  lane: Lane<T> | undefined
  before: Entry<T> | undefined
  after: Entry<T> | undefined
}

/** The queued items of one tenant, oldest first, and its place in the ring of tenants. */
class Lane<T> {
  readonly tenant: string
  head: Entry<T> | undefined
  tail: Entry<T> | undefined
  credit = 0
  queued = 0
  before: Lane<T> = this
  after: Lane<T> = this

  constructor(tenant: string) {
    this.tenant = tenant
  }
}

/**
 * A queue that is fair between tenants: round robin between tenants, first in first out within each. A tenant with a
 * thousand queued calls delays another tenant's first call by one call, not by a thousand.
 *
 * Implements deficit round robin (Shreedhar and Varghese, 1995): a call of cost five waits five turns, so tenants share
 * cost and not the number of calls.
 */
export class FairQueue<T> {
  readonly #lanes = new Map<string, Lane<T>>()
  /** The tenant whose turn it is. */
  #turn: Lane<T> | undefined
  /** Tenants that wait for more than one turn: few, even if very many wait. */
  readonly #several = new Set<Lane<T>>()
  #queued = 0

  /** The cost of all queued items. */
  get queuedCost(): number {
    return this.#queued
  }

  /**
   * Appends `item` to the queue of its tenant.
   * @param cost the cost of serving it; an item without cost still takes one turn
   * @returns a function that removes the item in constant time, and does nothing once it is served
   */
  push(tenant: string, item: T, cost = 1): () => void {
    const lane = this.#lanes.get(tenant) ?? this.#open(tenant)
    const entry: Entry<T> = { item, cost: cost > 0 ? cost : QUANTUM, lane, before: lane.tail, after: undefined }
    if (lane.tail === undefined) lane.head = entry
    else lane.tail.after = entry
    lane.tail = entry
    this.#count(lane, entry.cost)
    return () => {
      this.#remove(entry)
    }
  }

  /** Returns the item that `shift` would remove. */
  peek(): T | undefined {
    return this.#next()?.head?.item
  }

  /** Removes and returns the item whose turn it is. */
  shift(): T | undefined {
    const lane = this.#next()
    const entry = lane?.head
    if (lane === undefined || entry === undefined) return undefined
    lane.credit -= entry.cost
    this.#remove(entry)
    return entry.item
  }

  /** Estimates the cost that would be served before a new item of `tenant`. */
  ahead(tenant: string, cost: number): number {
    const turns = (this.#lanes.get(tenant)?.queued ?? 0) + cost
    let ahead = this.#queued
    for (const lane of this.#several) {
      if (lane.tenant !== tenant) ahead -= Math.max(lane.queued - turns, 0)
    }
    return ahead
  }

  /** Yields every queued item, tenant by tenant. */
  *[Symbol.iterator](): Generator<T> {
    for (const lane of this.#lanes.values()) {
      for (let entry = lane.head; entry !== undefined; entry = entry.after) yield entry.item
    }
  }

  /** Passes the turn on to the next tenant whose credit covers its oldest item. */
  #next(): Lane<T> | undefined {
    let passed = 0
    for (let lane = this.#turn; lane?.head !== undefined; lane = this.#turn) {
      if (lane.credit >= lane.head.cost) return lane
      if (passed === this.#lanes.size) {
        this.#skipRounds()
        passed = 0
      } else {
        passed += 1
        this.#passTo(lane.after)
      }
    }
    return undefined
  }

  #passTo(lane: Lane<T>): void {
    this.#turn = lane
    lane.credit += QUANTUM
  }

  /** Skips the rounds in which no tenant has enough credit, by granting their credit together. */
  #skipRounds(): void {
    let rounds = Infinity
    for (const { head, credit } of this.#lanes.values()) {
      if (head !== undefined) rounds = Math.min(rounds, Math.floor((head.cost - credit) / QUANTUM))
    }
    for (const lane of this.#lanes.values()) lane.credit += rounds * QUANTUM
  }

  /** Adds a tenant at the end of the ring, after all that still have a turn in this round. */
  #open(tenant: string): Lane<T> {
    const lane = new Lane<T>(tenant)
    const turn = this.#turn
    if (turn === undefined) {
      this.#passTo(lane)
    } else {
      lane.after = turn
      lane.before = turn.before
      turn.before.after = lane
      turn.before = lane
    }
    this.#lanes.set(tenant, lane)
    return lane
  }

  #count(lane: Lane<T>, cost: number): void {
    lane.queued += cost
    this.#queued += cost
    if (lane.queued > QUANTUM) this.#several.add(lane)
    else this.#several.delete(lane)
  }

  #remove(entry: Entry<T>): void {
    const { lane, before, after } = entry
    if (lane === undefined) return
    if (before === undefined) lane.head = after
    else before.after = after
    if (after === undefined) lane.tail = before
    else after.before = before
    entry.lane = undefined
    this.#count(lane, -entry.cost)
    if (lane.head === undefined) this.#close(lane)
  }

  /** Removes a tenant with an empty queue. Its credit is lost, so that no tenant can save up turns. */
  #close(lane: Lane<T>): void {
    this.#lanes.delete(lane.tenant)
    lane.before.after = lane.after
    lane.after.before = lane.before
    if (this.#turn !== lane) return
    if (lane.after === lane) this.#turn = undefined
    else this.#passTo(lane.after)
  }
}
