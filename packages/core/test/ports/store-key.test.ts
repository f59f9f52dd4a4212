import { describe, expect, it } from 'vitest'
import { assertStoreKey, isStoreKey, storeKey } from '../../src/ports/store.ts'

describe('a store key', () => {
  it.each(['a', ' ', '~', 'k'.repeat(512), storeKey('connection', 'slack', 'åda/\0🙂')])('accepts %j', (key) => {
    expect(isStoreKey(key)).toBe(true)
    expect(() => assertStoreKey(key)).not.toThrow()
  })

  it.each([
    ['', 'is empty'],
    ['k'.repeat(513), 'has 513 characters.'],
    ['tenant-åda', 'has other characters'],
    ['tenant-ada\n', 'has other characters'],
    ['tenant-ada\u007f', 'has other characters'],
  ])('rejects %j with a hint, without showing it: %s', (key, problem) => {
    expect(isStoreKey(key)).toBe(false)
    const refused = expect.objectContaining({
      code: 'INVALID_INPUT',
      message: expect.stringContaining(problem),
      details: { hint: expect.stringContaining('storeKey()') },
    })
    expect(() => assertStoreKey(key)).toThrow(refused)
    expect(() => assertStoreKey(key)).not.toThrow(/tenant-|kkk/)
  })
})
