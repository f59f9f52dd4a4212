import { createFakeClock } from '@mcpclient/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { Listening } from '../../src/http/listening.ts'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'

const clients: { close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

const stream = (text: string) => new Response(text, { headers: { 'content-type': 'text/event-stream' } })

/** Lets pending work run: the SDK's own timers take a millisecond here. */
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 1))
}

function listeningTo(respond: () => Response) {
  const server = rogueHttpServer({ json: true })
  const clock = createFakeClock()
  server.respond = ({ method }) => (method === 'GET' ? respond() : undefined)
  const mcp = createMcpClient({
    connectors: {
      docs: mcpServer({ url: 'https://docs.example/mcp', fetch: server.fetch, clock, versions: 'legacy' }),
    },
    clock,
  })
  clients.push(mcp)
  const gets = () => server.requests.filter(({ method }) => method === 'GET').length
  return { docs: mcp.as('ada').docs, clock, gets }
}

describe('the stream for unrequested messages', () => {
  it.each([
    ['a stream that ends', () => stream('retry: 1\n\n')],
    ['an empty stream', () => stream('retry: 1\n')],
    ['a stream of comments', () => stream('retry: 1\n: hello\n\n')],
    ['a stream of priming events', () => stream('retry: 1\ndata:\n\n')],
  ])('is opened with growing delays, and then no more, if the server returns %s', async (_, respond) => {
    const { docs, clock, gets } = listeningTo(respond)
    await docs.call('echo', {})
    await turns(40)
    expect(gets()).toBe(1)
    const opened: number[] = []
    for (const seconds of [1, 2, 4, 8, 16, 32, 60, 3600]) {
      await clock.advance(seconds * 1000 - 1)
      await turns(5)
      const before = gets()
      await clock.advance(1)
      await turns(10)
      opened.push(gets() - before)
    }
    expect(opened.slice(0, 5)).toEqual([1, 1, 1, 1, 1])
    expect(opened.slice(5)).toEqual([0, 0, 0])
    expect(gets()).toBe(6)
    expect(resultText(await docs.call('echo', { n: 1 }))).toBe('{"n":1}')
  })

  it.each([
    ['a web page', () => new Response('<html></html>', { headers: { 'content-type': 'text/html' } })],
    ['JSON', () => Response.json({ status: 'ok' })],
    ['202', () => new Response(null, { status: 202 })],
    ['204', () => new Response(null, { status: 204 })],
    ['200 without a type', () => new Response('')],
    ['202 with a stream', () => new Response('', { status: 202, headers: { 'content-type': 'text/event-stream' } })],
    ['405', () => new Response(null, { status: 405 })],
  ])('is not opened again if the server returns %s', async (_, respond) => {
    const { docs, clock, gets } = listeningTo(respond)
    await docs.call('echo', {})
    for (let minute = 0; minute < 3; minute++) {
      await clock.advance(60_000)
      await turns(10)
    }
    expect(gets()).toBe(1)
  })

  it('is opened at most once a second if each stream brings one message', async () => {
    const message = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { level: 'info', data: 1 },
    })
    const { docs, clock, gets } = listeningTo(() => stream(`retry: 1\ndata: ${message}\n\n`))
    await docs.call('echo', {})
    await turns(20)
    expect(gets()).toBe(1)
    for (let second = 1; second <= 10; second++) {
      await clock.advance(1000)
      await turns(10)
      expect(gets()).toBe(1 + second)
    }
  })
})

describe('a stream that was open for a while', () => {
  it('is opened again after a second, however often a proxy closes it', async () => {
    const clock = createFakeClock()
    const listening = new Listening(clock)
    for (let time = 0; time < 20; time++) {
      let end = (): void => undefined
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        start: (controller) => {
          end = () => {
            controller.close()
          }
        },
      })
      const opening = listening.open({}, () =>
        Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } })),
      )
      await clock.advance(1000)
      const response = await opening
      expect(response.status).toBe(200)
      const read = response.text()
      await clock.advance(60_000)
      end()
      await read
    }
  })
})

describe('a stream that resumes a response', () => {
  it('is opened without a delay at first, and again without a limit', async () => {
    const clock = createFakeClock()
    const listening = new Listening(clock)
    const init = { headers: { 'last-event-id': '7' } }
    const open = () => listening.open(init, () => Promise.resolve(stream('id: 8\ndata:\n\n')))
    await (await open()).text()
    for (let time = 0; time < 20; time++) {
      const opening = open()
      await clock.advance(5000)
      expect((await opening).status).toBe(200)
      await (await opening).text()
    }
  })
})

it('stops waiting for its delay when its request is aborted', async () => {
  const clock = createFakeClock()
  const listening = new Listening(clock)
  const send = () => Promise.resolve(stream('data: x\n\n'))
  await (await listening.open({}, send)).text()
  const over = new AbortController()
  const opening = listening.open({ signal: over.signal }, send)
  expect(clock.pending).toBe(1)
  over.abort(new Error('The client was closed.'))
  await expect(opening).rejects.toThrow('The client was closed.')
  expect(clock.pending).toBe(0)
})
