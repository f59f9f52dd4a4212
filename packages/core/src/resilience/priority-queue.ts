import { FairQueue } from './fair-queue.ts'

/** Two fair queues. An item of the second one is served only while the first one is empty. */
export class PriorityQueue<T> {
  readonly #normal = new FairQueue<T>()
  #background: FairQueue<T> | undefined

  /** Appends an item. Returns a function that removes it. */
  push(tenant: string, item: T, cost: number | undefined, isBackground: boolean): () => void {
    const queue = isBackground ? (this.#background ??= new FairQueue()) : this.#normal
    return queue.push(tenant, item, cost)
  }

  peek(): T | undefined {
    return this.#normal.peek() ?? this.#background?.peek()
  }

  shift(): T | undefined {
    return this.#normal.shift() ?? this.#background?.shift()
  }

  /** Estimates the cost that would be served before a new item. */
  ahead(tenant: string, cost: number, isBackground: boolean): number {
    if (!isBackground) return this.#normal.ahead(tenant, cost)
    return this.#normal.queuedCost + (this.#background?.ahead(tenant, cost) ?? 0)
  }

  *[Symbol.iterator](): Generator<T> {
    yield* this.#normal
    if (this.#background !== undefined) yield* this.#background
  }
}
