import { createMcpClient, fetchTransport, TransportError } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

describe('against the service', () => {
  it('escapes every name', async () => {
    const client = start()
    expect(await client.call('greet', { name: 'Ada' })).toEqual({ message: 'Hello, Ada!' })
    const name = 'notes?limit=1#Ada/../Reed'
    expect(await client.call('greet', { name })).toEqual({ message: `Hello, ${name}!` })
    expect((await errorOf(client.call('greet', { name: '..' }))).code).toBe('INVALID_INPUT')
  })

  it('leaves a note once for each key, and reads all notes page by page', async () => {
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

  it('removes a note with the call that its undo returns', async () => {
    const client = start()
    const before = [...server.notes]
    const input = { text: 'Oops.' }
    const output = await client.call('leave_note', input)
    const { undo } = hello.tools['leave_note'] ?? {}
    const reversal = typeof undo === 'function' ? undo({ input, output } as never) : undefined
    expect(reversal).toEqual({ tool: 'remove_note', input: { id: output.id } })
    expect(await client.call('remove_note', { id: output.id })).toEqual({ removed: true })
    expect(server.notes).toEqual(before)
  })
})

describe('after a lost response', () => {
  it('leaves the note again under the same key', async () => {
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
