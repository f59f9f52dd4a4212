import { createFakeClock } from '@mcpclient/testing'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import type { EncryptedStore } from '../../src/encryption/encrypted.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { listAll } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { FakeKms } from './fake-kms.ts'

const keys = ['t1/a', 't1/b', 't2/a', 'other']
const tenantOf = (key: string): string | undefined => (key.startsWith('t') ? key.slice(0, 2) : undefined)
const TTL_MS = 60_000

type Step =
  | { readonly kind: 'put' | 'swap' | 'delete' | 'get'; readonly key: string; readonly ends: boolean }
  | { readonly kind: 'list' }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('put', 'put', 'swap', 'delete', 'get'),
      key: fc.constantFrom(...keys),
      ends: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'list' as const }) },
)

/** A rotation that stops after some requests, or crashes during one. */
interface Run {
  readonly mode: 'rewrap' | 'reencrypt'
  readonly resume: boolean
  readonly stopAfter: number
  readonly dies: boolean
}

const run: fc.Arbitrary<Run> = fc.record({
  mode: fc.constantFrom('rewrap', 'reencrypt', 'reencrypt'),
  resume: fc.boolean(),
  stopAfter: fc.integer({ min: 1, max: 60 }),
  dies: fc.boolean(),
})

/** The expected rows, updated in the order in which requests reach the store. */
class Truth {
  /** The value of the latest write of each key. */
  readonly #shown = new Map<string, { readonly value: string; readonly ends: boolean }>()
  readonly mistakes: string[] = []

  wrote(key: string, value: string, ends: boolean): void {
    this.#shown.set(key, { value, ends })
  }
  removed(key: string): void {
    this.#shown.delete(key)
  }
  at(key: string): string | undefined {
    return this.#shown.get(key)?.value
  }
  all(which: (ends: boolean) => boolean): ReadonlyMap<string, string> {
    return new Map([...this.#shown].filter(([, { ends }]) => which(ends)).map(([key, { value }]) => [key, value]))
  }
}

async function newestDataKey(store: Store, key: string): Promise<string | undefined> {
  const tenant = tenantOf(key)
  const row = await store.get(tenant === undefined ? 'datakey/shared' : `datakey/tenant/${tenant}`)
  return (JSON.parse(row?.value ?? '{"keys":[]}') as { readonly keys: readonly { readonly id: string }[] }).keys.at(-1)
    ?.id
}

it('interleaved writers, rotations, stops, crashes and provider failures lose or swap no value', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.array(step, { minLength: 1, maxLength: 8 }), { minLength: 2, maxLength: 3 }),
      fc.array(fc.array(run, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
      fc.integer({ min: 2, max: 12 }),
      async (scheduler, writers, rotators, failing) => {
        const clock = createFakeClock()
        const store = memoryStore({ clock })
        const kms = new FakeKms()
        const truth = new Truth()
        const turn = (label: string): Promise<void> => scheduler.schedule(Promise.resolve(), label)

        const provider: KeyProvider = {
          wrap: async (...given) => (await turn('wrap'), kms.wrap(...given)),
          unwrap: async (...given) => (await turn('unwrap'), kms.unwrap(...given)),
        }
        const remote = (
          heard: { put?: () => void; delete?: (done: boolean) => void; get?: () => void } = {},
        ): Store => ({
          async get(key) {
            await turn(`get ${key}`)
            const found = await store.get(key)
            if (!key.startsWith('datakey/')) heard.get?.()
            await turn(`got ${key}`)
            return found
          },
          async put(key, value, conditions) {
            await turn(`put ${key}`)
            const result = await store.put(key, value, conditions)
            if ('version' in result && !key.startsWith('datakey/')) heard.put?.()
            await turn(`has put ${key}`)
            return result
          },
          async delete(key, conditions) {
            await turn(`delete ${key}`)
            const done = await store.delete(key, conditions)
            heard.delete?.(done)
            return done
          },
          async list(prefix, page) {
            await turn('list')
            const found = await store.list(prefix, page)
            await turn('listed')
            return found
          },
        })
        const open = (over: Store): EncryptedStore => encrypted(over, { keys: provider, tenantOf, clock })
        const tolerant = async (work: Promise<unknown>): Promise<void> => {
          await work.catch((error: unknown) => {
            if (!ConnectorError.is(error) || error.code !== 'MCP_CONNECTION_ERROR') throw error
          })
        }

        const write = async (steps: readonly Step[], name: number): Promise<void> => {
          // The operation that the current request belongs to.
          let now: { key: string; value: string; ends: boolean } = { key: '', value: '', ends: false }
          let seen: string | undefined
          const safe = open(
            remote({
              put: () => truth.wrote(now.key, now.value, now.ends),
              delete: (done) => {
                if (done) truth.removed(now.key)
              },
              get: () => (seen = truth.at(now.key)),
            }),
          )
          for (const [number, each] of steps.entries()) {
            if (each.kind === 'list') {
              await tolerant(safe.list(''))
              continue
            }
            const { key, ends, kind } = each
            now = { key, ends, value: `write ${number} of writer ${name} to ${key}` }
            const how = ends ? { ttlMs: TTL_MS } : {}
            if (kind === 'put') await tolerant(safe.put(key, now.value, how))
            if (kind === 'delete') await safe.delete(key)
            if (kind === 'get' || kind === 'swap') {
              await tolerant(
                safe.get(key).then(async (found) => {
                  if (found?.value !== seen) truth.mistakes.push(`read ${found?.value} where ${seen} was`)
                  if (kind === 'swap') await safe.put(key, now.value, { ...how, ifVersion: found?.version ?? null })
                }),
              )
            }
          }
        }

        const rotate = async (runs: readonly Run[]): Promise<void> => {
          for (const { mode, resume, stopAfter, dies } of runs) {
            const stop = new AbortController()
            let requests = 0
            const inner = remote()
            const count = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
              if (++requests >= stopAfter) {
                if (dies) throw new Error('the process died')
                stop.abort()
              }
              return ask()
            }
            const counted: Store = {
              get: (...given) => count(() => inner.get(...given)),
              put: (...given) => count(() => inner.put(...given)),
              delete: (...given) => count(() => inner.delete(...given)),
              list: (...given) => count(() => inner.list(...given)),
            }
            await open(counted)
              .rotateKeys({ mode, resume, settleMs: 0, signal: stop.signal })
              .catch((error: unknown) => {
                if (!String(error).includes('the process died') && !ConnectorError.is(error)) throw error
              })
          }
        }

        const prelude = encrypted(store, { keys: kms, tenantOf, clock })
        for (const key of keys) {
          await prelude.put(key, `first value of ${key}`)
          truth.wrote(key, `first value of ${key}`, false)
        }
        kms.current = 'arn:kms:key/2'
        kms.fails = (call) => call % failing === 0
        await scheduler.waitFor(Promise.all([...writers.map(write), ...rotators.map(rotate)]))
        expect(truth.mistakes).toEqual([])

        // A new process reads everything, and one rotation completes the job.
        kms.fails = () => false
        const readAll = async (): Promise<ReadonlyMap<string, string>> => {
          const found = new Map<string, string>()
          const fresh = encrypted(store, { keys: kms, tenantOf, clock })
          for await (const { key, value } of listAll(fresh, '')) found.set(key, value)
          return found
        }
        expect(await readAll()).toEqual(truth.all(() => true))
        const last = encrypted(store, { keys: kms, tenantOf, clock })
        const report = await last.rotateKeys({ mode: 'reencrypt', settleMs: 0, resume: true })
        expect(report).toMatchObject({ finished: true, failed: 0 })
        expect((await last.keysInUse()).map(({ keyId }) => keyId)).toEqual(['arn:kms:key/2'])
        for (const { key, value } of (await store.list('')).entries) {
          if (!key.startsWith('datakey/')) expect(value.split('.')[1]).toBe(await newestDataKey(store, key))
        }
        kms.disabled.add('arn:kms:key/1')
        expect(await readAll()).toEqual(truth.all(() => true))
        await clock.advance(TTL_MS)
        expect(await readAll()).toEqual(truth.all((ends) => !ends))
      },
    ),
    { numRuns: 150 },
  )
}, 60_000)
