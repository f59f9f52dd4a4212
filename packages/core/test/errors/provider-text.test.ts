import { describe, expect, it } from 'vitest'
import { providerText } from '../../src/errors/provider-text.ts'

describe('providerText', () => {
  it.each([
    ['a bidi override', 'paid \u202Etxt.exe\u202C', 'paid txt.exe'],
    ['bidi isolates and marks', '\u2066a\u2069\u200E\u200F\u061Cb', 'ab'],
    ['zero-width characters', 'to\u200Bk\u200C\u200De\u2060n\uFEFF', 'token'],
    ['a soft hyphen', 'pass\u00ADword', 'password'],
    ['tag characters', 'hi\u{E0069}\u{E0067}', 'hi'],
    ['variation selectors', 'a\uFE0F\u{E0100}b', 'ab'],
    ['fillers that look like nothing', 'a\u3164\u115F\uFFA0b', 'ab'],
    ['private use characters', 'a\uE000b', 'ab'],
    ['lone surrogates', 'a\uD800b\uDC00', 'ab'],
    ['control characters', 'a\u0000b\u001B[31mc\u0085d\u007Fe', 'a b [31mc d e'],
    ['line breaks of every kind', 'a\r\nb\u2028c\u2029d\ve\ff', 'a b c d e f'],
    ['spaces of every kind', ' a\u00A0\u3000\tb  ', 'a b'],
    ['letters of every script', 'Größe 東京 مرحبا 👍', 'Größe 東京 مرحبا 👍'],
  ])('normalizes %s', (_name, text, expected) => {
    expect(providerText(text)).toBe(expected)
  })

  it('keeps line breaks and indentation of multiline text', () => {
    const text = '\u0007Failed:\r\n\tone\u2028  two\u200B\u001B \n'
    expect(providerText(text, { multiline: true })).toBe('Failed:\n\tone\n  two')
    expect(providerText('x\n'.repeat(9), { multiline: true, maxLength: 4 })).toBe('x\nx…')
  })

  it('bounds the length without splitting a character', () => {
    expect(providerText('x'.repeat(201))).toBe(`${'x'.repeat(199)}…`)
    expect(providerText('aaaa👍👍', { maxLength: 6 })).toBe('aaaa…')
    expect(providerText('x'.repeat(200))).toHaveLength(200)
  })

  it('redacts a secret that invisible characters split, before it cuts', () => {
    const redact = (text: string) => text.replaceAll('secret', '[redacted]')
    expect(providerText('the sec\u200Bret', { redact })).toBe('the [redacted]')
    expect(providerText('the secret', { redact, maxLength: 9 })).toBe('the [red…')
  })
})
