import { describe, expect, test } from 'vitest'
import { fromBase64, toBase64, toBase64Url } from '../../src/encryption/base64url.ts'
import { fromCanonicalBase64Url } from '../../src/encryption/canonical-base64url.ts'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Bytes whose base64 has characters of both alphabets, in all three lengths of its end. */
const samples = [0, 1, 2, 3, 4, 5].map((length) => Uint8Array.from({ length }, (_, at) => 255 - at))

describe('base64url that can be written in one way only', () => {
  test('gives the bytes that it was made of', () => {
    for (const bytes of samples) expect(fromCanonicalBase64Url(toBase64Url(bytes))).toEqual(bytes)
  })

  test('does not open with another last character, though its bytes would be the same', () => {
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

  test('does not open in the other alphabet, padded, with space in it, or cut', () => {
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
