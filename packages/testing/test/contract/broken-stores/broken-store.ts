import { memoryStore } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'

/** A store with one fault, as integrators make them, and a promise of the contract that it must be caught by. */
export interface BrokenStore {
  readonly fault: string
  readonly caughtBy: string
  /** Over a good store, which holds the data; two over one are two processes. */
  readonly over: (good: GoodStore, clock: Clock) => Store
}

export type GoodStore = Required<Pick<Store, 'get' | 'put' | 'delete' | 'list' | 'batch' | 'take'>>

export const broken = (
  fault: string,
  caughtBy: string,
  change: (good: GoodStore, clock: Clock) => Partial<Store>,
): BrokenStore => ({ fault, caughtBy, over: (good, clock) => ({ ...good, ...change(good, clock) }) })

export function goodStore(clock: Clock): GoodStore {
  const store = memoryStore({ clock })
  const { batch, take } = store
  if (batch === undefined || take === undefined) throw new Error('The memory store has both.')
  return { ...store, batch: batch.bind(store), take: take.bind(store) }
}

/** Long enough for another process to write in between. */
export const later = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve))
