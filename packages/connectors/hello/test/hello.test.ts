import { ConnectorError, createMcpClient, fetchTransport, TransportError } from '@mcpclient/core'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hello } from '../src/index.ts'
import { startHelloServer } from './hello-server.ts'
import type { HelloServer } from './hello-server.ts'

let server: HelloServer

beforeAll(async () => {
  server = await startHelloServer()
})

afterAll(() => server[Symbol.asyncDispose]())

function start() {
  const connectors = { hello: hello({ baseUrl: server.baseUrl }) }
  return createMcpClient({ connectors, transport: fetchTransport() }).as('ada').hello
}

const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => (ConnectorError.is(error) ? error.code : String(error)),
  )

describe('against the service', () => {
  test('a name stays a name, whatever is in it', async () => {
    const client = start()
    expect(await client.call('greet', { name: 'Ada' })).toEqual({ message: 'Hello, Ada!' })
    const name = 'notes?limit=1#Ada/../Reed'
    expect(await client.call('greet', { name })).toEqual({ message: `Hello, ${name}!` })
    expect(await codeOf(client.call('greet', { name: '..' }))).toBe('INVALID_INPUT')
  })

  test('a note is left once for each key, and all are read page by page', async () => {
    const client = start()
    const note = await client.call('leave_note', { text: 'Lovely place.' }, { idempotencyKey: 'visit-1' })
    expect(await client.call('leave_note', { text: 'Lovely place.' }, { idempotencyKey: 'visit-1' })).toEqual(note)
    await client.call('leave_note', { text: 'Windy, though.' })
    await client.call('leave_note', { text: 'And wet.' })
    expect(server.notes.map(({ text }) => text)).toEqual(['Lovely place.', 'Windy, though.', 'And wet.'])

    expect(await client.call('list_notes', { limit: 2 })).toEqual({ notes: server.notes, complete: true })
    const sizes: number[] = []
    for await (const { notes } of client.pages('list_notes', { limit: 2 })) sizes.push(notes.length)
    expect(sizes).toEqual([2, 1])
  })
})

describe('when an answer is lost', () => {
  test('the note is left again under the same key', async () => {
    const note = { id: '1', text: 'Lovely place.' }
    const transport = scriptedTransport([new TransportError('It hung up.', { sent: true }), { json: note }])
    const clock = createFakeClock()
    const mcp = createMcpClient({ connectors: { hello: hello() }, transport, clock })
    expect(await clock.until(mcp.as('ada').hello.call('leave_note', { text: 'Lovely place.' }))).toEqual(note)
    const [first, second] = transport.requests.map(({ headers }) => headers['idempotency-key'])
    expect(first).toMatch(/\S/)
    expect(second).toBe(first)
  })
})
