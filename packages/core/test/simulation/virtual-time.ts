import process from 'node:process'

interface Event {
  readonly at: number
  /** Events of the same time run in the order in which they were scheduled. */
  readonly order: number
  run: (() => void) | undefined
  /** True if no promise depends on it, so that the next event can follow at once. */
  readonly quiet: boolean
}

/**
 * A deterministic clock with scheduled events, in milliseconds from 0. Between two events the code under test runs on
 * microtasks alone until it waits for the next event, so that a seed determines every step.
 */
export class VirtualTime {
  now = 0
  events = 0
  readonly #heap: Event[] = []
  #planned = 0

  /** Schedules an event; returns a function that cancels it. */
  after(delayMs: number, run: () => void, quiet = false): () => void {
    const event: Event = { at: this.now + Math.max(0, delayMs), order: this.#planned++, run, quiet }
    this.#push(event)
    return () => {
      event.run = undefined
    }
  }

  /** Runs events until none is left, `end` is reached, or `after` returns false. */
  pass(end: number, after: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const next = (): void => {
        try {
          if (after() && this.#happensUntil(end, after)) atRest(next)
          else resolve()
        } catch (error) {
          reject(error)
        }
      }
      atRest(next)
    })
  }

  /** Runs events up to one that code may wait for; returns false at the end. */
  #happensUntil(end: number, after: () => boolean): boolean {
    for (let event = this.#heap[0]; event !== undefined && event.at <= end; event = this.#heap[0]) {
      this.#pop()
      if (event.run === undefined) continue
      this.now = event.at
      this.events += 1
      event.run()
      if (!event.quiet) return true
      if (!after()) return false
    }
    this.now = Math.max(this.now, end)
    return false
  }

  #push(event: Event): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      const above = heap[parent]
      if (above === undefined || isBefore(above, event)) break
      heap[at] = above
      at = parent
    }
    heap[at] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      const left = heap[2 * at + 1]
      const right = heap[2 * at + 2]
      if (left === undefined) break
      const [least, place] = right !== undefined && isBefore(right, left) ? [right, 2 * at + 2] : [left, 2 * at + 1]
      if (isBefore(last, least)) break
      heap[at] = least
      at = place
    }
    heap[at] = last
  }
}

const isBefore = (one: Event, other: Event): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)

const settled = Promise.resolve()

/** Node empties the queue of microtasks before it runs the next tick, however long their chains are. */
const atRest = (run: () => void): void => {
  void settled.then(() => {
    process.nextTick(run)
  })
}
