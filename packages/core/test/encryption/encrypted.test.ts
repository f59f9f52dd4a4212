import { createFakeClock, errorOf } from '@mcpclient/testing'
import { storeContract } from '@mcpclient/testing/contract'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { fromBase64, toBase64Url } from '../../src/encoding/base64.ts'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { causeOf, ConnectorError } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import { listAll, storeKey } from '../../src/ports/store.ts'
import type { Store } from '../../src/ports/store.ts'
import { FakeKms, newKey } from './fake-kms.ts'

const [first, second] = [newKey(), newKey()]
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => fromBase64(text) ?? new Uint8Array()
const DATA_KEY = '[0-9a-z]{8}-[\\w-]{8}'

describe('an encrypted store is a store', () => {
  const clock = createFakeClock()
  const contract = (name: string, open: (inner: Store) => Store): void => {
    const inners = new WeakMap<Store, Store>()
    const make = (inner = memoryStore({ clock })): Store => {
      const store = open(inner)
      inners.set(store, inner)
      return store
    }
    const again = async (store: Store): Promise<Store> => make(inners.get(store))
    storeContract(make, { name, advance: clock.advance, durable: again, shared: again })
  }
  const tenantOf = (key: string): string | undefined => key.split('/').at(-1)

  contract('an encrypted memory store', (inner) =>
    encrypted(inner, { keys: { current: 'k1', keys: { k1: first } }, clock }),
  )
  contract('one whose tenants are everywhere', (inner) => encrypted(inner, { keys: first, clock, tenantOf }))
  const kms = new FakeKms()
  kms.fails = (call) => call % 3 === 0
  contract('one under a key management service that fails one call in three', (inner) =>
    retrying(encrypted(inner, { keys: kms, clock, tenantOf })),
  )
})

/** Repeats an operation after a failure of the key provider, as a caller does. Nothing partial may remain. */
function retrying(store: Store): Store {
  const retry = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
    for (;;) {
      try {
        return await ask()
      } catch (error) {
        if (!ConnectorError.is(error) || error.code !== 'MCP_CONNECTION_ERROR') throw error
      }
    }
  }
  return {
    ...store,
    get: (...given) => retry(() => store.get(...given)),
    put: (...given) => retry(() => store.put(...given)),
    list: (...given) => retry(() => store.list(...given)),
    batch: (writes) => retry(async () => (await store.batch?.(writes)) ?? []),
  }
}

describe('the stored value', () => {
  it('is an envelope, and contains nothing of the value', async () => {
    const store = memoryStore()
    await encrypted(store, { keys: { current: 'k2', keys: { k1: first, k2: second } } }).put('a', 'refresh token 42')
    const { value = '' } = (await store.get('a')) ?? {}
    // 12 bytes of IV, 16 of ciphertext and 16 of tag.
    expect(value).toMatch(new RegExp(`^v1\\.${DATA_KEY}\\.\\.[\\w-]{59}$`))
    expect(value).not.toContain('refresh')
  })

  it('is at most as long as the store port allows, for 1 MiB', async () => {
    const store = memoryStore()
    await encrypted(store, { keys: first }).put('a', 'x'.repeat(1_048_576), { ttlMs: 1_000 })
    expect((await store.get('a'))?.value.length).toBeLessThan(1_400_000)
  })

  it('differs each time although the value is the same', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: first })
    const written = new Set<string>()
    for (let index = 0; index < 200; index++) {
      await safe.put('a', 'the same')
      written.add(((await store.get('a'))?.value.split('.')[3] ?? '').slice(0, 16))
    }
    expect(written.size).toBe(200)
  })

  it('decrypts to exactly the value that was put', async () => {
    const safe = encrypted(memoryStore(), { keys: first })
    const anyKey = fc.string({ minLength: 1 }).filter((key) => !key.startsWith('datakey/'))
    await fc.assert(
      fc.asyncProperty(anyKey, fc.string({ unit: 'grapheme' }), async (key, value) => {
        await safe.put(key, value)
        expect((await safe.get(key))?.value).toBe(value)
      }),
    )
  })

  it('follows AES-256-GCM under a data key that another program can unwrap, too', async () => {
    const store = memoryStore()
    const kms = new FakeKms()
    const clock = createFakeClock({ nowMs: 1_000 })
    await encrypted(store, { keys: kms, clock }).put(storeKey('connection', 's', 'a b', 'x'), 'hello', { ttlMs: 500 })
    const { keys } = JSON.parse((await store.get('datakey/tenant/a%20b'))?.value ?? '') as {
      readonly keys: readonly [{ readonly id: string; readonly keyId: string; readonly wrapped: string }]
    }
    const [{ id, keyId, wrapped }] = keys
    const context = { purpose: '@mcpclient data key', owner: 'tenant/a%20b', dataKey: id }
    const dataKey = Uint8Array.from(await kms.unwrap({ keyId, wrapped: bytesOf(wrapped) }, context))
    const [, usedId, end, payload = ''] = ((await store.get('connection/s/a%20b/x'))?.value ?? '').split('.')
    expect([usedId, end]).toEqual([id, '1500'])
    const key = await globalThis.crypto.subtle.importKey('raw', dataKey, 'AES-GCM', false, ['decrypt'])
    const opened = await globalThis.crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: bytesOf(payload).subarray(0, 12),
        additionalData: new TextEncoder().encode(`["v1","tenant/a%20b","${id}","1500","connection/s/a%20b/x"]`),
      },
      key,
      bytesOf(payload).subarray(12),
    )
    expect(new TextDecoder().decode(opened)).toBe('hello')
  })

  it('is encrypted with a data key of the tenant, and of a shared one if there is no tenant', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: first })
    const keys = [
      storeKey('connection', 'slack', 'acme', 'default'),
      storeKey('connection', 'jira', 'acme', 'work'),
      storeKey('connection', 'slack', 'a/b %', 'default'),
      storeKey('connection', 'slack', 'shared', 'default'),
      storeKey('oauth-state', 'slack', 'acme'),
      storeKey('connection', 'slack', '', 'app'),
      'connection',
      'connection/slack/%zz/default',
      'anything',
    ]
    for (const key of keys) await safe.put(key, 'secret')
    const used = new Map<string, string[]>()
    for (const key of keys) {
      const id = (await store.get(key))?.value.split('.')[1] ?? ''
      used.set(id, [...(used.get(id) ?? []), key])
    }
    expect([...used.values()]).toEqual([[keys[0], keys[1]], [keys[2]], [keys[3]], keys.slice(4)])
    const rows: string[] = []
    for await (const { key } of listAll(store, 'datakey/')) rows.push(key)
    expect(rows).toEqual([
      'datakey/shared',
      'datakey/tenant/a%2Fb%20%25',
      'datakey/tenant/acme',
      'datakey/tenant/shared',
    ])
  })
})

describe('a stored value', () => {
  const keys = { current: 'k1', keys: { k1: first, k2: second } }
  const tenantOf = (key: string): string | undefined => key.split('/')[1]
  const stored = async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys, tenantOf })
    await safe.put('tokens/acme/1', 'secret of acme')
    await safe.put('tokens/acme/2', 'other secret of acme')
    await safe.put('tokens/evil/1', 'secret of evil')
    const at = async (key: string): Promise<string> => (await store.get(key))?.value ?? ''
    return { store, safe, envelope: await at('tokens/acme/1'), at }
  }
  const altered = new RegExp(`does not open under the data key "${DATA_KEY}": the row was altered or moved`)

  it('is rejected if it replaces another row of the same tenant: two rows cannot be swapped', async () => {
    const { store, safe, envelope, at } = await stored()
    const other = await at('tokens/acme/2')
    await store.put('tokens/acme/1', other)
    await store.put('tokens/acme/2', envelope)
    for (const key of ['tokens/acme/1', 'tokens/acme/2']) {
      expect((await errorOf(safe.get(key))).message).toMatch(altered)
    }
  })

  it('is rejected if it is moved to another tenant, even with the data keys', async () => {
    const { store, safe, envelope, at } = await stored()
    await store.put('tokens/evil/1', envelope)
    expect((await errorOf(safe.get('tokens/evil/1'))).message).toContain('of a stored value does not exist')
    await store.put('datakey/tenant/evil', await at('datakey/tenant/acme'))
    const fresh = encrypted(store, { keys, tenantOf })
    expect((await errorOf(fresh.get('tokens/evil/1'))).message).toContain('A data key does not open under the key "k1"')
    expect((await errorOf(fresh.put('tokens/evil/1', 'new'))).message).toContain('A data key does not open')
    expect((await fresh.get('tokens/acme/1'))?.value).toBe('secret of acme')
  })

  it('is rejected if the data keys of two tenants were swapped', async () => {
    const { store, at } = await stored()
    const [acme, evil] = [await at('datakey/tenant/acme'), await at('datakey/tenant/evil')]
    await store.put('datakey/tenant/acme', evil)
    await store.put('datakey/tenant/evil', acme)
    const fresh = encrypted(store, { keys, tenantOf })
    for (const key of ['tokens/acme/1', 'tokens/evil/1']) {
      expect((await errorOf(fresh.get(key))).code).toBe('CONFIGURATION_ERROR')
      expect((await errorOf(fresh.put(key, 'new'))).message).toContain('A data key does not open under the key "k1"')
    }
  })

  it('is rejected if its expiry was changed: the TTL of a row cannot be extended', async () => {
    const { store, safe, at } = await stored()
    await safe.put('tokens/acme/1', 'one-time', { ttlMs: 60_000 })
    const envelope = await at('tokens/acme/1')
    for (const end of ['', '9999999999999']) {
      await store.put('tokens/acme/1', envelope.replace(/\.\d+\./, `.${end}.`))
      expect((await errorOf(safe.get('tokens/acme/1'))).message).toMatch(altered)
    }
  })

  it('is rejected if any character is changed or a single bit is flipped', async () => {
    const { store, safe, envelope } = await stored()
    const [format, id, end, payload = ''] = envelope.split('.')
    const changed = [...envelope].flatMap((character, at) =>
      ['A', 'a', '1', '.', '-', '=']
        .filter((other) => other !== character)
        .map((other) => replaced(envelope, at, other)),
    )
    const bytes = bytesOf(payload)
    expect(bytes).toHaveLength(12 + 'secret of acme'.length + 16)
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      changed.push([format, id, end, toBase64Url(flipped)].join('.'))
    }
    for (const text of changed) {
      await store.put('tokens/acme/1', text)
      const error = await errorOf(safe.get('tokens/acme/1'))
      expect(error.code).toBe('CONFIGURATION_ERROR')
      expect(error.message).not.toContain('secret')
    }
  })

  it('is rejected if the same bytes are spelled differently', async () => {
    const { store, safe, envelope } = await stored()
    for (const text of [`${envelope}=`, `${envelope}==`, `${envelope} `, `${envelope}\n`, ` ${envelope}`]) {
      await store.put('tokens/acme/1', text)
      expect((await errorOf(safe.get('tokens/acme/1'))).code).toBe('CONFIGURATION_ERROR')
    }
  })

  it('is rejected if it is truncated', async () => {
    const { store, safe, envelope } = await stored()
    for (let length = 0; length < envelope.length; length++) {
      await store.put('tokens/acme/1', envelope.slice(0, length))
      expect((await errorOf(safe.get('tokens/acme/1'))).code).toBe('CONFIGURATION_ERROR')
    }
  })

  it('is rejected if any character of its data key is changed, and nothing is written with that key either', async () => {
    const { store, at } = await stored()
    const row = await at('datakey/tenant/acme')
    for (let at = 0; at < row.length; at++) {
      for (const other of ['A', 'b', '2', '"', '-', ' ']) {
        if (row[at] === other) continue
        await store.put('datakey/tenant/acme', replaced(row, at, other))
        const fresh = encrypted(store, { keys, tenantOf })
        expect((await errorOf(fresh.get('tokens/acme/1'))).code).toBe('CONFIGURATION_ERROR')
        expect((await errorOf(fresh.put('tokens/acme/3', 'new'))).code).toBe('CONFIGURATION_ERROR')
        expect((await errorOf(fresh.list('tokens/acme'))).code).toBe('CONFIGURATION_ERROR')
      }
    }
    await store.put('datakey/tenant/acme', row)
    expect((await encrypted(store, { keys, tenantOf }).get('tokens/acme/1'))?.value).toBe('secret of acme')
  })

  it.each([
    ['not JSON', 'was altered'],
    ['null', 'was altered'],
    ['{"format":"v1","keys":[]}', 'was altered'],
    ['{"format":"v1","keys":{}}', 'was altered'],
    ['{"format":"v1","keys":[null]}', 'was altered'],
    ['{"format":"v2","keys":[]}', 'has the format v2, which this version cannot read. Update @mcpclient/core'],
  ])('is rejected if the row of its data key is %s', async (row, sentence) => {
    const { store } = await stored()
    await store.put('datakey/tenant/acme', row)
    expect((await errorOf(encrypted(store, { keys, tenantOf }).get('tokens/acme/1'))).message).toContain(sentence)
  })

  it('is rejected if its key-encryption key is missing, and the error names that key', async () => {
    const { store } = await stored()
    const later = encrypted(store, { keys: { current: 'k3', keys: { k3: newKey() } }, tenantOf })
    for (const work of [
      () => later.get('tokens/acme/1'),
      () => later.list(''),
      () => later.put('tokens/acme/1', 'new'),
    ]) {
      const error = await errorOf(work())
      expect(error.code).toBe('CONFIGURATION_ERROR')
      expect(error.message).toBe('A data key is wrapped under the unknown key "k1".')
    }
  })

  it('is rejected if a key-encryption key of the same name has changed', async () => {
    const { store } = await stored()
    const changed = encrypted(store, { keys: newKey(), tenantOf })
    expect((await errorOf(changed.get('tokens/acme/1'))).message).toContain(
      'A data key does not open under the key "k1"',
    )
  })

  it.each([
    ['{"access_token":"plain"}', 'was not written by encrypted()'],
    ['', 'was not written by encrypted()'],
    ['v1.k1', 'was not written by encrypted()'],
    ['v1.0-AAAAAAAA..', 'was not written by encrypted()'],
    ['v1.0-AAAAAAA..AAAA', 'was not written by encrypted()'],
    ['v1.0-AAAAAAAA.01.AAAA', 'was not written by encrypted()'],
    ['v1.0-AAAAAAAA.-1.AAAA', 'was not written by encrypted()'],
    ['v1.0-AAAAAAAA..AAAA.AAAA', 'was not written by encrypted()'],
    ['v2.0-AAAAAAAA..AAAA', 'has the format v2, which this version cannot read. Update @mcpclient/core'],
    ['v1.0-AAAAAAAA..AAAA', 'The data key "0-AAAAAAAA" of a stored value does not exist'],
  ])('is rejected if it is %j', async (value, sentence) => {
    const { store, safe } = await stored()
    await store.put('tokens/acme/1', value)
    expect((await errorOf(safe.get('tokens/acme/1'))).message).toContain(sentence)
  })

  it('makes a list fail as a whole, without hiding a row', async () => {
    const { store, safe } = await stored()
    await store.put('tokens/evil/1', 'plain')
    expect((await errorOf(safe.list('tokens/'))).code).toBe('CONFIGURATION_ERROR')
  })

  it('is rejected if it was moved, and the error contains neither key, value, ciphertext nor tenant but its cause', async () => {
    const { store, safe, envelope } = await stored()
    await store.put('tokens/acme/2', envelope)
    const error = await errorOf(safe.get('tokens/acme/2'))
    const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.details)}`
    for (const secret of [first, 'secret of acme', envelope.split('.')[3] ?? '', 'tokens/acme/2']) {
      expect(shown).not.toContain(secret)
    }
    expect(String(causeOf(error))).toContain('at the store key "tokens/acme/2"')
  })
})

const replaced = (text: string, at: number, character: string): string =>
  text.slice(0, at) + character + text.slice(at + 1)

describe('the data keys in the store', () => {
  it('are not listed, and do not affect the pages', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: first, tenantOf: (key) => key.split('/')[1] })
    const keys = ['a/1', 'a/2', 'data/3', 'datakey', 'datakey0/4', 'datakez/5', 'z/6']
    for (const key of keys) await safe.put(key, `value of ${key}`)
    for (let tenant = 0; tenant < 25; tenant++) await safe.delete((await safe.put(`x/t${tenant}`, ''), `x/t${tenant}`))
    for (const limit of [1, 2, 3, 7, 1000]) {
      for (const prefix of ['', 'd', 'data', 'datakey', 'z']) {
        const found: string[] = []
        let pages = 0
        for (let after: string | undefined, more = true; more; more = after !== undefined) {
          const page = await safe.list(prefix, { after, limit })
          expect(page.entries.length).toBeLessThanOrEqual(limit)
          found.push(...page.entries.map(({ key }) => key))
          after = page.next
          pages += 1
        }
        expect(found).toEqual(keys.filter((key) => key.startsWith(prefix)))
        // All of them are skipped in a step or two.
        expect(pages).toBeLessThanOrEqual(Math.ceil(keys.length / limit) + 2)
      }
    }
    expect((await store.list('datakey/')).entries.length).toBeGreaterThan(25)
  })

  it('cannot be read, overwritten or deleted through it', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: first })
    await safe.put('a', 'one')
    for (const work of [
      () => safe.get('datakey/shared'),
      () => safe.put('datakey/shared', 'mine'),
      () => safe.delete('datakey/shared'),
      () => safe.list('datakey/'),
      () => safe.list('datakey/sh'),
    ]) {
      expect((await errorOf(work())).message).toBe(
        'Store keys that start with "datakey/" are reserved for encrypted().',
      )
    }
    expect((await safe.get('a'))?.value).toBe('one')
  })
})

describe('WebCrypto', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    vi.resetModules()
  })

  it('is not needed before the first use, and the error explains its absence', async () => {
    vi.resetModules()
    vi.stubGlobal('crypto', undefined)
    const fresh = await import('../../src/encryption/encrypted.ts')
    const safe = fresh.encrypted(memoryStore(), { keys: first })
    await expect(safe.get('a')).resolves.toBeUndefined()
    await expect(safe.put('a', 'one')).rejects.toThrow('requires WebCrypto')
    vi.unstubAllGlobals()
    await expect(safe.put('a', 'one')).resolves.toHaveProperty('version')
  })

  it('receives each key once, as not extractable', async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, 'importKey')
    const safe = encrypted(memoryStore(), { keys: { current: 'k1', keys: { k1: first, k2: second } } })
    await Promise.all(Array.from({ length: 20 }, (_, index) => safe.put(`key ${index}`, 'one')))
    await safe.list('')
    // The key-encryption key and the data key.
    expect(importKey.mock.calls.map((call) => call[3])).toEqual([false, false])
  })
})

describe('the underlying store', () => {
  it('keeps its conditions, its TTLs and its buckets', async () => {
    const calls: unknown[] = []
    const inner = memoryStore()
    const store: Store = {
      ...inner,
      put: async (key, value, options) => {
        if (!key.startsWith('datakey/')) calls.push(options)
        return inner.put(key, value, options)
      },
      take: async (...given) => {
        calls.push(given)
        return { ok: true, waitMs: 0 }
      },
      close: async () => {
        calls.push('closed')
      },
    }
    const safe = encrypted(store, { keys: first })
    await safe.put('a', 'one', { ifVersion: null, ttlMs: 5 })
    await safe.take?.('a', { capacity: 1, perMs: 2, cost: 1 })
    await safe.close?.()
    expect(calls).toEqual([{ ifVersion: null, ttlMs: 5 }, ['a', { capacity: 1, perMs: 2, cost: 1 }], 'closed'])
  })

  it('has no limiter if the wrapped store has none', () => {
    const { get, put, delete: remove, list } = memoryStore()
    const safe = encrypted({ get, put, delete: remove, list }, { keys: first })
    expect('take' in safe).toBe(false)
    expect('close' in safe).toBe(false)
  })

  it('is called once for a get and once for a put if the data key is cached', async () => {
    const requests: string[] = []
    const inner = memoryStore()
    const store: Store = {
      get: async (key) => (requests.push(`get ${key}`), inner.get(key)),
      put: async (key, ...rest) => (requests.push(`put ${key}`), inner.put(key, ...rest)),
      delete: inner.delete,
      list: inner.list,
    }
    const safe = encrypted(store, { keys: first })
    await safe.put('a', 'one')
    requests.length = 0
    const encrypt = vi.spyOn(globalThis.crypto.subtle, 'encrypt')
    const decrypt = vi.spyOn(globalThis.crypto.subtle, 'decrypt')
    await safe.put('a', 'two')
    await safe.get('a')
    expect(requests).toEqual(['put a', 'get a'])
    expect([encrypt.mock.calls.length, decrypt.mock.calls.length]).toEqual([1, 1])
  })
})

it('does not accept a TTL of data keys that exceeds their retirement', () => {
  for (const dataKeyTtlMs of [-1, 3_600_001, Number.NaN, Infinity]) {
    expect(() => encrypted(memoryStore(), { keys: first, dataKeyTtlMs })).toThrow(
      'dataKeyTtlMs must be from 0 to 3600000.',
    )
  }
})
