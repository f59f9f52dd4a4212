import * as z from 'zod'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { defineConnector, get, noAuth, post, send, sendAll, tool, wait } from '@mcpclient/core/define'
import type { Run } from '@mcpclient/core/define'

const Any = z.looseObject({})

function setUp(
  run: () => Run<Record<string, unknown>>,
  answer: Parameters<typeof scriptedTransport>[0] = () => ({ json: {} }),
) {
  const steps = defineConnector({
    id: 'steps',
    name: 'Steps',
    baseUrl: 'https://steps.example/',
    auth: noAuth,
    tools: { work: tool({ description: 'Work.', effect: 'write', input: Any, output: Any, run }) },
  })
  const clock = createFakeClock()
  const transport = scriptedTransport(answer)
  const mcp = createMcpClient({ connectors: { steps: steps() }, clock, transport, retry: { attempts: 1 } })
  return { clock, transport, work: (options?: object) => mcp.as('ada').steps.call('work', {}, options) }
}

const tooMany = { code: 'API_INTERNAL_ERROR', message: 'steps.work makes more than 10000 requests in one call.' }

describe('a tool of several steps', () => {
  it('ends if it yields requests forever', async () => {
    const { work, transport } = setUp(function* () {
      for (;;) yield* send(post('x'), Any)
    })
    await expect(work()).rejects.toMatchObject(tooMany)
    expect(transport.requests).toHaveLength(10_000)
  })

  it('ends if it yields empty lists forever', async () => {
    const { work } = setUp(function* () {
      for (;;) yield* sendAll([], Any)
    })
    await expect(work()).rejects.toMatchObject(tooMany)
  })

  it('ends if it catches every failure forever', async () => {
    const { work } = setUp(function* () {
      for (;;) {
        try {
          yield* send(post('x'), Any)
        } catch {}
      }
    })
    await expect(work()).rejects.toMatchObject(tooMany)
  })

  it('counts a million requests before it sends one', async () => {
    const { work, transport } = setUp(function* () {
      yield* sendAll(
        Array.from({ length: 1_000_000 }, () => get('x')),
        Any,
      )
      return {}
    })
    await expect(work()).rejects.toMatchObject(tooMany)
    expect(transport.requests).toEqual([])
  })

  it('ends at the timeout, even if it catches the error', async () => {
    const { clock, work, transport } = setUp(
      function* () {
        for (;;) {
          try {
            yield* send(post('x'), Any)
          } catch {}
        }
      },
      () => new Promise<never>(() => undefined),
    )
    await expect(clock.until(work({ timeoutMs: 5000 }))).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    expect(clock.monotonic()).toBe(5000)
    expect(transport.requests).toHaveLength(1)
  })

  it('ends when the caller aborts, even if it catches the error', async () => {
    const controller = new AbortController()
    const { clock, work, transport } = setUp(
      function* () {
        for (;;) {
          try {
            yield* send(get('x'), Any)
          } catch {}
        }
      },
      () => new Promise<never>(() => undefined),
    )
    const settled = expect(work({ signal: controller.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    await clock.advance(0)
    controller.abort('text')
    await settled
    expect(transport.requests).toHaveLength(1)
  })

  it('sends all requests of a settled list, and returns each failure in its place', async () => {
    const { work, clock, transport } = setUp(
      function* () {
        const results = yield* sendAll([get('a'), get('b'), get('c')], Any, { settle: true, concurrency: 1 })
        return { codes: results.map(({ value, error }) => error?.code ?? value) }
      },
      ({ path }) => (path === '/b' ? { status: 404, json: {} } : { json: { path } }),
    )
    expect(await clock.until(work())).toEqual({ codes: [{ path: '/a' }, 'MCP_CLIENT_ERROR', { path: '/c' }] })
    expect(transport.requests).toHaveLength(3)
  })

  it('fails as a whole in a settled list once the call is over', async () => {
    const { clock, work, transport } = setUp(
      function* () {
        yield* sendAll([get('a'), get('b')], Any, { settle: true, concurrency: 1 })
        return {}
      },
      () => new Promise<never>(() => undefined),
    )
    await expect(clock.until(work({ timeoutMs: 5000 }))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(transport.requests).toHaveLength(1)
  })

  it('does not send waiting requests after one has failed', async () => {
    let count = 0
    const { work, clock, transport } = setUp(
      function* () {
        yield* sendAll(
          Array.from({ length: 50 }, () => post('x')),
          Any,
        )
        return {}
      },
      () => (++count === 1 ? { status: 400 } : { json: {} }),
    )
    await expect(work()).rejects.toMatchObject({ code: 'MCP_CLIENT_ERROR' })
    await clock.advance(1000)
    expect(transport.requests.length).toBeLessThan(20)
  })
})

describe('a response of 20,000 levels', () => {
  it('is reported as a schema mismatch, not as a fault of this library', async () => {
    type Nested = { readonly inner?: Nested | undefined }
    const Deep: z.ZodType<Nested> = z.object({ inner: z.lazy(() => Deep).optional() })
    const deep = `${'{"inner":'.repeat(20_000)}{}${'}'.repeat(20_000)}`
    const { work } = setUp(
      function* () {
        return yield* send(get('x'), Deep)
      },
      () => ({ text: deep, headers: { 'content-type': 'application/json' } }),
    )
    await expect(work()).rejects.toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
  })
})

describe('a wait between two requests', () => {
  function* polling() {
    yield* send(post('start'), Any)
    for (;;) {
      const { done } = yield* send(get('status'), z.looseObject({ done: z.boolean() }))
      if (done) return { done }
      yield* wait(10_000)
    }
  }
  const doneAt = (requests: number) => {
    let seen = 0
    return () => ({ json: { done: ++seen >= requests } })
  }

  it('lasts as long as the tool says', async () => {
    const { work, clock, transport } = setUp(polling, doneAt(4))
    expect(await clock.until(work())).toEqual({ done: true })
    expect(clock.monotonic()).toBe(20_000)
    expect(transport.requests).toHaveLength(4)
    expect(clock.pending).toBe(0)
  })

  it('ends at the time limit of the call', async () => {
    const { work, clock } = setUp(polling, doneAt(Infinity))
    const error = clock.until(work({ timeoutMs: 25_000 }))
    await expect(error).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: expect.stringContaining('while waiting for the provider to finish') as string,
      details: { outcome: 'unknown', completedSteps: 4 },
    })
    expect(clock.monotonic()).toBe(25_000)
    expect(clock.pending).toBe(0)
  })

  it('ends with the signal of the caller, even if the tool catches that', async () => {
    const stop = new AbortController()
    const { work, clock, transport } = setUp(function* () {
      for (;;) {
        try {
          yield* wait(1000)
        } catch {}
        yield* send(post('x'), Any)
      }
    })
    clock.schedule(2500, () => stop.abort())
    await expect(clock.until(work({ signal: stop.signal }))).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(transport.requests).toHaveLength(2)
  })
})
