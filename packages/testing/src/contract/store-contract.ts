import type { Store } from '@mcpclient/core'
import { describe, it } from 'vitest'
import type { Need, StoreCheck } from '../store-checks/store-check.ts'
import { storeChecks } from '../store-checks.ts'

export interface StoreContractOptions {
  /**
   * The name of the store in the tests' titles.
   * @default 'a store'
   */
  readonly name?: string | undefined
  /**
   * Advances the store's time by this many milliseconds; without it, the checks of `ttlMs` are skipped. Pass the fake
   * clock's `advance`, or `'wait'` if the database keeps the time: those checks then wait, side by side, for a few
   * seconds in total.
   */
  readonly advance?: ((ms: number) => Promise<void>) | 'wait' | undefined
  /** Closes the store and opens another one over the same data. For stores that keep their data. */
  readonly durable?: ((store: Store) => Promise<Store> | Store) | undefined
  /** Opens another store over the same data, with connections of its own. For stores that processes share. */
  readonly shared?: ((store: Store) => Promise<Store> | Store) | undefined
}

/** A check makes some hundreds of requests; a database may be far away. */
const CHECK_TIMEOUT_MS = 60_000

/**
 * Registers the contract of the store port with vitest: one test for each promise.
 * @param makeStore opens a store; called once per test, and closed after it. Its database may hold other keys.
 */
export function storeContract(makeStore: () => Store | Promise<Store>, options: StoreContractOptions = {}): void {
  const { name = 'a store', durable, shared } = options
  const advance = options.advance === 'wait' ? wait : options.advance
  const waits = ({ needs }: StoreCheck): boolean => options.advance === 'wait' && needs.includes('advance')
  // The checks that wait are grouped, because only adjacent tests run concurrently.
  const checks = storeChecks.toSorted((one, other) => Number(waits(one)) - Number(waits(other)))
  const isMissing = (need: Need): boolean =>
    (need === 'advance' && advance === undefined) ||
    (need === 'reopen' && durable === undefined) ||
    (need === 'another' && shared === undefined)

  describe(`the store contract over ${name}`, () => {
    for (const check of checks) {
      const possible = waits(check) ? it.concurrent : it
      const register = check.needs.some(isMissing) ? it.skip : possible
      register(check.name, { timeout: CHECK_TIMEOUT_MS }, async ({ skip }) => {
        let store = await makeStore()
        for (const method of ['batch', 'take'] as const) {
          if (check.needs.includes(method) && store[method] === undefined) skip(`the store has no ${method}`)
        }
        const others: Store[] = []
        const another =
          shared &&
          (async (opened: Store) => {
            const other = await shared(opened)
            others.push(other)
            return other
          })
        const reopen = durable && (async (opened: Store) => (store = await durable(opened)))
        try {
          await check.run(store, { advance, reopen, another })
        } finally {
          for (const opened of [...others, store]) await opened.close?.()
        }
      })
    }
  })
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}
