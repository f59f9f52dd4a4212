import { afterEach, describe, expect, it, vi } from 'vitest'
import { causeOf } from '@mcpclient/core'
import type { RequestSpec } from '@mcpclient/core/define'
import { readBody } from '../../src/pipeline/read-body.ts'

interface Given {
  readonly status?: number
  readonly type?: string
  readonly read?: RequestSpec['read']
  readonly bigIntegers?: RequestSpec['bigIntegers']
}

/** Reads a body of a response. */
function reading(taken: string | Uint8Array, { status = 200, type = 'application/json', ...how }: Given = {}) {
  const headers = { get: (name: string) => (name === 'content-type' ? type : null) }
  const untouched = (): never => {
    throw new Error('The body was taken before.')
  }
  const response = { status, headers, text: untouched, bytes: untouched, stream: untouched }
  return readBody(response, taken, { method: 'GET', path: 'x', ...how }, 'any')
}

afterEach(() => {
  vi.restoreAllMocks()
})

const problemOf = (...given: Parameters<typeof reading>) => reading(...given).problem?.message

describe('text that is not JSON', () => {
  it.each([400, 404, 500])('is the body of a response with status %i', (status) => {
    expect(reading('No such thing', { status })).toEqual({ body: 'No such thing' })
  })

  it.each([200, 399])('is a problem of a response with status %i', (status) => {
    const { body, problem } = reading('No such thing', { status })
    expect(body).toBeUndefined()
    expect(problem).toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: `any responded ${status} with something that is not JSON.`,
      details: { status, hint: expect.stringMatching(/base URL/) as string },
    })
    expect(causeOf(problem)).toBeInstanceOf(SyntaxError)
  })

  it('is the body if the content type is text', () => {
    expect(reading('[not json', { type: 'text/plain' })).toEqual({ body: '[not json' })
  })

  it('is a problem of application/json with any parameters', () => {
    expect(problemOf('nope', { type: 'application/json; profile="https://any.example/xml"' })).toContain('not JSON')
  })

  it('is a problem if the request asks for JSON, with any content type', () => {
    expect(problemOf('[not json', { type: 'text/plain', read: 'json' })).toBe(
      'any responded 200 with something that is not JSON.',
    )
  })
})

describe('a web page', () => {
  const page = '<!doctype html><title>Log in</title>'

  it.each([
    ['by its content type', 'Log in', 'text/html'],
    ['by its doctype', page, 'application/json'],
    ['by its first tag', '\n<HTML lang="en">', ''],
  ])('is a problem of a success, and is detected %s', (_how, text, type) => {
    const { body, problem } = reading(text, { type })
    expect(body).toBeUndefined()
    expect(problem?.message).toBe('any responded 200 with a web page.')
  })

  it.each([400, 502])('is the body and a problem of a response with status %i', (status) => {
    const { body, problem } = reading(page, { status, type: 'text/html' })
    expect(body).toBe(page)
    expect(problem?.message).toBe(`any responded ${status} with a web page.`)
  })
})

describe('a byte order mark', () => {
  it.each([
    ['at the start of text', '\uFEFFü', 'ü'],
    ['at the end of text', 'ü\uFEFF', 'ü\uFEFF'],
    ['twice', '\uFEFF\uFEFFü', '\uFEFFü'],
  ])('is removed only from the start: %s', (_where, text, expected) => {
    expect(reading(text, { type: 'text/plain' }).body).toBe(expected)
  })

  it.each([
    ['UTF-16, big endian', [0xfe, 0xff, 0x00, 0xfc], 'ü'],
    ['UTF-16, little endian', [0xff, 0xfe, 0xfc, 0x00], 'ü'],
    ['UTF-8', [0xef, 0xbb, 0xbf, 0xc3, 0xbc], 'ü'],
  ])('overrides the charset: %s', (_encoding, bytes, expected) => {
    expect(reading(Uint8Array.from(bytes), { type: 'text/plain; charset=iso-8859-1' }).body).toBe(expected)
  })

  it.each([
    ['þa', [0xfe, 0x61]],
    ['aÿ', [0x61, 0xff]],
    ['ÿa', [0xff, 0x61]],
    ['aþ', [0x61, 0xfe]],
    ['ï»a', [0xef, 0xbb, 0x61]],
    ['ïa¿', [0xef, 0x61, 0xbf]],
    ['a»¿', [0x61, 0xbb, 0xbf]],
  ])('is not detected in %s, which begins with a part of one', (expected, bytes) => {
    expect(reading(Uint8Array.from(bytes), { type: 'text/plain; charset=iso-8859-1' }).body).toBe(expected)
  })
})

describe('a charset', () => {
  it.each([
    ['is UTF-8 if there is none', 'text/plain', [0xc3, 0xbc], 'ü'],
    ['is UTF-8 if it is a part of UTF-8', 'text/plain; charset=us-ascii', [0xc3, 0xbc], 'ü'],
    ['is UTF-8 if it is unknown', 'text/plain; charset=no-such-thing', [0xc3, 0xbc], 'ü'],
    ['may be in quotation marks', 'text/plain; charset="iso-8859-1"', [0xfc], 'ü'],
    ['may follow another parameter', 'text/plain; format=flowed; charset=iso-8859-1', [0xfc], 'ü'],
  ])('is used: %s', (_rule, type, bytes, expected) => {
    expect(reading(Uint8Array.from(bytes), { type }).body).toBe(expected)
  })
})

it('reports a big integer that the runtime cannot read exactly', () => {
  const parse = JSON.parse
  // Node 20 and earlier do not pass the source text to the reviver.
  vi.spyOn(JSON, 'parse').mockImplementation((text, revive) =>
    parse(text, revive && ((key, value: unknown) => revive.call({}, key, value) as unknown)),
  )
  expect(problemOf('{"id":9007199254740993}', { bigIntegers: 'string' })).toBe(
    'This runtime cannot read big integers exactly.',
  )
})
