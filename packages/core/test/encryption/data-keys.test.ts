import { createFakeClock, errorOf } from '@mcpclient/testing'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { causeOf } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { Store } from '../../src/ports/store.ts'
import { FakeKms, newKey } from './fake-kms.ts'

const tenantOf = (key: string): string | undefined => key.split('/')[0]
const TTL_MS = 300_000

const setUp = (inner?: Store) => {
  const clock = createFakeClock()
  const store = inner ?? memoryStore({ clock })
  const kms = new FakeKms()
  /** Returns an encrypted store with its own cache, as another process has it. */
  const open = (more: { readonly dataKeyTtlMs?: number } = {}) =>
    encrypted(store, { keys: kms, tenantOf, clock, ...more })
  return { clock, store, kms, open }
}

const idsIn = async (store: Store, tenant: string): Promise<readonly string[]> => {
  const row = (await store.get(`datakey/tenant/${tenant}`))?.value ?? '{"keys":[]}'
  return (JSON.parse(row) as { readonly keys: readonly { readonly id: string }[] }).keys.map(({ id }) => id)
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('the first data key of a tenant', () => {
  it('is one although two processes create it at once: both read what the other wrote', async () => {
    const { store, open } = setUp()
    const [here, there] = [open(), open()]
    const names = Array.from({ length: 40 }, (_, index) => String(index + 10))
    await Promise.all(names.map((name, index) => (index % 2 === 0 ? here : there).put(`acme/${name}`, `value ${name}`)))
    expect(await idsIn(store, 'acme')).toHaveLength(1)
    for (const safe of [here, there, open()]) {
      const { entries } = await safe.list('acme/')
      expect(entries.map(({ key, value }) => [key, value])).toEqual(
        names.map((name) => [`acme/${name}`, `value ${name}`]),
      )
    }
  })

  it('is one at whatever step the two processes meet', async () => {
    // The second process runs completely at each step of the first.
    for (let step = 1; step <= 3; step++) {
      const inner = memoryStore()
      const kms = new FakeKms()
      const open = (store: Store) => encrypted(store, { keys: kms, tenantOf })
      let steps = 0
      const meet = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
        if (++steps === step) await open(inner).put('acme/2', 'two')
        return work()
      }
      const slow: Store = {
        ...inner,
        get: (key) => meet(() => inner.get(key)),
        put: (...given) => meet(() => inner.put(...given)),
      }
      await open(slow).put('acme/1', 'one')
      expect(steps).toBeGreaterThanOrEqual(step)
      expect(await idsIn(inner, 'acme')).toHaveLength(1)
      const values = (await open(inner).list('acme/')).entries.map(({ value }) => value)
      expect(values).toEqual(['one', 'two'])
    }
  })

  it('is unwrapped before its first use: a role that may encrypt but not decrypt loses nothing', async () => {
    const { store, kms, open } = setUp()
    vi.spyOn(kms, 'unwrap').mockRejectedValue(new Error('AccessDeniedException'))
    expect((await errorOf(open().put('acme/1', 'one'))).message).toBe('The key provider failed to unwrap a data key.')
    expect((await store.list('')).entries).toEqual([])
  })

  it('is unwrapped again after a failure, even if its row was read meanwhile', async () => {
    const { kms, open } = setUp()
    kms.fails = (call) => call % 3 === 0
    const store = open()
    const writeTogether = () => Promise.all(['acme', 'beta', 'core'].map((tenant) => store.put(`${tenant}/1`, 'one')))
    let failures = 0
    for (; failures < 20; failures++) if (await writeTogether().catch(() => false)) break
    expect(failures).toBeLessThan(20)
  })

  it('is rejected if the provider returns another key', async () => {
    const zeros: KeyProvider = {
      wrap: async () => ({ keyId: 'k', wrapped: new Uint8Array(8) }),
      unwrap: async () => new Uint8Array(32),
    }
    const store = memoryStore()
    const error = await errorOf(encrypted(store, { keys: zeros }).put('a', 'one'))
    expect(error.message).toBe('unwrap() of the key provider did not return the wrapped data key.')
    expect((await store.list('')).entries).toEqual([])
  })

  it.each([
    [
      'no key id',
      { wrap: async () => ({ keyId: '', wrapped: new Uint8Array(8) }) },
      'did not return { keyId, wrapped }',
    ],
    ['no bytes', { wrap: async () => ({ keyId: 'k', wrapped: 'text' }) }, 'did not return { keyId, wrapped }'],
    ['half a key', { unwrap: async () => new Uint8Array(16) }, 'did not return 32 bytes'],
    ['text', { unwrap: async () => 'x'.repeat(32) }, 'did not return 32 bytes'],
  ])('is rejected if the provider returns %s', async (_name, broken, sentence) => {
    const provider = {
      wrap: async () => ({ keyId: 'k', wrapped: new Uint8Array(8) }),
      ...broken,
    } as unknown as KeyProvider
    const error = await errorOf(encrypted(memoryStore(), { keys: provider }).put('a', 'one'))
    expect([error.code, error.message]).toEqual(['CONFIGURATION_ERROR', expect.stringContaining(sentence)])
  })

  it('survives a provider that wipes its arguments and its results', async () => {
    const kms = new FakeKms()
    const tidy: KeyProvider = {
      async wrap(dataKey, context) {
        const wrapped = await kms.wrap(dataKey.slice(), context)
        dataKey.fill(0)
        return wrapped
      },
      async unwrap(wrapped, context) {
        const dataKey = Uint8Array.from(await kms.unwrap(wrapped, context))
        wrapped.wrapped.fill(0)
        return dataKey
      },
    }
    const store = memoryStore()
    const safe = encrypted(store, { keys: tidy, dataKeyTtlMs: 0 })
    await safe.put('a', 'one')
    await safe.rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect((await encrypted(store, { keys: tidy }).get('a'))?.value).toBe('one')
    expect((await safe.get('a'))?.value).toBe('one')
  })

  it('is not created by a read', async () => {
    const { store, kms, open } = setUp()
    const safe = open()
    await safe.get('acme/1')
    await safe.list('')
    await safe.delete('acme/1')
    expect((await store.list('')).entries).toEqual([])
    expect(kms.calls).toEqual([])
  })

  it('causes an error instead of an endless loop if it disappears repeatedly', async () => {
    const inner = memoryStore()
    const store: Store = { ...inner, put: async () => ({ conflict: true }) }
    const error = await errorOf(encrypted(store, { keys: newKey() }).put('a', 'one'))
    expect([error.code, error.details.hint]).toEqual(['API_INTERNAL_ERROR', expect.stringContaining('storeContract')])
  })
})

describe('a cached data key', () => {
  it('is unwrapped once for concurrent requests', async () => {
    const { kms, open } = setUp()
    const writer = open()
    await Promise.all(Array.from({ length: 30 }, (_, index) => writer.put(`acme/${index}`, 'one')))
    // Created, verified, and unwrapped for use.
    expect([kms.count('wrap'), kms.count('unwrap')]).toEqual([1, 2])
    const reader = open()
    await Promise.all(Array.from({ length: 30 }, (_, index) => reader.get(`acme/${index}`)))
    await reader.list('acme/')
    expect([kms.count('wrap'), kms.count('unwrap')]).toEqual([1, 3])
  })

  it('is unwrapped again after its TTL, so that a revoked key takes effect', async () => {
    const { clock, kms, open } = setUp()
    const safe = open()
    await safe.put('acme/1', 'one')
    kms.disabled.add(kms.current)
    await clock.advance(TTL_MS - 1)
    expect((await safe.get('acme/1'))?.value).toBe('one')
    await clock.advance(1)
    for (const work of [() => safe.get('acme/1'), () => safe.put('acme/1', 'two'), () => safe.list('')]) {
      const error = await errorOf(work())
      expect([error.code, error.retryable]).toEqual(['MCP_CONNECTION_ERROR', true])
      expect(error.details).toMatchObject({
        outcome: 'not_processed',
        hint: expect.stringContaining('causeOf') as string,
      })
      expect(String((causeOf(error) as Error).cause)).toContain('DisabledException')
      expect(String(causeOf(error))).toContain('at the store key "datakey/tenant/acme"')
    }
    kms.disabled.clear()
    expect((await safe.get('acme/1'))?.value).toBe('one')
  })

  it.each([0, TTL_MS, 30 * TTL_MS])('is used for its TTL in a process that has run for %i ms', async (uptimeMs) => {
    const { clock, kms, open } = setUp()
    await clock.advance(uptimeMs)
    const safe = open()
    await safe.put('acme/1', 'one')
    const before = kms.count('unwrap')
    await clock.advance(TTL_MS - 1)
    await safe.get('acme/1')
    expect(kms.count('unwrap')).toBe(before)
    await clock.advance(1)
    await safe.get('acme/1')
    expect(kms.count('unwrap')).toBe(before + 1)
  })

  it('is not used after its TTL in a process that was suspended, whichever clock stopped', async () => {
    const clock = createFakeClock()
    const kms = new FakeKms()
    const safe = encrypted(memoryStore({ clock }), { keys: kms, clock })
    await safe.put('a', 'one')
    kms.disabled.add(kms.current)
    clock.setWallClock(clock.now() + TTL_MS)
    expect((await errorOf(safe.get('a'))).code).toBe('MCP_CONNECTION_ERROR')
    kms.disabled.clear()
    await safe.get('a')
    kms.disabled.add(kms.current)
    const wall = clock.now()
    await clock.advance(TTL_MS)
    clock.setWallClock(wall)
    expect((await errorOf(safe.get('a'))).code).toBe('MCP_CONNECTION_ERROR')
  })

  it('has the TTL that the host configures, or is not cached at all', async () => {
    const { clock, kms, open } = setUp()
    const never = open({ dataKeyTtlMs: 0 })
    await never.put('acme/1', 'one')
    const before = kms.count('unwrap')
    await never.get('acme/1')
    await never.get('acme/1')
    expect(kms.count('unwrap')).toBe(before + 2)
    const hour = open({ dataKeyTtlMs: 3_600_000 })
    await hour.get('acme/1')
    await clock.advance(3_599_999)
    await hour.get('acme/1')
    expect(kms.count('unwrap')).toBe(before + 3)
  })

  it('is evicted beyond 10,000 tenants', async () => {
    const { kms, open } = setUp()
    const safe = open()
    await safe.put('first/1', 'one')
    await safe.put('last/1', 'one')
    for (let from = 0; from < 9_999; from += 500) {
      await Promise.all(
        Array.from({ length: Math.min(500, 9_999 - from) }, (_, index) => safe.put(`t${from + index}/1`, 'one')),
      )
    }
    const before = kms.count('unwrap')
    await safe.get('last/1')
    expect(kms.count('unwrap')).toBe(before)
    await safe.get('first/1')
    expect(kms.count('unwrap')).toBe(before + 1)
  })

  it('is not cached as a failure if the unwrap fails', async () => {
    const { kms, open } = setUp()
    await open().put('acme/1', 'one')
    const safe = open()
    kms.fails = () => true
    await errorOf(safe.get('acme/1'))
    await errorOf(safe.put('acme/1', 'two'))
    kms.fails = () => false
    expect((await safe.get('acme/1'))?.value).toBe('one')
  })

  it('is created by the next attempt if the first one fails', async () => {
    for (let failing = 1; failing <= 3; failing++) {
      const { store, kms, open } = setUp()
      const safe = open()
      kms.fails = (call) => call === failing
      expect((await errorOf(safe.put('acme/1', 'one'))).code).toBe('MCP_CONNECTION_ERROR')
      await safe.put('acme/1', 'two')
      expect((await open().get('acme/1'))?.value).toBe('two')
      expect(await idsIn(store, 'acme')).toHaveLength(1)
    }
  })

  it('belongs to its own tenant: a read for one tenant never returns the key of another', async () => {
    const { kms, open } = setUp()
    const safe = open()
    for (const tenant of ['acme', 'beta']) await safe.put(`${tenant}/1`, tenant)
    const names = kms.calls.map(({ context }) => `${context.purpose} ${context.owner}`)
    expect(new Set(names)).toEqual(new Set(['@mcpclient data key tenant/acme', '@mcpclient data key tenant/beta']))
  })
})

describe('a data key of another process', () => {
  it('is read at once', async () => {
    const { open, store } = setUp()
    const [here, there] = [open(), open()]
    await here.put('acme/1', 'one')
    expect((await there.get('acme/1'))?.value).toBe('one')
    await there.rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    expect(await idsIn(store, 'acme')).toHaveLength(2)
    expect((await here.get('acme/1'))?.value).toBe('one')
  })

  it('is used once the TTL of the old one is over', async () => {
    const { clock, open, store } = setUp()
    const [here, there] = [open(), open()]
    await here.put('acme/1', 'one')
    await there.rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    const [old, newest] = await idsIn(store, 'acme')
    const usedFor = async (key: string): Promise<string | undefined> => {
      await here.put(key, 'two')
      return (await store.get(key))?.value.split('.')[1]
    }
    expect(await usedFor('acme/2')).toBe(old)
    await clock.advance(TTL_MS)
    expect(await usedFor('acme/2')).toBe(newest)
  })

  it('causes a running read to be repeated', async () => {
    const inner = memoryStore()
    const kms = new FakeKms()
    const held: (() => void)[] = []
    let holding = false
    const slow: Store = {
      ...inner,
      async get(key) {
        const found = await inner.get(key)
        // The response is outdated when it arrives.
        if (holding && key.startsWith('datakey/')) await new Promise<void>((resolve) => held.push(resolve))
        return found
      },
    }
    const here = encrypted(slow, { keys: kms, tenantOf })
    const there = encrypted(inner, { keys: kms, tenantOf })
    await there.put('acme/1', 'one')
    await there.put('acme/2', 'two')
    holding = true
    const first = here.get('acme/1')
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 30_000 })
    await there.rotateKeys({ mode: 'reencrypt', settleMs: 0 })
    const second = here.get('acme/2')
    await vi.waitFor(() => expect(held).toHaveLength(1), { timeout: 30_000 })
    holding = false
    for (const release of held) release()
    expect([(await first)?.value, (await second)?.value]).toEqual(['one', 'two'])
  })
})
