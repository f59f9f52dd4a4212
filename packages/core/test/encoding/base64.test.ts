import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, fromCanonicalBase64Url, toBase64, toBase64Url } from '../../src/encoding/base64.ts'

const textOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')

it('decodes its own output in either alphabet, padded or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(toBase64(bytes)).toBe(btoa(textOf(bytes)))
      expect(toBase64Url(bytes)).toMatch(/^[\w-]*$/)
      for (const text of [toBase64(bytes), toBase64Url(bytes)]) expect(fromBase64(text)).toEqual(Uint8Array.from(bytes))
    }),
  )
})

it('encodes the examples of RFC 4648, section 10, and both characters of the URL alphabet', () => {
  const encoded = ['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar'].map((text) =>
    toBase64(new TextEncoder().encode(text)),
  )
  expect(encoded).toEqual(['', 'Zg==', 'Zm8=', 'Zm9v', 'Zm9vYg==', 'Zm9vYmE=', 'Zm9vYmFy'])
  expect(toBase64Url(Uint8Array.from([251, 255, 254]))).toBe('-__-')
})

it('encodes a megabyte without exceeding the arguments that an engine allows', () => {
  const bytes = Uint8Array.from({ length: 1_048_577 }, (_, index) => index % 251)
  const back = fromBase64(toBase64Url(bytes))
  expect(back).toHaveLength(bytes.length)
  expect(back?.every((byte, index) => byte === index % 251)).toBe(true)
})

it('returns undefined for anything that is not base64', () => {
  for (const text of ['*', 'a', 'ab=c', 'grüße', '🙂']) expect(fromBase64(text)).toBeUndefined()
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Bytes whose base64 contains characters of both alphabets, with all three paddings. */
const samples = [0, 1, 2, 3, 4, 5].map((length) => Uint8Array.from({ length }, (_, at) => 255 - at))

describe('fromCanonicalBase64Url', () => {
  it('decodes the canonical encoding', () => {
    for (const bytes of samples) expect(fromCanonicalBase64Url(toBase64Url(bytes))).toEqual(bytes)
  })

  it('rejects another last character, even if the bytes would be the same', () => {
    let sameBytes = 0
    for (const bytes of samples) {
      const text = toBase64Url(bytes)
      for (const last of alphabet) {
        const other = text.slice(0, -1) + last
        if (text === '' || other === text) continue
        const lenient = fromBase64(other)
        if (lenient === undefined || toBase64Url(lenient) !== other) {
          sameBytes += 1
          expect(fromCanonicalBase64Url(other)).toBeUndefined()
        } else {
          expect(fromCanonicalBase64Url(other)).toEqual(lenient)
        }
      }
    }
    expect(sameBytes).toBeGreaterThan(100)
  })

  it('rejects the other alphabet, padding, white space and a cut text', () => {
    for (const bytes of samples.slice(1)) {
      const text = toBase64Url(bytes)
      for (const other of [
        toBase64(bytes),
        `${text}=`,
        ` ${text}`,
        `${text}\n`,
        `${text.slice(0, 1)} ${text.slice(1)}`,
      ]) {
        if (other !== text) expect(fromCanonicalBase64Url(other)).toBeUndefined()
      }
    }
    for (const text of ['A', 'AAAAA', 'é', 'AA.A', '/w', '+w']) expect(fromCanonicalBase64Url(text)).toBeUndefined()
  })
})
