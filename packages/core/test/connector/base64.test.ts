import { fromBase64, toBase64 } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'

describe('base64', () => {
  it.each([
    ['', []],
    ['AP/+', [0, 255, 254]],
    ['AP_-', [0, 255, 254]],
    ['AA==', [0]],
    ['AA', [0]],
  ])('decodes %j', (text, bytes) => {
    expect([...fromBase64(text)]).toEqual(bytes)
  })

  it('encodes every byte, of any number', () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 256)
    expect(fromBase64(toBase64(bytes))).toEqual(bytes)
  })

  it.each([['a'], ['&'], ['AP.+']])('rejects %j without repeating it', (text) => {
    expect(() => fromBase64(text)).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', message: 'A value is not base64.' }),
    )
  })
})
