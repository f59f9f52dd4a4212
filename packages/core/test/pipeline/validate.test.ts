import { errorOf, scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { describe, expect, it } from 'vitest'
import { causeOf, createMcpClient } from '@mcpclient/core'
import { defineConnector, get, noAuth, tool } from '@mcpclient/core/define'

const listNotes = tool({
  description: 'List the notes.',
  effect: 'read',
  input: z.object({ folder: z.string().trim().default('inbox'), limit: z.number().default(20) }),
  output: z.unknown(),
  request: (input) => get('notes', { ...input }),
})

const broken = new Error('The schema has a bug.')

const getNote = tool({
  description: 'Read one note.',
  effect: 'read',
  input: z.object({
    id: z.string().refine(() => {
      throw broken
    }),
  }),
  output: z.unknown(),
  request: ({ id }) => get('note', { id }),
})

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.example/',
  auth: noAuth,
  tools: { list_notes: listNotes, get_note: getNote },
})

function start() {
  const transport = scriptedTransport(() => ({ json: {} }))
  const mcp = createMcpClient({ connectors: { notes: notes() }, transport })
  return { transport, notes: mcp.as('ada').notes }
}

describe('the input of a call', () => {
  it('reaches the connector with the defaults of its schema filled in', async () => {
    const { transport, notes: view } = start()
    await view.call('list_notes', {})
    await view.call('list_notes', { limit: 5 })
    expect(transport.requests.map(({ url }) => url)).toEqual([
      'https://notes.example/notes?folder=inbox&limit=20',
      'https://notes.example/notes?folder=inbox&limit=5',
    ])
  })

  it('has no field that is undefined', async () => {
    const inputs: object[] = []
    const editNote = tool({
      description: 'Change fields of a note.',
      effect: 'read',
      input: z
        .object({ text: z.string().optional(), tag: z.string().nullable().optional() })
        .refine((changes) => Object.keys(changes).length > 0, 'Pass a field.'),
      output: z.unknown(),
      request: (changes) => {
        inputs.push(changes)
        return get('note')
      },
    })
    const connector = defineConnector({
      ...{ id: 'notes', name: 'Notes', baseUrl: 'https://notes.example/', auth: noAuth },
      tools: { edit_note: editNote },
    })
    const transport = scriptedTransport(() => ({ json: {} }))
    const view = createMcpClient({ connectors: { notes: connector() }, transport }).as('ada').notes
    await view.call('edit_note', { text: undefined, tag: null })
    expect(inputs.map((each) => Object.entries(each))).toEqual([[['tag', null]]])
    expect(await errorOf(view.call('edit_note', { text: undefined }))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('reaches the connector as the schema transforms it', async () => {
    const { transport, notes: view } = start()
    await view.call('list_notes', { folder: ' work ' })
    expect(transport.requests[0]?.url).toBe('https://notes.example/notes?folder=work&limit=20')
  })

  it('is rejected with the issues of the schema before anything is sent', async () => {
    const { transport, notes: view } = start()
    const error = await errorOf(view.call('list_notes', { limit: '5' as never }))
    expect(error).toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringMatching(/^The input of list_notes is invalid: /) as string,
      details: { issues: [{ path: 'limit' }], outcome: 'not_processed' },
    })
    expect(transport.requests).toEqual([])
  })

  it('is rejected with the error that its schema throws as the cause', async () => {
    const error = await errorOf(start().notes.call('get_note', { id: 'n1' }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(causeOf(error)).toBe(broken)
  })
})
