import { expectTypeOf, test } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import type { EncryptedStore } from '../../src/encryption/encrypted.ts'
import { localKeyring } from '../../src/encryption/local-keyring.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { Store } from '../../src/ports/store.ts'

test('an encrypted store is a store, and can stand wherever one can', () => {
  expectTypeOf(encrypted(memoryStore(), { keys: 'key' })).toEqualTypeOf<EncryptedStore>()
  expectTypeOf<EncryptedStore>().toExtend<Store>()
  expectTypeOf<Store>().not.toExtend<EncryptedStore>()
})

test('keys are one key, a keyring or a key provider', () => {
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: 'key' })
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: { current: 'k2', keys: { k1: 'a', k2: 'b' } } })
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: localKeyring('key') })
  expectTypeOf(localKeyring('key')).toEqualTypeOf<KeyProvider>()
})

test('keys are not optional, and one of them is the current one', () => {
  // @ts-expect-error an environment variable may be missing: the host has to say what happens then
  encrypted(memoryStore(), { keys: undefined as string | undefined })
  // @ts-expect-error there is no default key
  encrypted(memoryStore(), {})
  // @ts-expect-error which key is written with?
  encrypted(memoryStore(), { keys: { keys: { k1: 'a' } } })
  // @ts-expect-error a list has no ids
  encrypted(memoryStore(), { keys: ['a', 'b'] })
  // @ts-expect-error what is wrapped has to be unwrapped again
  encrypted(memoryStore(), { keys: { wrap: localKeyring('key').wrap } })
})

test('a rotation is one of two, and tells what it did', async () => {
  const store = encrypted(memoryStore(), { keys: 'key' })
  // @ts-expect-error no such mode
  await store.rotateKeys({ mode: 'rotate' })
  expectTypeOf(await store.rotateKeys({ mode: 'reencrypt', resume: true })).toExtend<{
    readonly finished: boolean
    readonly rewrapped: number
    readonly reencrypted: number
    readonly skipped: number
    readonly failed: number
  }>()
})
