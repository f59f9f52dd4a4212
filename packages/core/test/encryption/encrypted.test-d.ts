import { expectTypeOf, it } from 'vitest'
import { encrypted } from '../../src/encryption/encrypted.ts'
import type { EncryptedStore } from '../../src/encryption/encrypted.ts'
import { localKeyring } from '../../src/encryption/local-keyring.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { KeyProvider } from '../../src/ports/key-provider.ts'
import type { Store } from '../../src/ports/store.ts'

it('accepts an encrypted store wherever a store is expected', () => {
  expectTypeOf(encrypted(memoryStore(), { keys: 'key' })).toEqualTypeOf<EncryptedStore>()
  expectTypeOf<EncryptedStore>().toExtend<Store>()
  expectTypeOf<Store>().not.toExtend<EncryptedStore>()
})

it('accepts one key, a keyring or a key provider', () => {
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: 'key' })
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: { current: 'k2', keys: { k1: 'a', k2: 'b' } } })
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: localKeyring('key') })
  expectTypeOf(localKeyring('key')).toEqualTypeOf<KeyProvider>()
})

it('requires keys, and a current one', () => {
  // @ts-expect-error an environment variable may be missing: the host has to handle that
  encrypted(memoryStore(), { keys: undefined as string | undefined })
  // @ts-expect-error there is no default key
  encrypted(memoryStore(), {})
  // @ts-expect-error the current key is missing
  encrypted(memoryStore(), { keys: { keys: { k1: 'a' } } })
  // @ts-expect-error a list has no ids
  encrypted(memoryStore(), { keys: ['a', 'b'] })
  // @ts-expect-error unwrap() is missing
  encrypted(memoryStore(), { keys: { wrap: localKeyring('key').wrap } })
})

it('types the two modes of a rotation and its report', async () => {
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
