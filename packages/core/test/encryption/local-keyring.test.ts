import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { toBase64, toBase64Url } from '../../src/encoding/base64.ts'
import { encrypted } from '../../src/encryption/encrypted.ts'
import { localKeyring } from '../../src/encryption/local-keyring.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { KeyContext } from '../../src/ports/key-provider.ts'
import { newKey, randomBytes } from './fake-kms.ts'

const [first, second] = [newKey(), newKey()]
const context: KeyContext = { purpose: 'test', owner: 'tenant/acme', dataKey: 'd1' }
const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

describe('a wrapped data key', () => {
  const ring = localKeyring({ current: 'k1', keys: { k1: first, k2: second } })

  it('unwraps to its input, in another process too, and differs each time', async () => {
    const dataKey = randomBytes(32)
    const [one, two] = [await ring.wrap(dataKey, context), await ring.wrap(dataKey, context)]
    expect(one.keyId).toBe('k1')
    expect(one.wrapped).not.toEqual(two.wrapped)
    expect(await localKeyring(first).unwrap(one, context)).toEqual(dataKey)
  })

  it('follows AES-256-GCM: IV, ciphertext, tag, and the context as associated data', async () => {
    const keyBytes = randomBytes(32)
    const dataKey = randomBytes(32)
    const { wrapped } = await localKeyring(toBase64(keyBytes)).wrap(dataKey, context)
    const key = await globalThis.crypto.subtle.importKey('raw', keyBytes, 'AES-GCM', false, ['decrypt'])
    const bytes = new Uint8Array(wrapped)
    const opened = await globalThis.crypto.subtle.decrypt(
      {
        name: 'AES-GCM',
        iv: bytes.subarray(0, 12),
        additionalData: new TextEncoder().encode('["k1","dataKey","d1","owner","tenant/acme","purpose","test"]'),
      },
      key,
      bytes.subarray(12),
    )
    expect(new Uint8Array(opened)).toEqual(dataKey)
  })

  it('does not unwrap with another context, under another id, or with a single bit changed', async () => {
    const { keyId, wrapped } = await ring.wrap(randomBytes(32), context)
    const said = 'A data key does not open under the key "k1".'
    for (const name of Object.keys(context)) {
      const other = { ...context, [name]: 'other' }
      expect((await errorOf(ring.unwrap({ keyId, wrapped }, other))).message).toContain(said)
    }
    expect((await errorOf(ring.unwrap({ keyId, wrapped }, { ...context, more: '' }))).message).toContain(said)
    expect((await errorOf(ring.unwrap({ keyId: 'k2', wrapped }, context))).message).toContain('under the key "k2"')
    expect(wrapped).toHaveLength(12 + 32 + 16)
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const flipped = Uint8Array.from(wrapped, (byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte))
      expect((await errorOf(ring.unwrap({ keyId, wrapped: flipped }, context))).message).toContain(said)
    }
    for (let length = 0; length < wrapped.length; length++) {
      expect((await errorOf(ring.unwrap({ keyId, wrapped: wrapped.slice(0, length) }, context))).message).toContain(
        said,
      )
    }
  })

  it('names the missing key in the error, and repeats nothing that is not an id', async () => {
    const { wrapped } = await ring.wrap(randomBytes(32), context)
    const later = localKeyring({ current: 'k3', keys: { k3: newKey() } })
    const error = await errorOf(later.unwrap({ keyId: 'k1', wrapped }, context))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.message).toBe('A data key is wrapped under the unknown key "k1".')
    expect((await errorOf(later.unwrap({ keyId: 'constructor', wrapped }, context))).message).toContain('"constructor"')
    expect((await errorOf(later.unwrap({ keyId: first, wrapped }, context))).message).not.toContain(first)
  })
})

describe('keys', () => {
  it('may be in base64, base64url or hex, with spaces around', async () => {
    const bytes = Uint8Array.from([251, 255, ...randomBytes(30)])
    const dataKey = randomBytes(32)
    const wrapped = await localKeyring(toBase64(bytes)).wrap(dataKey, context)
    const hex = hexOf(bytes)
    for (const text of [toBase64Url(bytes), hex, hex.toUpperCase(), `  ${toBase64(bytes)}\n`]) {
      expect(await localKeyring(text).unwrap(wrapped, context)).toEqual(dataKey)
    }
  })

  it('are never rejected if they are random', () => {
    for (let index = 0; index < 500; index++) {
      const bytes = randomBytes(32)
      for (const text of [toBase64(bytes), hexOf(bytes)]) expect(() => localKeyring(text)).not.toThrow()
    }
  })

  const base64Of = (bytes: number[]): string => toBase64(Uint8Array.from(bytes))
  it.each([
    ['nothing', '', 'is empty'],
    ['space', '  \n', 'is empty'],
    ['a sentence', 'correct horse battery staple!', 'is neither base64 nor hex'],
    ['16 bytes', toBase64(randomBytes(16)), 'has 16 bytes, but AES-256 needs 32'],
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
  ])('are rejected at once with a hint: %s', (_name, text, problem) => {
    for (const make of [() => localKeyring(text), () => encrypted(memoryStore(), { keys: text })]) {
      expect(make).toThrow(`The encryption key "k1" ${problem}`)
      expect(make).toThrow('Make one with: openssl rand -base64 32')
      if (text.trim() === '') continue
      expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining(text) as string }))
    }
  })

  it('are rejected as empty if an environment variable is not set', () => {
    const keys = undefined as unknown as string
    expect(() => encrypted(memoryStore(), { keys })).toThrow('The encryption key "k1" is empty.')
  })

  it('are rejected if weak, even if they are not the current one', () => {
    expect(() => localKeyring({ current: 'k2', keys: { k1: 'weak', k2: second } })).toThrow(
      'The encryption key "k1" has 3 bytes',
    )
  })

  it('are rejected if one key has two names in any encoding, because nothing would be rotated', () => {
    const bytes = randomBytes(32)
    expect(() => localKeyring({ current: 'k2', keys: { k1: toBase64(bytes), k2: hexOf(bytes) } })).toThrow(
      'The encryption keys "k1" and "k2" are the same key.',
    )
  })

  it('are rejected if the current one is missing', () => {
    for (const current of ['k9', 'constructor', '']) {
      expect(() => localKeyring({ current, keys: { k1: first } })).toThrow(
        expect.objectContaining({
          code: 'CONFIGURATION_ERROR',
          details: { choices: ['k1'], hint: 'Set current to the id of one of the keys.' },
        }),
      )
    }
  })

  it('are rejected if an id would break the format, without showing it: it may be a key', () => {
    expect(() => localKeyring({ current: first, keys: { [first]: 'k1' } })).toThrow(
      'The id of encryption key 1 is invalid.',
    )
  })
})
