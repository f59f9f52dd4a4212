import { createFakeClock, storeContract } from '@mcpclient/testing'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { encrypted } from '../../src/credentials/encrypted.ts'
import type { Keyring } from '../../src/credentials/encrypted.ts'
import { fromBase64, toBase64, toBase64Url } from '../../src/credentials/base64url.ts'
import { causeOf, ConnectorError } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { Store } from '../../src/ports/store.ts'

const randomBytes = (count: number): Uint8Array<ArrayBuffer> => globalThis.crypto.getRandomValues(new Uint8Array(count))
const bytesOf = (text: string): Uint8Array<ArrayBuffer> => fromBase64(text) ?? new Uint8Array()
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const newKey = (): string => toBase64(randomBytes(32))
const [first, second] = [newKey(), newKey()]

const clock = createFakeClock()
storeContract(() => encrypted(memoryStore({ clock }), { keys: { current: 'k1', keys: { k1: first } } }), {
  name: 'an encrypted memory store',
  advance: clock.advance,
  durable: async (store) => store,
})

const errorOf = async (work: Promise<unknown>): Promise<ConnectorError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof ConnectorError)) throw new Error('This should have been refused.')
  return error
}

describe('what is stored', () => {
  test('is an envelope, and holds nothing of the value', async () => {
    const store = memoryStore()
    await encrypted(store, { keys: { current: 'k2', keys: { k1: first, k2: second } } }).put('a', 'refresh token 42')
    const { value = '' } = (await store.get('a')) ?? {}
    expect(value).toMatch(/^v1\.k2\.[\w-]{16}\.[\w-]{43}$/)
    expect(value).not.toContain('refresh')
  })

  test('differs each time, though the value is the same', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: first })
    const written = new Set<string>()
    for (let index = 0; index < 200; index++) {
      await safe.put('a', 'the same')
      written.add((await store.get('a'))?.value.split('.')[2] ?? '')
    }
    expect(written.size).toBe(200)
  })

  test('opens to exactly what was put', async () => {
    const safe = encrypted(memoryStore(), { keys: first })
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.string(), async (key, value) => {
        await safe.put(key, value)
        expect((await safe.get(key))?.value).toBe(value)
      }),
    )
  })

  test('opens for another process with the same key, and follows AES-256-GCM', async () => {
    const store = memoryStore()
    const keyBytes = randomBytes(32)
    await encrypted(store, { keys: { current: 'k7', keys: { k7: toBase64Url(keyBytes) } } }).put('t/acme', 'hello')
    const [, , iv = '', text = ''] = ((await store.get('t/acme'))?.value ?? '').split('.')
    const key = await globalThis.crypto.subtle.importKey('raw', keyBytes, 'AES-GCM', false, ['decrypt'])
    const opened = await globalThis.crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: bytesOf(iv),
        additionalData: new TextEncoder().encode('["v1","k7","t/acme"]'),
      },
      key,
      bytesOf(text),
    )
    expect(new TextDecoder().decode(opened)).toBe('hello')
  })
})

describe('a value does not open', () => {
  const keys: Keyring = { current: 'k1', keys: { k1: first, k2: second } }
  const stored = async (): Promise<{ store: Store; safe: Store; envelope: string }> => {
    const store = memoryStore()
    const safe = encrypted(store, { keys })
    await safe.put('tenants/acme', 'secret of acme')
    return { store, safe, envelope: (await store.get('tenants/acme'))?.value ?? '' }
  }
  const tampered = /does not open under the key "k1": that key has changed, or the row was altered or moved/

  test('in the place of another tenant', async () => {
    const { store, safe, envelope } = await stored()
    await store.put('tenants/evil', envelope)
    expect((await errorOf(safe.get('tenants/evil'))).message).toMatch(tampered)
    expect((await safe.get('tenants/acme'))?.value).toBe('secret of acme')
  })

  test('under the name of another key, even if both names hold the same key', async () => {
    const { store, envelope } = await stored()
    const twins = encrypted(store, { keys: { current: 'k1', keys: { k1: first, k9: first } } })
    await store.put('tenants/acme', envelope.replace('.k1.', '.k9.'))
    expect((await errorOf(twins.get('tenants/acme'))).message).toContain('does not open under the key "k9"')
  })

  test('with a single bit changed, in the IV, the text or the tag', async () => {
    const { store, safe, envelope } = await stored()
    const [format, keyId, iv = '', text = ''] = envelope.split('.')
    const flips: string[] = []
    for (const [index, part] of [iv, text].entries()) {
      const bytes = bytesOf(part)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const changed = Uint8Array.from(bytes)
        const at = bit >> 3
        changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7))
        const flipped = toBase64Url(changed)
        flips.push([format, keyId, ...(index === 0 ? [flipped, text] : [iv, flipped])].join('.'))
      }
    }
    expect(flips).toHaveLength((12 + 'secret of acme'.length + 16) * 8)
    for (const flipped of flips) {
      await store.put('tenants/acme', flipped)
      expect((await errorOf(safe.get('tenants/acme'))).message).toMatch(tampered)
    }
  })

  test('cut short', async () => {
    const { store, safe, envelope } = await stored()
    for (let length = 0; length < envelope.length; length++) {
      await store.put('tenants/acme', envelope.slice(0, length))
      expect((await errorOf(safe.get('tenants/acme'))).code).toBe('CONFIGURATION_ERROR')
    }
  })

  test('under a key that is gone, and the error names that key', async () => {
    const { store } = await stored()
    const later = encrypted(store, { keys: { current: 'k3', keys: { k3: newKey() } } })
    const error = await errorOf(later.get('tenants/acme'))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.message).toBe(
      'A stored value was encrypted under the key "k1", which is not among the keys. Add that key again.',
    )
  })

  test('under a key of the same name that has changed', async () => {
    const { store } = await stored()
    const changed = encrypted(store, { keys: newKey() })
    expect((await errorOf(changed.get('tenants/acme'))).message).toMatch(tampered)
  })

  test('and a key is not found by a name that all objects have', async () => {
    const { store, safe, envelope } = await stored()
    await store.put('tenants/acme', envelope.replace('.k1.', '.constructor.'))
    expect((await errorOf(safe.get('tenants/acme'))).message).toContain('"constructor", which is not among the keys')
  })

  test.each([
    ['{"access_token":"plain"}', 'was not written by encrypted()'],
    ['', 'was not written by encrypted()'],
    ['v1.k1', 'was not written by encrypted()'],
    ['v1.k1.AAAA.AAAA', 'was not written by encrypted()'],
    ['v1.k 1.AAAAAAAAAAAAAAAA.AAAA', 'was not written by encrypted()'],
    ['v1.k1.AAAAAAAAAAAAAAAA.AAAA.AAAA', 'was not written by encrypted()'],
    ['v2.k1.AAAAAAAAAAAAAAAA.AAAA', 'is in the format v2, which this version cannot read. Update @mcpclient/core'],
  ])('when it is %j', async (value, sentence) => {
    const { store, safe } = await stored()
    await store.put('tenants/acme', value)
    expect((await errorOf(safe.get('tenants/acme'))).message).toContain(sentence)
  })

  test('and a list that holds it fails as a whole, without hiding a row', async () => {
    const { store, safe } = await stored()
    await safe.put('tenants/beta', 'secret of beta')
    await store.put('tenants/beta', 'plain')
    expect((await errorOf(safe.list('tenants/'))).code).toBe('CONFIGURATION_ERROR')
  })

  test('and the error shows neither key, value, ciphertext nor tenant; the place is with the cause', async () => {
    const { store, safe, envelope } = await stored()
    await store.put('tenants/evil', envelope)
    const error = await errorOf(safe.get('tenants/evil'))
    const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${JSON.stringify(error.details)}`
    for (const secret of [first, 'secret of acme', ...envelope.split('.').slice(2), 'tenants/evil']) {
      expect(shown).not.toContain(secret)
    }
    expect(String(causeOf(error))).toContain('at the key "tenants/evil" of the store')
  })
})

describe('keys', () => {
  test('an old one still opens what was written under it, and new writes use the current one', async () => {
    const store = memoryStore()
    await encrypted(store, { keys: { current: 'k1', keys: { k1: first } } }).put('old', 'one')
    const both = encrypted(store, { keys: { current: 'k2', keys: { k1: first, k2: second } } })
    expect((await both.get('old'))?.value).toBe('one')
    await both.put('old', 'two')
    expect((await store.get('old'))?.value).toMatch(/^v1\.k2\./)
    expect((await both.list('')).entries).toMatchObject([{ key: 'old', value: 'two' }])
  })

  test('one key alone is k1, so that it can move into a keyring', async () => {
    const store = memoryStore()
    await encrypted(store, { keys: first }).put('a', 'one')
    const keyring = encrypted(store, { keys: { current: 'k2', keys: { k1: first, k2: second } } })
    expect((await keyring.get('a'))?.value).toBe('one')
  })

  test('may be written in base64, base64url or hex, with space around', async () => {
    const bytes = Uint8Array.from([251, 255, ...randomBytes(30)])
    const store = memoryStore()
    await encrypted(store, { keys: toBase64(bytes) }).put('a', 'one')
    const hex = hexOf(bytes)
    for (const text of [toBase64Url(bytes), hex, hex.toUpperCase(), `  ${toBase64(bytes)}\n`]) {
      expect((await encrypted(store, { keys: text }).get('a'))?.value).toBe('one')
    }
  })

  test('a random one is never refused', () => {
    for (let index = 0; index < 500; index++) {
      const bytes = randomBytes(32)
      for (const text of [toBase64(bytes), hexOf(bytes)]) {
        expect(() => encrypted(memoryStore(), { keys: text })).not.toThrow()
      }
    }
  })

  const base64Of = (bytes: number[]): string => toBase64(Uint8Array.from(bytes))
  test.each([
    ['nothing', '', 'is empty'],
    ['space', '  \n', 'is empty'],
    ['a sentence', 'correct horse battery staple!', 'is neither base64 nor hex'],
    ['16 bytes', toBase64(randomBytes(16)), 'has 16 bytes where AES-256 needs 32'],
    ['33 bytes', toBase64(randomBytes(33)), 'has 33 bytes'],
    ['32 typed characters', 'abcdefghijklmnopqrstuvwxyz012345', 'has 24 bytes'],
    ['zeros', base64Of(Array.from({ length: 32 }, () => 0)), 'is not random'],
    ['one byte, again and again', base64Of(Array.from({ length: 32 }, () => 0xa5)), 'is not random'],
    ['zeros in hex', '0'.repeat(64), 'is not random'],
    ['counting', base64Of(Array.from({ length: 32 }, (_, index) => index)), 'is not random'],
    [
      'counting down in sevens',
      base64Of(Array.from({ length: 32 }, (_, index) => (250 - index * 7) & 255)),
      'is not random',
    ],
    ['16 bytes, twice', hexOf(randomBytes(16)).repeat(2), 'is not random'],
    ['a passphrase in base64', btoa('Tr0ub4dor&3 is not a good secret'), 'is not random'],
    ['a passphrase that is base64', 'correcthorsebatterystaplecorrecthorsebatter', 'is not random'],
    ['the same in capitals', 'CORRECTHORSEBATTERYSTAPLECORRECTHORSEBATTER', 'is not random'],
  ])('%s is refused at once, with a way out', (_name, text, problem) => {
    const sentence = `The encryption key "k1" ${problem}`
    expect(() => encrypted(memoryStore(), { keys: text })).toThrow(sentence)
    expect(() => encrypted(memoryStore(), { keys: text })).toThrow('Make one with: openssl rand -base64 32')
    if (text.trim() !== '') {
      expect(() => encrypted(memoryStore(), { keys: text })).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(text) as string }),
      )
    }
  })

  test('an environment variable that is not set is refused as an empty key', () => {
    const keys = undefined as unknown as string
    expect(() => encrypted(memoryStore(), { keys })).toThrow('The encryption key "k1" is empty.')
  })

  test('a weak one is refused also where it is not the current one', () => {
    const keys = { current: 'k2', keys: { k1: 'weak', k2: second } }
    expect(() => encrypted(memoryStore(), { keys })).toThrow('The encryption key "k1" has 3 bytes')
  })

  test('the current one must be among them', () => {
    for (const current of ['k9', 'constructor', '']) {
      expect(() => encrypted(memoryStore(), { keys: { current, keys: { k1: first } } })).toThrow(
        expect.objectContaining({ code: 'CONFIGURATION_ERROR', details: { choices: ['k1'] } }),
      )
    }
  })

  test('an id that would break the format is refused, without showing it: it may be a key', () => {
    expect(() => encrypted(memoryStore(), { keys: { current: first, keys: { [first]: 'k1' } } })).toThrow(
      'The id of encryption key 1 must be 1 to 32 letters, digits',
    )
  })
})

describe('WebCrypto', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
    vi.resetModules()
  })

  test('is not needed before the first use, and its absence is explained', async () => {
    vi.resetModules()
    vi.stubGlobal('crypto', undefined)
    const fresh = await import('../../src/credentials/encrypted.ts')
    const safe = fresh.encrypted(memoryStore(), { keys: first })
    await expect(safe.get('a')).resolves.toBeUndefined()
    await expect(safe.put('a', 'one')).rejects.toThrow('needs WebCrypto')
    vi.unstubAllGlobals()
    await expect(safe.put('a', 'one')).resolves.toHaveProperty('version')
  })

  test('gets each key once, and cannot give it back', async () => {
    const importKey = vi.spyOn(globalThis.crypto.subtle, 'importKey')
    const safe = encrypted(memoryStore(), { keys: { current: 'k1', keys: { k1: first, k2: second } } })
    await Promise.all(Array.from({ length: 20 }, (_, index) => safe.put(`key ${index}`, 'one')))
    await safe.list('')
    expect(importKey).toHaveBeenCalledTimes(1)
    expect(importKey.mock.calls[0]?.[3]).toBe(false)
  })
})

describe('the store underneath', () => {
  test('keeps its conditions, its times to live and its buckets', async () => {
    const calls: unknown[] = []
    const store: Store = {
      ...memoryStore(),
      put: async (_key, _value, options) => {
        calls.push(options)
        return { version: '1' }
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

  test('without a limiter stays one without', () => {
    const { get, put, delete: remove, list } = memoryStore()
    const safe = encrypted({ get, put, delete: remove, list }, { keys: first })
    expect('take' in safe).toBe(false)
    expect('close' in safe).toBe(false)
  })
})
