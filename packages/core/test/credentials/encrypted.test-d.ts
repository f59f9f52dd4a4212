import { expectTypeOf, test } from 'vitest'
import { encrypted } from '../../src/credentials/encrypted.ts'
import { memoryStore } from '../../src/ports/memory-store.ts'
import type { Store } from '../../src/ports/store.ts'

test('an encrypted store is a store, and can stand wherever one can', () => {
  expectTypeOf(encrypted(memoryStore(), { keys: 'key' })).toEqualTypeOf<Store>()
  expectTypeOf(encrypted).toBeCallableWith(memoryStore(), { keys: { current: 'k2', keys: { k1: 'a', k2: 'b' } } })
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
})
