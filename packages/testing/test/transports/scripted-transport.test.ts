import { describe, expect, it } from 'vitest'
import type { TransportRequest } from '@mcpclient/core'
import { scriptedTransport } from '@mcpclient/testing'
import type { ScriptedResponse } from '@mcpclient/testing'

const get = (url: string, more: Partial<TransportRequest> = {}): TransportRequest => ({
  method: 'GET',
  url,
  headers: {},
  ...more,
})
const items = get('https://api.example.com/items')

describe('responses', () => {
  it('are returned in order', async () => {
    const transport = scriptedTransport([{ status: 503 }, { json: { ok: true } }])
    expect((await transport.send(items)).status).toBe(503)
    const second = await transport.send(items)
    expect([second.status, second.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(JSON.parse(await second.text())).toEqual({ ok: true })
    transport.verify()
  })

  it('come from a function that sees the request', async () => {
    const transport = scriptedTransport((request, index) => ({ json: { asked: request.query['q'], index } }))
    await transport.send(get('https://api.example.com/search?q=one'))
    const response = await transport.send(get('https://api.example.com/search?q=two'))
    expect(JSON.parse(await response.text())).toEqual({ asked: 'two', index: 1 })
    transport.verify()
  })

  it('may be a function or an error inside a list', async () => {
    const transport = scriptedTransport([
      new Error('connection reset'),
      async ({ method }) => ({ text: method }),
      () => new Error('and again'),
    ])
    await expect(transport.send(items)).rejects.toThrow('connection reset')
    expect(await (await transport.send(items)).text()).toBe('GET')
    await expect(transport.send(items)).rejects.toThrow('and again')
  })

  it.each<[string, ScriptedResponse, string | null, string]>([
    ['text', { text: 'grüße' }, 'text/plain; charset=utf-8', 'grüße'],
    ['bytes', { bytes: new Uint8Array([104, 105]) }, 'application/octet-stream', 'hi'],
    ['JSON null', { json: null }, 'application/json; charset=utf-8', 'null'],
    ['nothing', { status: 204 }, null, ''],
    ['a type of its own', { headers: { 'Content-Type': 'text/html' }, text: '<p>' }, 'text/html', '<p>'],
    [
      'events',
      { events: ['one', { event: 'done', id: '7', retry: 5, data: { n: 1 } }, { data: 'two\nlines' }] },
      'text/event-stream',
      'data: one\n\nevent: done\nid: 7\nretry: 5\ndata: {"n":1}\n\ndata: two\ndata: lines\n\n',
    ],
  ])('hold %s', async (_name, scripted, type, text) => {
    const response = await scriptedTransport([scripted]).send(items)
    expect(response.headers.get('content-type')).toBe(type)
    expect(await response.text()).toBe(text)
  })

  it('join repeated headers, which are read in lower case', async () => {
    const transport = scriptedTransport([{ headers: { 'X-Limit': ['1, 1;w=1', '2, 100;w=60'] } }])
    const { headers } = await transport.send(items)
    expect(headers.get('x-limit')).toBe('1, 1;w=1, 2, 100;w=60')
    expect(headers.get('x-other')).toBeNull()
    expect(() => headers.get('X-Limit')).toThrow('lower-case')
  })

  it('reject two bodies and an invalid status', async () => {
    const transport = scriptedTransport([{ json: {}, text: '' }, { status: 42 }])
    await expect(transport.send(items)).rejects.toThrow('one body, but this one has json and text')
    await expect(transport.send(items)).rejects.toThrow('no HTTP status 42')
  })
})

async function* oneAndNoMore(): AsyncGenerator<string> {
  yield 'one'
  await new Promise(() => {})
}

describe('bodies', () => {
  it('can be read once, like real bodies', async () => {
    const response = await scriptedTransport([{ text: 'once' }]).send(items)
    expect(new TextDecoder().decode(await response.bytes())).toBe('once')
    await expect(response.text()).rejects.toThrow('read before')
    expect(() => response.stream()).toThrow('read before')
  })

  it('stream one chunk per event', async () => {
    const response = await scriptedTransport([{ events: ['one', 'two'] }]).send(items)
    const chunks: string[] = []
    for await (const chunk of response.stream() ?? []) chunks.push(new TextDecoder().decode(chunk))
    expect(chunks).toEqual(['data: one\n\n', 'data: two\n\n'])
  })

  it('have no stream if they are absent', async () => {
    const response = await scriptedTransport([{ status: 204 }]).send(items)
    expect(response.stream()).toBeNull()
  })

  it('fail when the request is aborted, even while no event arrives', async () => {
    const controller = new AbortController()
    const transport = scriptedTransport([{ events: oneAndNoMore() }])
    const response = await transport.send({ ...items, signal: controller.signal })
    const reader = (response.stream() ?? new ReadableStream<Uint8Array>()).getReader()
    expect(new TextDecoder().decode((await reader.read()).value)).toBe('data: one\n\n')
    const next = reader.read()
    controller.abort(new Error('the user left'))
    await expect(next).rejects.toThrow('the user left')
  })

  it('close their source when the stream is cancelled', async () => {
    let isEnded = false
    async function* events(): AsyncGenerator<string> {
      try {
        for (;;) yield 'tick'
      } finally {
        isEnded = true
      }
    }
    const response = await scriptedTransport([{ events: events() }]).send(items)
    const reader = (response.stream() ?? new ReadableStream<Uint8Array>()).getReader()
    await reader.read()
    await reader.cancel()
    expect(isEnded).toBe(true)
  })
})

describe('requests', () => {
  it('are recorded in parts', async () => {
    const transport = scriptedTransport(() => ({}))
    await transport.send({
      method: 'POST',
      url: 'https://api.example.com/v1/a%20b?tag=x&tag=y&q=1',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer abc' },
      body: '{"text":"Hi"}',
    })
    await transport.send({
      method: 'POST',
      url: 'https://api.example.com/token',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new TextEncoder().encode('grant_type=refresh_token&scope=a+b'),
    })
    expect(transport.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/a%20b',
        query: { tag: ['x', 'y'], q: '1' },
        headers: { 'content-type': 'application/json', authorization: 'Bearer abc' },
        json: { text: 'Hi' },
        form: undefined,
      },
      { path: '/token', query: {}, json: undefined, form: { grant_type: 'refresh_token', scope: 'a b' } },
    ])
  })

  it('record a body that is not JSON unchanged', async () => {
    const transport = scriptedTransport([{}])
    await transport.send({ ...items, method: 'PUT', body: 'plain' })
    expect(transport.requests[0]).toMatchObject({ body: 'plain', json: undefined, form: undefined })
  })

  it('are rejected without an absolute URL', async () => {
    await expect(scriptedTransport([{}]).send(get('/items'))).rejects.toThrow('needs an absolute URL, and got "/items"')
  })

  it('are not recorded if they are aborted before they are sent', async () => {
    const transport = scriptedTransport([{ text: 'still here' }])
    const aborted = AbortSignal.abort(new Error('too late'))
    await expect(transport.send({ ...items, signal: aborted })).rejects.toThrow('too late')
    expect(transport.requests).toEqual([])
    expect(await (await transport.send(items)).text()).toBe('still here')
  })

  it('are aborted even without a response', async () => {
    const controller = new AbortController()
    const transport = scriptedTransport([() => new Promise(() => {})])
    const sending = transport.send({ ...items, signal: controller.signal })
    controller.abort(new Error('time is up'))
    await expect(sending).rejects.toThrow('time is up')
    expect(transport.requests).toHaveLength(1)
  })
})

describe('the end of the script', () => {
  it('rejects one request too many by name, and verify repeats it', async () => {
    const transport = scriptedTransport([{}])
    await transport.send(items)
    const sentence = 'Request 2 (GET https://api.example.com/items) has no response: the script holds 1.'
    await expect(transport.send(items)).rejects.toThrow(sentence)
    expect(() => transport.verify()).toThrow(sentence)
  })

  it('makes verify name the unused responses', async () => {
    const transport = scriptedTransport([{}, {}, {}])
    await transport.send(items)
    expect(() => transport.verify()).toThrow('2 of the 3 scripted responses were never used.')
  })
})
