import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { encrypted, vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const SECOND = 1000
const HOUR = 3_600_000
const KEY = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')

/** Returns a store whose single operations can hang; `late` executes them after all. */
function stickyStore(inner: Store) {
  const stuck = { get: 0, put: 0 }
  const late: (() => void)[] = []
  const through = <Value>(kind: 'get' | 'put', operation: () => Promise<Value>): Promise<Value> => {
    if (stuck[kind] === 0) return operation()
    stuck[kind]--
    return new Promise((resolve, reject) => late.push(() => void operation().then(resolve, reject)))
  }
  const store: Store = {
    ...inner,
    get: (key) => through('get', () => inner.get(key)),
    put: (...given) => through('put', () => inner.put(...given)),
  }
  return { store, stuck, late }
}

async function setUp() {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const sticky = stickyStore(memoryStore({ clock }))
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({ store: sticky.store, redirectUri }),
    transport: provider.transport(),
    clock,
  })
  const begun = await mcp.as('ada').notes.connect()
  if (begun.status !== 'authorize') throw new Error(begun.status)
  await mcp.completeAuthorization(callbackOf(begun.url), 'ada')
  return { ...provider, ...sticky, clock, mcp, ada: mcp.as('ada').notes }
}

describe('one store operation that never responds', () => {
  it.for([1, 2])('does not block later calls forever as write number %d of a refresh', async (number) => {
    const { ada, clock, stuck, store, seen } = await setUp()
    await clock.advance(HOUR)
    const { put } = store
    let writes = 0
    Object.assign(store, {
      put: (...given: Parameters<Store['put']>) => {
        if (++writes === number) stuck.put = 1
        return put(...given)
      },
    })
    void ada.call('read_note', {}, { timeoutMs: 2 * SECOND }).catch(() => undefined)
    await clock.advance(11 * SECOND)
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
    expect(seen.refreshes).toBe(1)
    expect(await ada.status()).toMatchObject({ state: 'active' })
  })

  it('does not prevent a grant from being stored if it was received before, and refreshed only once', async () => {
    const { ada, clock, stuck, store, seen, late } = await setUp()
    await clock.advance(HOUR)
    const { put } = store
    let writes = 0
    Object.assign(store, {
      put: (...given: Parameters<Store['put']>) => {
        if (++writes === 2) stuck.put = 1
        return put(...given)
      },
    })
    void ada.call('read_note', {}).catch(() => undefined)
    await clock.advance(11 * SECOND)
    await clock.until(ada.call('read_note', {}))
    expect(JSON.parse((await store.get('connection/notes/ada/default'))?.value ?? '{}')).toMatchObject({
      grant: { accessToken: 'access-2', refreshToken: 'refresh-2' },
    })
    // The hanging write is executed after all: it must not undo anything.
    for (const happen of late) happen()
    await clock.advance(SECOND)
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
    expect(seen.refreshes).toBe(1)
  })

  it('does not delay a call that has its response', async () => {
    const { ada, clock, stuck, endEverything } = await setUp()
    await ada.connect({ token: 'access-1' })
    endEverything()
    await errorOf(ada.call('read_note', {}))
    stuck.put = 1
    const before = clock.monotonic()
    await errorOf(clock.until(ada.call('read_note', {})))
    expect(clock.monotonic() - before).toBeLessThanOrEqual(SECOND)
  })
})

it('does not prevent a data key from being read although more reads than may run at once hang', async () => {
  const clock = createFakeClock()
  const inner = memoryStore({ clock })
  await encrypted(inner, { keys: KEY, clock }).put('connection/notes/ada/default', 'hello')
  let isStuck = true
  const get: Store['get'] = (key) => (isStuck && key.startsWith('datakey/') ? new Promise(() => {}) : inner.get(key))
  const safe = encrypted({ ...inner, get }, { keys: KEY, clock })
  for (let attempt = 0; attempt < 20; attempt++) {
    safe.get('connection/notes/ada/default').catch(() => undefined)
    await clock.advance(10 * SECOND)
  }
  isStuck = false
  expect(await safe.get('connection/notes/ada/default')).toMatchObject({ value: 'hello' })
})
