import { ConnectorError } from '@mcpclient/core'
import type { PutResult, Store, Version } from '@mcpclient/core'
import { must } from '../broken-promise.ts'

/**
 * The needs of a check beyond the store: time that passes, data that outlives the store, another store over the same
 * data, an optional method.
 */
export type Need = 'advance' | 'reopen' | 'another' | 'batch' | 'take'

export interface StoreTools {
  /** Advances the store's time by this many milliseconds: with a fake clock, or by a real wait. */
  readonly advance?: ((ms: number) => Promise<void>) | undefined
  /** Closes the store and opens another one over the same data. */
  readonly reopen?: ((store: Store) => Promise<Store>) | undefined
  /** Opens another store over the same data while the first one stays open, as a second process would. */
  readonly another?: ((store: Store) => Promise<Store>) | undefined
}

/** One promise of the store port. Works under keys of its own, so a shared database may hold other things. */
export interface StoreCheck {
  /** The promise, as a sentence. */
  readonly name: string
  readonly needs: readonly Need[]
  /** @throws BrokenPromise */
  run(store: Store, tools?: StoreTools): Promise<void>
}

interface Subject {
  readonly store: Store
  /** A key that no other check uses. */
  readonly key: (name: string) => string
  readonly advance: (ms: number) => Promise<void>
  readonly reopen: (store: Store) => Promise<Store>
  readonly another: (store: Store) => Promise<Store>
  readonly batch: NonNullable<Store['batch']>
  readonly take: NonNullable<Store['take']>
}

export function storeCheck(
  name: string,
  run: (subject: Subject) => Promise<void>,
  needs: readonly Need[] = [],
): StoreCheck {
  return {
    name,
    needs,
    async run(store, tools = {}) {
      const scope = `contract-${globalThis.crypto.randomUUID()}/`
      await run({
        store,
        key: (part) => scope + part,
        advance: tools.advance ?? without(name, 'advance'),
        reopen: tools.reopen ?? without(name, 'reopen'),
        another: tools.another ?? without(name, 'another'),
        batch: store.batch?.bind(store) ?? without(name, 'batch'),
        take: store.take?.bind(store) ?? without(name, 'take'),
      })
    },
  }
}

const without = (name: string, need: Need) => (): never => {
  throw new Error(`The check "${name}" needs ${need}.`)
}

/** Returns the version of a write that should have succeeded. */
export function versionOf(result: PutResult, promise: string): Version {
  must('version' in result, `${promise} It returned a conflict.`)
  return result.version
}

export const write = async (store: Store, key: string, value: string): Promise<Version> =>
  versionOf(await store.put(key, value), 'put without a condition must write.')

export const hasConflict = (result: PutResult): boolean => 'conflict' in result

/** Returns the error of the work, or undefined if it succeeded. */
export const refusalOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (refusal: unknown) => refusal ?? 'nothing',
  )

/** Returns the code of a `ConnectorError`, or a description of the other value. */
export const codeOf = (refusal: unknown): unknown => (ConnectorError.is(refusal) ? refusal.code : String(refusal))

/** Runs all operations concurrently: all start before the first has ended. */
export const atOnce = <Value>(count: number, work: (index: number) => Promise<Value>): Promise<Value[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => work(index)))
