import { inspect } from 'node:util'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it, vi } from 'vitest'
import { secretReader } from '../../src/secrets/secret-reader.ts'
import type { SecretSource } from '../../src/secrets/secret-source.ts'
import { ConnectorError } from '../../src/errors/connector-error.ts'

const MINUTE = 60_000

function setUp(options: { readonly ttlMs?: number; readonly staleMs?: number } = {}) {
  const clock = createFakeClock()
  const read = vi.fn<SecretSource['read']>(async (reference) => `${reference} at ${clock.monotonic()}`)
  const reader = secretReader({ sources: [{ scheme: 'test', read }], clock, ...options })
  return { clock, read, reader }
}

const down = async (): Promise<string> => {
  throw new ConnectorError('MCP_CONNECTION_ERROR', 'Nobody answers.')
}

describe('a secret', () => {
  it('is read once, and again after ttlMs', async () => {
    const { clock, read, reader } = setUp({ ttlMs: MINUTE })
    expect(await reader.read('test:a')).toBe('a at 0')
    await clock.advance(MINUTE - 1)
    expect(await reader.read('test:a')).toBe('a at 0')
    await clock.advance(1)
    expect(await reader.read('test:a')).toBe(`a at ${MINUTE}`)
    expect(read).toHaveBeenCalledTimes(2)
  })

  it('is cached for five minutes by default', async () => {
    const { clock, reader } = setUp()
    await reader.read('test:a')
    await clock.advance(5 * MINUTE - 1)
    expect(await reader.read('test:a')).toBe('a at 0')
    await clock.advance(1)
    expect(await reader.read('test:a')).toBe(`a at ${5 * MINUTE}`)
  })

  it('is shared by concurrent reads', async () => {
    const { read, reader } = setUp()
    const answers = await Promise.all(Array.from({ length: 20 }, () => reader.read('test:a')))
    expect(new Set(answers).size).toBe(1)
    expect(read).toHaveBeenCalledTimes(1)
    await Promise.all([reader.read('test:b'), reader.read('test:c')])
    expect(read).toHaveBeenCalledTimes(3)
  })

  it('is read again after forget()', async () => {
    const { read, reader } = setUp()
    await reader.read('test:a')
    await reader.read('test:b')
    reader.forget('test:a')
    await reader.read('test:a')
    await reader.read('test:b')
    expect(read).toHaveBeenCalledTimes(3)
    reader.forget()
    await reader.read('test:b')
    expect(read).toHaveBeenCalledTimes(4)
  })

  it('is not cached if it is forgotten during a read: the value may be from before the rotation', async () => {
    const { read, reader } = setUp()
    let respond: (secret: string) => void = () => {}
    read.mockImplementationOnce(() => new Promise((resolve) => (respond = resolve)))
    const early = reader.read('test:a')
    reader.forget('test:a')
    const late = reader.read('test:a')
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2))
    respond('the old one')
    expect([await early, await late, await reader.read('test:a')]).toEqual(['the old one', 'a at 0', 'a at 0'])
  })
})

describe('a source that is unreachable', () => {
  it('causes an error if there is no cached value, and is called again at once', async () => {
    const { read, reader } = setUp()
    read.mockImplementationOnce(down)
    expect((await errorOf(reader.read('test:a'))).code).toBe('MCP_CONNECTION_ERROR')
    expect(await reader.read('test:a')).toBe('a at 0')
  })

  it('leaves the last secret valid for staleMs more, and is called at intervals', async () => {
    const { clock, read, reader } = setUp({ ttlMs: MINUTE, staleMs: 2 * MINUTE })
    await reader.read('test:a')
    read.mockImplementation(down)
    await clock.advance(MINUTE)
    expect(await reader.read('test:a')).toBe('a at 0')
    expect(await reader.read('test:a')).toBe('a at 0')
    expect(read).toHaveBeenCalledTimes(2)
    await clock.advance(30_000)
    expect(await reader.read('test:a')).toBe('a at 0')
    expect(read).toHaveBeenCalledTimes(3)
    await clock.advance(90_000)
    expect((await errorOf(reader.read('test:a'))).code).toBe('MCP_CONNECTION_ERROR')
  })

  it('causes an error instead of an old secret if staleMs is 0', async () => {
    const { clock, read, reader } = setUp({ ttlMs: MINUTE, staleMs: 0 })
    await reader.read('test:a')
    read.mockImplementation(down)
    await clock.advance(MINUTE)
    expect((await errorOf(reader.read('test:a'))).code).toBe('MCP_CONNECTION_ERROR')
  })

  it('removes the cached secret if it reports that the secret is gone', async () => {
    const { clock, read, reader } = setUp({ ttlMs: MINUTE })
    await reader.read('test:a')
    read.mockImplementation(async () => {
      throw new ConnectorError('CONFIGURATION_ERROR', 'There is no such secret.')
    })
    await clock.advance(MINUTE)
    expect((await errorOf(reader.read('test:a'))).code).toBe('CONFIGURATION_ERROR')
    read.mockImplementation(down)
    expect((await errorOf(reader.read('test:a'))).code).toBe('MCP_CONNECTION_ERROR')
  })
})

describe('a waiting read', () => {
  it('ends for the caller that aborts, and for no other', async () => {
    const { read, reader } = setUp()
    let respond: (secret: string) => void = () => {}
    read.mockImplementation(() => new Promise((resolve) => (respond = resolve)))
    const controller = new AbortController()
    const impatient = errorOf(reader.read('test:a', { signal: controller.signal }))
    const patient = reader.read('test:a', { signal: new AbortController().signal })
    await vi.waitFor(() => expect(read).toHaveBeenCalled())
    controller.abort()
    expect((await impatient).code).toBe('CANCELLED')
    respond('here')
    expect(await patient).toBe('here')
    expect((await errorOf(reader.read('test:b', { signal: controller.signal }))).code).toBe('CANCELLED')
    respond('too')
  })

  it('ends after ten seconds by default', async () => {
    const { clock, read, reader } = setUp()
    read.mockImplementation(() => new Promise(() => {}))
    const waiting = errorOf(reader.read('test:a'))
    await clock.advance(10_000)
    expect((await waiting).code).toBe('TIMEOUT')
    expect(clock.pending).toBe(0)
  })
})

it('rejects a value that is not a reference without showing it: it may be the secret itself', async () => {
  const { reader } = setUp()
  const error = await errorOf(reader.read('canary-secret'))
  expect(error.code).toBe('CONFIGURATION_ERROR')
  expect(JSON.stringify(error)).not.toContain('canary')
  expect(error.advice).toContain('test:')
  expect(error.advice).toContain('env:')
})

it('shows no secret in any property of a reader', async () => {
  const { reader, read } = setUp()
  read.mockResolvedValue('canary-secret')
  await reader.read('test:a')
  expect(inspect(reader, { depth: 20, showHidden: true })).not.toContain('canary')
  expect(JSON.stringify(reader)).toBe('{}')
})
