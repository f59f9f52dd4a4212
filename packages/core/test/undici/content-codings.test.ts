import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { codingsIn, decoded } from '../../src/undici/content-codings.ts'

const plain = 'a body that is long enough to be read in parts. '.repeat(200)

const bodyOf = (...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })

const textOf = (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text()

const brokenOff = (cause: unknown) => new Error('The response broke off.', { cause })

describe('codingsIn', () => {
  it.each([
    ['gzip', ['gzip']],
    ['GZIP , br', ['gzip', 'br']],
    ['identity', []],
    ['identity, deflate', ['deflate']],
    ['x-gzip', ['x-gzip']],
    ['', []],
  ])('reads %j', (header, codings) => {
    expect(codingsIn(header)).toEqual(codings)
  })

  it.each(['zstd', 'gzip, zstd', 'zstd, gzip'])('decodes nothing of %j, because one coding is unknown', (header) => {
    expect(codingsIn(header)).toEqual([])
  })

  it('accepts five codings and not six', () => {
    const header = (count: number) => Array.from({ length: count }, () => 'gzip').join(',')
    expect(codingsIn(header(5))).toHaveLength(5)
    expect(codingsIn(header(6))).toEqual([])
  })
})

describe('decoded', () => {
  it.each([
    ['gzip', gzipSync(plain)],
    ['x-gzip', gzipSync(plain)],
    ['br', brotliCompressSync(plain)],
    ['deflate', deflateSync(plain)],
    ['deflate', deflateRawSync(plain)],
    ['deflate, gzip', gzipSync(deflateSync(plain))],
    ['br, deflate', deflateSync(brotliCompressSync(plain))],
  ])('decodes %s', async (header, bytes) => {
    expect(await textOf(decoded(bodyOf(bytes), codingsIn(header), brokenOff))).toBe(plain)
  })

  it('returns an empty body as it is', async () => {
    expect(await textOf(decoded(bodyOf(), ['deflate', 'gzip'], brokenOff))).toBe('')
  })

  it('reports bytes that cannot be decoded as a failure of the response', async () => {
    const bytes = gzipSync(plain)
    for (const broken of [new TextEncoder().encode('not compressed'), bytes.subarray(0, bytes.length - 20)]) {
      await expect(textOf(decoded(bodyOf(broken), ['gzip'], brokenOff))).rejects.toThrow('The response broke off.')
    }
  })

  it.each([0, 1])('fails with the error of its source after %i chunks', async (count) => {
    const chunks = [gzipSync(plain).subarray(0, 20)].slice(0, count)
    const lost = new Error('The connection was lost.')
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        const chunk = chunks.shift()
        if (chunk === undefined) controller.error(lost)
        else controller.enqueue(chunk)
      },
    })
    await expect(textOf(decoded(source, ['gzip'], brokenOff))).rejects.toBe(lost)
  })

  it('cancels its source when it is cancelled', async () => {
    const reasons: unknown[] = []
    const source = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(gzipSync(plain))
      },
      cancel(reason) {
        reasons.push(reason)
      },
    })
    const reader = decoded(source, ['gzip'], brokenOff).getReader()
    await reader.read()
    await reader.cancel('enough')
    expect(reasons).toEqual(['enough'])
  })
})
