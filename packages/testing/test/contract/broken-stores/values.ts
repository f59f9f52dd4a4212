import { broken } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

export const values: readonly BrokenStore[] = [
  broken(
    'responses another version than get',
    'get returns the stored value with the version that put returned',
    (good) => ({
      async put(key, value, options) {
        const result = await good.put(key, value, options)
        return 'version' in result ? { version: `${result.version}.0` } : result
      },
    }),
  ),
  broken('keeps the first value', 'a second put replaces the first', ({ get, put }) => ({
    async put(key, value, options) {
      const stored = options === undefined ? await get(key) : undefined
      return put(key, stored?.value ?? value, options)
    },
  })),
  broken('responses null for nothing', 'a key that was never written reads as undefined', ({ get }) => ({
    // @ts-expect-error what a driver without types may return
    get: async (key) => (await get(key)) ?? null,
  })),
  broken('takes empty for absent', 'an empty value is a value', ({ get }) => ({
    async get(key) {
      const stored = await get(key)
      return stored?.value === '' ? undefined : stored
    },
  })),
  broken('trims values', 'strings are returned exactly', ({ put }) => ({
    put: (key, value, options) => put(key, value.trim(), options),
  })),
  broken('cuts values at 64 KiB', 'a value of 1 MiB is returned whole, as is its encrypted() form', (good) => ({
    put: (key, value, options) => good.put(key, value.slice(0, 65_536), options),
  })),
  broken('cuts keys at 255 characters', 'keys of 512 characters that differ in the last one are distinct', (good) => ({
    get: (key) => good.get(key.slice(0, 255)),
    put: (key, value, options) => good.put(key.slice(0, 255), value, options),
  })),
  broken('compares keys without their case', 'similar keys are different keys', (good) => ({
    get: (key) => good.get(key.toLowerCase()),
    put: (key, value, options) => good.put(key.toLowerCase(), value, options),
    delete: (key, options) => good.delete(key.toLowerCase(), options),
    list: (prefix, options) => good.list(prefix.toLowerCase(), options),
  })),
  broken(
    'gives all keys one version',
    'writing or deleting one key leaves the others alone',
    ({ get, put, delete: remove }) => {
      let version = 0
      return {
        async get(key) {
          const stored = await get(key)
          return stored && { ...stored, version: String(version) }
        },
        async put(key, value, options) {
          await put(key, value, { ttlMs: options?.ttlMs })
          return { version: String(++version) }
        },
        delete: (key) => remove(key),
      }
    },
  ),
  broken(
    'says that it removed what was not there',
    'delete returns whether it removed a key',
    ({ delete: remove }) => ({
      async delete(key, options) {
        const isRemoved = await remove(key, options)
        return isRemoved || options?.ifVersion === undefined
      },
    }),
  ),
  broken(
    'takes any key',
    'a key that is not 1 to 512 characters of printable ASCII is rejected',
    ({ get, put, delete: remove }) => {
      const others = new Map<string, string>()
      const isFit = (key: string): boolean => /^[ -~]{1,512}$/.test(key)
      return {
        get: async (key) => (isFit(key) ? get(key) : { value: others.get(key) ?? '', version: '1' }),
        async put(key, value, options) {
          if (isFit(key)) return put(key, value, options)
          others.set(key, value)
          return { version: '1' }
        },
        delete: async (key, options) => (isFit(key) ? remove(key, options) : others.delete(key)),
      }
    },
  ),
  broken(
    'refuses a key with an error of the driver',
    'a key that is not 1 to 512 characters of printable ASCII is rejected',
    ({ put }) => ({
      async put(key, value, options) {
        if (key.length > 512) throw new Error('value too long for type character varying(512)')
        return put(key, value, options)
      },
    }),
  ),
  broken(
    'writes UTF-8, whatever becomes of half a surrogate pair',
    'strings without UTF-8 and strings with U+0000 are returned exactly or rejected',
    ({ put }) => ({ put: (key, value, options) => put(key, value.toWellFormed(), options) }),
  ),
  broken(
    'ends a value at U+0000',
    'strings without UTF-8 and strings with U+0000 are returned exactly or rejected',
    ({ put }) => ({ put: (key, value, options) => put(key, value.split('\0')[0] ?? '', options) }),
  ),
]
