import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64Url } from '../../src/encoding/base64.ts'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { localKeyring } from '../../src/encryption/local-keyring.ts'
import { causeOf } from '../../src/errors/connector-error.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import { newKey, randomBytes } from './fake-kms.ts'

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Returns the spellings in which a secret might be printed. A dozen bytes identify it. */
function spellings(secret: string | Uint8Array): readonly string[] {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const base64 = toBase64Url(bytes)
  const hex = hexOf(bytes)
  return [
    ...(typeof secret === 'string' ? [secret] : []),
    base64.slice(0, 16),
    btoa(String.fromCharCode(...bytes)).slice(0, 16),
    hex.slice(0, 24),
    hex.slice(0, 24).toUpperCase(),
    hex.slice(0, 24).replaceAll(/../g, '$& ').trim(),
    [...bytes.slice(0, 12)].join(),
    [...bytes.slice(0, 12)].join(', '),
    JSON.stringify(bytes.slice(0, 12)).slice(0, -1),
  ]
}

const everything = (value: unknown): string =>
  [
    inspect(value, { depth: 20, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null }),
    String(value),
    JSON.stringify(value),
    value instanceof Error ? `${value.stack} ${inspect(value.cause)}` : '',
  ]
    .join('\n')
    // Numbers are printed in columns.
    .replaceAll(/\s+/g, ' ')

/** Returns the causes of an error, which the process may inspect but neither print nor send. */
const causes = (error: unknown): string => {
  const cause = causeOf(error) ?? (error instanceof Error ? error.cause : undefined)
  return cause === undefined ? '' : `${everything(cause)}\n${causes(cause)}`
}

describe('keys and values', () => {
  const plain = 'canary-refresh-token-1b6f0c'
  const keys = { k1: randomBytes(32), k2: randomBytes(32) }
  const ring = { current: 'k2', keys: { k1: toBase64Url(keys.k1), k2: hexOf(keys.k2) } }
  const dataKeys: Uint8Array[] = []
  /** The keyring, which records the data keys. */
  const provider: KeyProvider = {
    async wrap(dataKey, context) {
      dataKeys.push(dataKey)
      return localKeyring(ring).wrap(dataKey, context)
    },
    unwrap: (wrapped, context) => localKeyring(ring).unwrap(wrapped, context),
  }

  it('do not appear in any returned object, or any intermediate error', async () => {
    const store = memoryStore()
    const safe = encrypted(store, { keys: provider })
    const key = 'connection/slack/acme/default'
    const shown: string[] = [
      everything(safe),
      everything(localKeyring(ring)),
      everything(encrypted(store, { keys: ring })),
    ]
    const record = async (work: () => Promise<unknown>): Promise<void> => {
      try {
        shown.push(everything(await work()))
      } catch (error) {
        shown.push(everything(error), causes(error))
      }
    }
    await record(() => safe.put(key, plain, { ttlMs: 60_000 }))
    await record(() => safe.rotateKeys({ mode: 'reencrypt', settleMs: 0 }))
    await record(() => safe.keysInUse())
    const row = (await store.get('datakey/tenant/acme'))?.value ?? ''
    const value = (await store.get(key))?.value ?? ''
    shown.push(row, value, ...(await store.list('')).entries.map(everything))
    for (let at = 0; at < value.length; at += 3) {
      await store.put(key, `${value.slice(0, at)}A${value.slice(at + 1)}`)
      await record(async () => void (await safe.get(key)))
      await record(() => safe.rotateKeys({ mode: 'reencrypt', settleMs: 0 }))
    }
    await store.put(key, value)
    for (let at = 0; at < row.length; at += 3) {
      await store.put('datakey/tenant/acme', `${row.slice(0, at)}A${row.slice(at + 1)}`)
      const fresh = encrypted(store, { keys: provider })
      await record(async () => void (await fresh.get(key)))
      await record(() => fresh.put(key, plain))
      await record(() => fresh.rotateKeys())
      await record(() => fresh.keysInUse())
      await store.put(key, value)
    }
    const wrong = encrypted(store, { keys: { current: 'k1', keys: { k1: newKey(), k2: newKey() } } })
    await record(() => wrong.get(key))
    await record(() => wrong.rotateKeys())
    await record(() => safe.put('datakey/shared', plain))
    await record(() => safe.put(key, `${plain}\ud800`))
    await record(() => safe.shredTenant('acme'))

    const text = shown.join('\n')
    expect(dataKeys.length).toBeGreaterThan(3)
    for (const secret of [plain, keys.k1, keys.k2, ...dataKeys]) {
      for (const spelling of spellings(secret)) expect(text).not.toContain(spelling)
    }
  })

  it('do not appear in the error of a rejected key', () => {
    const good = newKey()
    const bytes = fromBase64(good) ?? new Uint8Array()
    const bad: readonly (() => unknown)[] = [
      () => localKeyring(good.slice(4)),
      () => localKeyring(`${good.slice(0, -4)}????`),
      () => localKeyring({ current: 'k2', keys: { k1: good, k2: good } }),
      () => localKeyring({ current: good, keys: { k1: good } }),
      () => localKeyring({ current: 'k1', keys: { k1: newKey(), [good]: 'k1' } }),
      () => localKeyring(`${hexOf(bytes)}00`),
    ]
    for (const make of bad) {
      let error: unknown
      try {
        make()
      } catch (thrown) {
        error = thrown
      }
      expect(error).toBeInstanceOf(Error)
      const text = `${everything(error)} ${causes(error)}`
      for (const spelling of [...spellings(bytes), good.slice(4, 20)]) expect(text).not.toContain(spelling)
    }
  })

  it('are detected if they are printed', () => {
    const shows = (secret: string | Uint8Array, leak: unknown): boolean =>
      spellings(secret).some((spelling) => everything(leak).includes(spelling))
    const { k1 } = keys
    for (const leak of [{ k1 }, new Map([[1, { k1 }]]), [...k1], hexOf(k1), { text: toBase64Url(k1) }, k1.buffer]) {
      expect(shows(k1, leak)).toBe(true)
    }
    expect(shows(plain, new Error(plain))).toBe(true)
    expect(shows(plain, new Error('one', { cause: { plain } }))).toBe(true)
    expect(shows(plain, { text: 'nothing' })).toBe(false)
  })
})
