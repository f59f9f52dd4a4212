import { describe, expect, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { BrokenPromise, createFakeClock, storeChecks } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'
import { brokenStores } from './broken-stores.ts'
import { goodStore } from './broken-stores/broken-store.ts'

const clock = createFakeClock()
// A store in memory survives a reopen while a reference to it exists, and shares its data with itself.
storeContract(() => memoryStore({ clock }), {
  name: 'the memory store',
  advance: clock.advance,
  durable: (store) => store,
  shared: (store) => store,
})

const checkCalled = (name: string) => {
  const check = storeChecks.find((candidate) => candidate.name === name)
  if (check === undefined) throw new Error(`The contract has no check "${name}".`)
  return check
}

const reopened = [
  {
    fault: 'forgets everything',
    caughtBy: 'values and versions survive a reopened store',
    reopen: async (): Promise<Store> => memoryStore(),
  },
  {
    fault: 'starts its versions over',
    caughtBy: 'versions do not repeat when the store is opened again',
    reopen: async (): Promise<Store> => memoryStore({ clock: createFakeClock() }),
  },
]

describe('a store is caught that', () => {
  it.each(brokenStores)('$fault', async ({ caughtBy, over }) => {
    const time = createFakeClock()
    const good = goodStore(time)
    const tools = { advance: time.advance, another: async () => over(good, time) }
    await expect(checkCalled(caughtBy).run(over(good, time), tools)).rejects.toThrow(BrokenPromise)
  })

  it.each(reopened)('$fault when it is opened again', async ({ caughtBy, reopen }) => {
    const store = memoryStore({ clock: createFakeClock() })
    await expect(checkCalled(caughtBy).run(store, { reopen })).rejects.toThrow(BrokenPromise)
  })

  it('needs each check of the contract to catch one of them', () => {
    const needed = new Set([...brokenStores, ...reopened].map(({ caughtBy }) => caughtBy))
    expect(storeChecks.map(({ name }) => name).filter((name) => !needed.has(name))).toEqual([])
  })
})

const failureOf = async (name: string, store: Store): Promise<string> => {
  const failure: unknown = await checkCalled(name)
    .run(store)
    .catch((error: unknown) => error)
  return failure instanceof BrokenPromise ? failure.message : ''
}

describe('a failure says', () => {
  it('names the broken promise and the actual value', async () => {
    const store: Store = { ...memoryStore(), get: async () => ({ value: 'wrong', version: '1' }) }
    expect(await failureOf('a key that was never written reads as undefined', store)).toBe(
      'get must return undefined for a key that was never written. Expected nothing, got {"value":"wrong","version":"1"}.',
    )
  })

  it('shows where a long value differs, not all of it', async () => {
    const good = memoryStore()
    const store: Store = { ...good, put: (key, value, options) => good.put(key, value.replace('..3', '!!!'), options) }
    const name = 'a value of 1 MiB is returned whole, as is its encrypted() form'
    const message = await failureOf(name, store)
    expect(message).toContain('A value of 1048576 characters must be returned whole.')
    expect(message).toContain('!!!')
    expect(message.length).toBeLessThan(400)
  })
})

describe('checks', () => {
  it('work in a database that holds other things', async () => {
    const store = memoryStore({ clock })
    for (let index = 0; index < 50; index++) await store.put(`somebody/else/${index}`, 'theirs')
    const same = async (): Promise<Store> => store
    for (const check of storeChecks) await check.run(store, { advance: clock.advance, reopen: same, another: same })
    expect((await store.list('somebody/else/')).entries).toHaveLength(50)
  })

  it('report a missing option', async () => {
    const check = storeChecks.find(({ needs }) => needs.includes('advance'))
    await expect(check?.run(memoryStore())).rejects.toThrow('needs advance')
  })

  it('have names of their own', () => {
    expect(new Set(storeChecks.map(({ name }) => name)).size).toBe(storeChecks.length)
  })
})
