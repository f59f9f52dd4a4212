import * as z from 'zod'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { FakeClock, ScriptedResponse } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, partialOf } from '@mcpclient/core'
import type { McpClientOptions, Transport } from '@mcpclient/core'
import { defineConnector, errorTable, eventStream, get, noAuth, post, tool, valueAt } from '@mcpclient/core/define'
import type { ErrorTable, Failure, Reply, StreamReading } from '@mcpclient/core/define'

const never = () => new Promise<never>(() => undefined)
const item: StreamReading['item'] = ({ data }) => JSON.parse(data) as unknown
const end: StreamReading['end'] = ({ data }) => data === '[DONE]'

interface Options extends Omit<McpClientOptions<object>, 'connectors'> {
  readonly reading?: Partial<StreamReading>
  readonly failure?: ErrorTable | ((reply: Reply) => Failure | undefined)
}

function setUp(
  answer: ScriptedResponse | Transport | ((clock: FakeClock) => Transport),
  { reading, failure, ...options }: Options = {},
) {
  const stream = eventStream({ item, ...reading })
  const watch = tool({
    description: 'Watch.',
    effect: 'read',
    input: z.object({}),
    output: z.object({ n: z.number() }),
    request: () => get('watch'),
    stream,
  })
  const start = tool({
    description: 'Start.',
    effect: 'write',
    input: z.object({}),
    output: z.object({ n: z.number() }),
    request: () => post('start'),
    stream,
  })
  const watcher = defineConnector({
    id: 'watcher',
    name: 'Watcher',
    baseUrl: 'https://watcher.example/',
    auth: noAuth,
    errors: failure,
    tools: { watch, start },
  })
  const clock = createFakeClock()
  const transport =
    typeof answer === 'function' ? answer(clock) : 'send' in answer ? answer : scriptedTransport([answer])
  const retry = { attempts: 1 }
  const mcp = createMcpClient({ retry, ...options, connectors: { watcher: watcher() }, clock, transport })
  return { clock, watcher: mcp.as('ada').watcher }
}

/** Returns a transport whose stream ignores cancellation and signals. */
const streaming = (source: Partial<UnderlyingDefaultSource<Uint8Array>>, type = 'text/event-stream'): Transport => ({
  send: () =>
    Promise.resolve({
      status: 200,
      headers: { get: (name) => (name === 'content-type' ? type : null) },
      text: never,
      bytes: never,
      stream: () => new ReadableStream<Uint8Array>({ ...source, cancel: never }, { highWaterMark: 0 }),
    }),
})

const bytesOf = (text: string) => new TextEncoder().encode(text)
const chunks = (...texts: readonly string[]): Transport => {
  const left = texts.map(bytesOf)
  return streaming({
    pull(controller) {
      const next = left.shift()
      if (next === undefined) controller.close()
      else controller.enqueue(next)
    },
  })
}

/** Returns a stream with one chunk every 20 s; undefined closes it. */
const paced = (textOf: (beat: number) => string | undefined) => (clock: FakeClock) => {
  let beat = 0
  return streaming({
    async pull(controller) {
      await new Promise<void>((resolve) => {
        clock.schedule(20_000, resolve)
      })
      const text = textOf(beat++)
      if (text === undefined) controller.close()
      else controller.enqueue(bytesOf(text))
    },
  })
}

async function taken<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = []
  for await (const each of items) all.push(each)
  return all
}

describe('a silent stream', () => {
  async function* silent() {
    yield { data: { n: 1 } }
    await never()
  }

  it.each(['call', 'stream'] as const)('ends after the request timeout, read with %s()', async (how) => {
    const { clock, watcher } = setUp({ events: silent() }, { timeouts: { requestMs: 5000, callMs: 60_000 } })
    const reading = how === 'call' ? watcher.call('watch', {}) : taken(watcher.stream('watch', {}))
    await expect(clock.until(reading)).rejects.toMatchObject({
      code: 'TIMEOUT',
      message: 'The stream of watcher sent nothing for 5000 ms.',
    })
    expect(clock.monotonic()).toBe(5000)
    expect(clock.pending).toBe(0)
  })

  it('ends even if the transport ignores signals and cancellation', async () => {
    const { clock, watcher } = setUp(streaming({ pull: never }))
    await expect(clock.until(watcher.call('watch', {}))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.pending).toBe(0)
  })

  it('has its own timeout if the tool declares one', async () => {
    const { clock, watcher } = setUp({ events: silent() }, { reading: { idleTimeoutMs: 45_000 } })
    await expect(clock.until(watcher.call('watch', {}))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBe(45_000)
  })

  it('keeps the received items on the error, but not in its JSON', async () => {
    const { clock, watcher } = setUp({ events: silent() })
    const error = await errorOf(clock.until(watcher.call('watch', {})))
    expect(partialOf(error)).toEqual([{ n: 1 }])
    expect(error.details).toMatchObject({ received: 1, toolName: 'watch' })
    expect(JSON.stringify(error)).not.toContain('"n"')
  })

  it('is not ended by a slow consumer', async () => {
    const { clock, watcher } = setUp({ events: [{ data: { n: 1 } }, { data: { n: 2 } }] })
    const seen: number[] = []
    for await (const { n } of watcher.stream('watch', {})) {
      seen.push(n)
      await clock.advance(50_000)
    }
    expect(seen).toEqual([1, 2])
  })

  it('treats comments as activity', async () => {
    const { clock, watcher } = setUp(
      paced((beat) => (beat < 3 ? ': still here\n\n' : beat === 3 ? 'data: {"n":1}\n\n' : undefined)),
    )
    await expect(clock.until(watcher.call('watch', {}))).resolves.toEqual([{ n: 1 }])
  })
})

describe('an endless stream', () => {
  const endless = (data: string): Transport =>
    streaming({ pull: (controller) => controller.enqueue(bytesOf(`data: ${data}\n\n`)) })

  it.each(['call', 'stream'] as const)('ends at maxResponseBytes, read with %s()', async (how) => {
    const { watcher } = setUp(endless('{"n":1}'), { maxResponseBytes: 100_000 })
    const reading = how === 'call' ? watcher.call('watch', {}) : taken(watcher.stream('watch', {}))
    await expect(reading).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'The stream of watcher is longer than 100000 bytes.',
    })
  })

  it("ends at the tool's own maxBytes", async () => {
    const { watcher } = setUp(endless('{"n":1}'), { maxResponseBytes: 100, reading: { maxBytes: 3000 } })
    const error = await errorOf(watcher.call('watch', {}))
    expect(error.message).toBe('The stream of watcher is longer than 3000 bytes.')
    expect(partialOf(error)).toHaveLength(200)
  })

  it("ends at the call's time limit", async () => {
    const { clock, watcher } = setUp(
      paced(() => 'data: {"n":1}\n\n'),
      { timeouts: { callMs: 90_000 } },
    )
    const error = await errorOf(clock.until(watcher.call('watch', {})))
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'The stream of watcher did not end within 90000 ms.' })
    expect(partialOf(error)).toHaveLength(4)
    expect(clock.monotonic()).toBe(90_000)
  })
})

describe('a response that is not an event stream', () => {
  const refusals: readonly (readonly [string, ScriptedResponse, object])[] = [
    ['200 with JSON', { json: { n: 1 } }, { code: 'DATA_TRANSFORMATION_ERROR' }],
    ['200 with text', { text: 'data: {"n":1}\n\n' }, { code: 'DATA_TRANSFORMATION_ERROR' }],
    [
      '200 with a web page',
      { text: '<html>', headers: { 'content-type': 'text/html' } },
      { code: 'DATA_TRANSFORMATION_ERROR' },
    ],
    ['200 without anything', {}, { code: 'DATA_TRANSFORMATION_ERROR' }],
    [
      '200 with a type that only begins the same',
      { text: '', headers: { 'content-type': 'text/event-streams' } },
      { code: 'DATA_TRANSFORMATION_ERROR' },
    ],
    ['503', { status: 503, json: {} }, { code: 'MCP_SERVER_ERROR', details: { status: 503 } }],
  ]
  it.each(refusals)('is a failure: %s', async (_what, answer, expected) => {
    await expect(setUp(answer).watcher.call('watch', {})).rejects.toMatchObject(expected)
    await expect(taken(setUp(answer).watcher.stream('watch', {}))).rejects.toMatchObject(expected)
  })

  it('is described in the error', async () => {
    await expect(setUp({ json: {} }).watcher.call('watch', {})).rejects.toMatchObject({
      message: 'watcher sent the content type application/json where watch expects an event stream.',
    })
  })

  it('leaves the outcome of a write unknown', async () => {
    await expect(setUp({ json: {} }).watcher.call('start', {})).rejects.toMatchObject({
      details: { outcome: 'unknown' },
    })
  })

  it.each([200, 400])('is passed to failure with status %i', async (status) => {
    const failure = ({ body }: Reply): Failure | undefined =>
      typeof body === 'object' ? { code: 'QUOTA_EXCEEDED', message: 'No credits left.' } : undefined
    const { watcher } = setUp({ status, json: { ok: false } }, { failure })
    await expect(watcher.call('watch', {})).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED' })
  })

  it.each([
    'text/event-stream',
    'text/event-stream; charset=utf-8',
    'Text/Event-Stream;charset=utf-8',
    ' text/event-stream ',
  ])('is detected by the content type "%s"', async (type) => {
    const answer = { text: 'data: {"n":1}\n\n', headers: { 'content-type': type } }
    await expect(setUp(answer).watcher.call('watch', {})).resolves.toEqual([{ n: 1 }])
  })
})

describe('an item that reports an error', () => {
  const overloaded = { error: { type: 'overloaded', message: 'Too many\u0000 herons' } }
  const events = { events: [{ data: { n: 1 } }, { data: overloaded }, { data: { n: 3 } }] }
  const failure = errorTable(
    { code: 'error.type', refused: (body) => valueAt(body, 'error') !== undefined },
    { overloaded: { code: 'MCP_SERVER_ERROR', hint: 'Count later.', notProcessed: true } },
  )

  it("is a failure by the connector's errors, like a response", async () => {
    const error = await errorOf(setUp(events, { failure }).watcher.call('watch', {}))
    expect(error.toJSON()).toMatchObject({
      code: 'MCP_SERVER_ERROR',
      message: 'Watcher failed to process watch (200, GET /watch): Too many herons.',
      advice: 'Count later.',
      details: { serverId: 'watcher', toolName: 'watch', status: 200, providerCode: 'overloaded', received: 1 },
    })
    expect(partialOf(error)).toEqual([{ n: 1 }])
  })

  it('fails a consumer of stream() after the items before it', async () => {
    const { clock, watcher } = setUp(events, { failure })
    const items = watcher.stream('watch', {})
    expect(await items.next()).toEqual({ done: false, value: { n: 1 } })
    await expect(items.next()).rejects.toMatchObject({ code: 'MCP_SERVER_ERROR' })
    expect(clock.pending).toBe(0)
  })

  it('leaves the outcome of a write unknown, whatever the errors prove for a response', async () => {
    const error = await errorOf(setUp(events, { failure }).watcher.call('start', {}))
    expect(error.details.outcome).toBe('unknown')
    expect(error.retryable).toBe(false)
  })

  it('is read by a function as well', async () => {
    const read = ({ status, body }: Reply): Failure | undefined =>
      status === 200 && valueAt(body, 'n') === 2 ? { code: 'QUOTA_EXCEEDED' } : undefined
    const { watcher } = setUp({ events: [{ data: { n: 1 } }, { data: { n: 2 } }] }, { failure: read })
    await expect(watcher.call('watch', {})).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED', details: { received: 1 } })
  })

  it('does not fit the schema if the errors do not know it', async () => {
    const { watcher } = setUp(events, { failure: errorTable({ code: 'error.type' }, {}) })
    await expect(watcher.call('watch', {})).rejects.toMatchObject({ code: 'DATA_TRANSFORMATION_ERROR' })
  })
})

describe('a stream that closes', () => {
  const one = { events: [{ data: { n: 1 } }] }

  it('is a failure that keeps the items if the declared end event is missing', async () => {
    const error = await errorOf(setUp(one, { reading: { end } }).watcher.call('watch', {}))
    expect(error).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { reason: 'stream_unfinished', received: 1, serverId: 'watcher', toolName: 'watch' },
    })
    expect(partialOf(error)).toEqual([{ n: 1 }])
  })

  it('fails a consumer of stream() after its items if it is unfinished', async () => {
    const items = setUp(one, { reading: { end } }).watcher.stream('watch', {})
    expect(await items.next()).toEqual({ done: false, value: { n: 1 } })
    await expect(items.next()).rejects.toMatchObject({ details: { reason: 'stream_unfinished' } })
  })

  it('leaves the outcome of a write unknown if it is unfinished', async () => {
    const { watcher } = setUp(one, { reading: { end } })
    await expect(watcher.call('start', {})).rejects.toMatchObject({ details: { outcome: 'unknown' } })
  })

  it('is a success with its end event, or if none is declared', async () => {
    const done = { events: [{ data: { n: 1 } }, '[DONE]', { data: { n: 2 } }] }
    await expect(setUp(done, { reading: { end } }).watcher.call('watch', {})).resolves.toEqual([{ n: 1 }])
    await expect(setUp(one).watcher.call('watch', {})).resolves.toEqual([{ n: 1 }])
  })

  it('is a success with the item that is the last one, and a failure without it', async () => {
    const last: StreamReading['last'] = ({ data }) => data === '{"n":2}'
    const done = { events: [{ data: { n: 1 } }, { data: { n: 2 } }, { data: { n: 3 } }] }
    await expect(setUp(done, { reading: { last } }).watcher.call('watch', {})).resolves.toEqual([{ n: 1 }, { n: 2 }])
    await expect(setUp(one, { reading: { last } }).watcher.call('watch', {})).rejects.toMatchObject({
      details: { reason: 'stream_unfinished', received: 1 },
    })
  })

  it('is empty after a 204, and unfinished if an end event is declared', async () => {
    await expect(setUp({ status: 204 }).watcher.call('watch', {})).resolves.toEqual([])
    await expect(setUp({ status: 204 }, { reading: { end } }).watcher.call('watch', {})).rejects.toMatchObject({
      details: { reason: 'stream_unfinished' },
    })
  })

  it('leaves no timer behind, however it ends', async () => {
    for (const answer of [one, { status: 204 }, { json: {} }]) {
      const { clock, watcher } = setUp(answer)
      await watcher.call('watch', {}).catch(() => undefined)
      expect(clock.pending).toBe(0)
    }
  })

  it('leaves no timer behind if its consumer stops early', async () => {
    const { clock, watcher } = setUp(
      streaming({ pull: (controller) => controller.enqueue(bytesOf('data: {"n":1}\n\n')) }),
    )
    for await (const { n } of watcher.stream('watch', {})) {
      expect(n).toBe(1)
      break
    }
    expect(clock.pending).toBe(0)
  })
})

describe('the events of a stream', () => {
  const read = (transport: Transport, reading: Partial<StreamReading> = {}) =>
    setUp(transport, {
      maxResponseBytes: 1e9,
      reading: { item: ({ data, event, id }) => ({ n: 0, seen: seen.push([event, data, id]) }), ...reading },
    }).watcher.call('watch', {})
  let seen: (readonly [string, string, string | undefined])[] = []

  const spellings: readonly (readonly [string, readonly string[]])[] = [
    ['LF', ['event: a\ndata: 1\ndata: 2\nid: 7\n\ndata: 3\n\n']],
    ['CR', ['event: a\rdata: 1\rdata: 2\rid: 7\r\rdata: 3\r\r']],
    ['CR LF', ['event: a\r\ndata: 1\r\ndata: 2\r\nid: 7\r\n\r\ndata: 3\r\n\r\n']],
    [
      'CR LF cut between chunks',
      ['event: a\r', '\ndata: 1\r', '\ndata: 2\r\nid: 7\r', '\n\r', '\ndata: 3\r\n\r', '\n'],
    ],
    ['one character a chunk', [...'event: a\r\ndata: 1\r\ndata: 2\r\nid: 7\r\n\r\ndata: 3\r\n\r\n']],
    [
      'a byte order mark, comments and retry',
      ['\uFEFFevent: a\n: hi\nretry: 10\ndata: 1\ndata: 2\nid: 7\n\n\n\ndata: 3\n\ndata: cut'],
    ],
  ]
  it.each(spellings)('are parsed the same with %s', async (_name, texts) => {
    seen = []
    await read(chunks(...texts))
    expect(seen).toEqual([
      ['a', '1\n2', '7'],
      ['message', '3', '7'],
    ])
  })

  it('are parsed in time that is linear in the length of a line', async () => {
    seen = []
    const piece = 'x'.repeat(64)
    const texts = ['data: ', ...Array.from({ length: 20_000 }, () => piece), '\n\n']
    await read(chunks(...texts), { maxEventLength: 10_000_000 })
    expect(seen[0]?.[1]).toHaveLength(1_280_000)
  })

  it.each([
    ['one line', () => 'x'.repeat(64 * 1024)],
    ['many lines', () => `data: ${'x'.repeat(1000)}\ndata: `],
    ['empty lines of data', () => 'data\n'.repeat(10_000)],
    ['a comment', () => ' '.repeat(64 * 1024)],
  ])('are limited in their length: %s', async (_name, piece) => {
    const transport = streaming({
      start: (controller) => controller.enqueue(bytesOf('data: ')),
      pull: (controller) => controller.enqueue(bytesOf(piece())),
    })
    await expect(read(transport)).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      message: 'An event of the stream is longer than 1048576 characters.',
    })
  })

  it('may be as long as the limit', async () => {
    seen = []
    await read(chunks(`data: ${'x'.repeat(94)}\n\n`), { maxEventLength: 100 })
    expect(seen[0]?.[1]).toHaveLength(94)
  })
})

describe('a stream that fails after its response', () => {
  const breaker = { minimumCalls: 4 }
  const failure = errorTable(
    { code: 'error', refused: (body) => valueAt(body, 'error') !== undefined },
    {
      busy: { code: 'MCP_RATE_LIMIT_EXCEEDED' },
      broken: { code: 'MCP_SERVER_ERROR' },
      wrong: { code: 'MCP_CLIENT_ERROR' },
    },
  )
  const reporting = (error: string, headers: Readonly<Record<string, string>> = {}) =>
    scriptedTransport(() => ({ events: [{ data: { n: 1 } }, { data: { error } }], headers }))

  it.each([
    ['opens the breaker after errors of the service', reporting('broken'), 'CIRCUIT_OPEN'],
    ['opens the breaker after streams without an end', scriptedTransport(() => ({ events: [] })), 'CIRCUIT_OPEN'],
    ['leaves the breaker closed after errors of the client', reporting('wrong'), 'MCP_CLIENT_ERROR'],
  ])('%s', async (_what, transport, code) => {
    const { watcher } = setUp(transport, { failure, breaker, reading: { end } })
    const failing = () => errorOf(taken(watcher.stream('watch', {})))
    for (let call = 0; call < 4; call++) await failing()
    expect((await failing()).code).toBe(code)
  })

  it('leaves the breaker closed if it is silent for too long', async () => {
    const { clock, watcher } = setUp(streaming({ pull: never }), { breaker })
    const failing = () => clock.until(errorOf(taken(watcher.stream('watch', {}))))
    for (let call = 0; call < 4; call++) await failing()
    expect((await failing()).code).toBe('TIMEOUT')
  })

  it('delays the next request if it is rate limited', async () => {
    const { clock, watcher } = setUp(reporting('busy', { 'retry-after': '30' }), { failure })
    const failing = () => clock.until(errorOf(taken(watcher.stream('watch', {}))))
    expect(await failing()).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED', details: { retryAfterMs: 30_000 } })
    expect(clock.monotonic()).toBe(0)
    await failing()
    expect(clock.monotonic()).toBe(30_000)
  })
})
