import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromBase64, toBase64, toBase64Url } from '../../src/encryption/base64url.ts'

const textOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

test('bytes come back, from either alphabet, padded or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toBase64(bytes)).toBe(btoa(textOf(bytes)))
      expect(toBase64Url(bytes)).toMatch(/^[\w-]*$/)
      for (const text of [toBase64(bytes), toBase64Url(bytes)]) expect(fromBase64(text)).toEqual(Uint8Array.from(bytes))
    }),
  )
})

test('the examples of RFC 4648, section 10, and the two characters of the URL alphabet', () => {
  const encoded = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
    toBase64(new TextEncoder().encode(text)),
  )
  expect(encoded).toEqual(['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'])
  expect(toBase64Url(Uint8Array.from([251, 255, 254]))).toBe('-__-')
})

test('a megabyte is not too many arguments for the engine', () => {
  const bytes = Uint8Array.from({ length: 1_048_577 }, (_, index) => index % 251)
  const back = fromBase64(toBase64Url(bytes))
  expect(back).toHaveLength(bytes.length)
  expect(back?.every((byte, index) => byte === index % 251)).toBe(true)
})

test('what is not base64 is undefined, not an error and not garbage', () => {
  for (const text of ['*', 'a', 'ab=c', 'grüße', '🙂']) expect(fromBase64(text)).toBeUndefined()
})
