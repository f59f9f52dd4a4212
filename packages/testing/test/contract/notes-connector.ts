import * as z from 'zod'
import {
  bearer,
  cursorPages,
  defineConnector,
  del,
  eventStream,
  get,
  linkPages,
  offsetPages,
  patch,
  path,
  post,
  send,
  tool,
} from '@mcpclient/core/define'
import { DefinedClient } from '@mcpclient/core'
import type { Failure, Reply, TypesOfFactory } from '@mcpclient/core/define'
import type { ConnectorFixture } from '../../src/contract/connector-checks/fixture.ts'

const Note = z.object({ id: z.string(), text: z.string() })

export const listNotes = tool({
  description: 'List the notes of this account, oldest first.',
  effect: 'read',
  scopes: ['notes:read'],
  input: z.object({ limit: z.number().int().max(100).default(50) }),
  output: z.object({ notes: z.array(Note), labels: z.record(z.string(), z.number()).optional() }),
  request: ({ limit }) => get('notes', { limit }),
  pages: cursorPages({ items: 'notes', next: 'next_cursor', param: 'cursor' }),
  examples: [{ input: { limit: 10 } }],
})

export const getNote = tool({
  description: 'Read one note by its id.',
  effect: 'read',
  input: z.object({ id: z.string() }),
  output: Note,
  request: ({ id }) => get(path`notes/${id}`),
})

export const createNote = tool({
  description: 'Write a new note into this account.',
  effect: 'write',
  input: z.object({ text: z.string().min(1) }),
  output: Note,
  request: ({ text }) => post('notes', { text }),
})

export const renameNote = tool({
  description: 'Give a note another text; safe to repeat under its key.',
  effect: 'write',
  idempotencyKey: { header: 'Idempotency-Key' },
  input: z.object({ id: z.string(), text: z.string() }),
  output: Note,
  request: ({ id, text }) => patch(path`notes/${id}`, { text }),
})

export const deleteNote = tool({
  description: 'Delete a note for good; the provider keeps no copy.',
  effect: 'destroy',
  idempotent: true,
  input: z.object({ id: z.string() }),
  output: z.object({ deleted: z.literal(true) }),
  request: ({ id }) => del(path`notes/${id}`),
})

const Draft = z.object({ draft: z.string() })
export const publishNote = tool({
  description: 'Make a draft of a note and publish it, in two steps.',
  effect: 'write',
  input: z.object({ id: z.string() }),
  output: Note,
  *run({ id }) {
    const { draft } = yield* send(post(path`notes/${id}/drafts`), Draft)
    return yield* send(post(path`drafts/${draft}/publish`), Note)
  },
})

export const searchNotes = tool({
  description: 'Find notes that hold a word.',
  effect: 'read',
  input: z.object({ word: z.string() }),
  output: z.object({ found: z.array(Note), total: z.number() }),
  request: ({ word }) => get('search', { word }),
  pages: offsetPages({ items: 'found', param: 'offset', total: 'total' }),
})

export const listFiles = tool({
  description: 'List the files that are attached to notes.',
  effect: 'read',
  input: z.object({}),
  output: z.object({
    files: z.array(z.object({ name: z.string(), meta: z.unknown().describe('Whatever the uploader said.') })),
  }),
  request: () => get('files'),
  pages: linkPages({ items: 'files' }),
})

export const followNotes = tool({
  description: 'Follow the changes of all notes, as they happen.',
  effect: 'read',
  input: z.object({}),
  output: z.object({ id: z.string() }),
  request: () => get('changes'),
  stream: eventStream({ item: ({ data }) => JSON.parse(data) as unknown, end: ({ data }) => data === '[DONE]' }),
})

const Refusal = z.object({ error: z.object({ code: z.string() }) })

/** A small service without a fault, and the ground that the broken ones stand on. */
export const definition = {
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://api.notes.example/v1/',
  auth: bearer(),
  hosts: ['files.notes.example'],
  limits: [{ scope: 'connection', requests: 50, perMs: 1000 }],
  errors: ({ status, body }: Reply): Failure | undefined => {
    const { data } = Refusal.safeParse(body)
    if (data === undefined || status === 401 || status === 429 || status >= 500) return undefined
    const { code } = data.error
    return { code: 'MCP_CLIENT_ERROR', message: `Notes said "${code}".`, providerCode: code }
  },
  check: {
    request: get('me'),
    account: (body: unknown) => ({ id: z.object({ id: z.string() }).parse(body).id }),
  },
  tools: {
    list_notes: listNotes,
    search_notes: searchNotes,
    list_files: listFiles,
    follow_notes: followNotes,
    get_note: getNote,
    create_note: createNote,
    rename_note: renameNote,
    delete_note: deleteNote,
    publish_note: publishNote,
  },
} as const

export const notes = defineConnector(definition)

/** The client that the runtime opens its connections through, for clients that get in between. */
export class NotesClient extends DefinedClient<TypesOfFactory<typeof notes>> {}

const a = { id: 'n1', text: 'Milk' }
const b = { id: 'n2', text: 'Bread' }
const c = { id: 'n3', text: 'Salt' }

/** Those of the other tools stand in `fixtures/`. */
export const fixtures: readonly ConnectorFixture[] = [
  {
    tool: 'list_notes',
    input: { limit: 2 },
    requests: [
      { method: 'GET', path: 'notes', query: { limit: 2 } },
      { method: 'GET', path: 'notes', query: { limit: 2, cursor: 'c2' } },
    ],
    responses: [
      { json: { notes: [a, b], next_cursor: 'c2', labels: { home: 2 } } },
      { json: { notes: [c], next_cursor: null } },
    ],
    output: { notes: [a, b, c], labels: { home: 2 } },
  },
  {
    tool: 'search_notes',
    input: { word: 'a' },
    request: { method: 'GET', path: 'search', query: { word: 'a' } },
    responses: [{ json: { found: [a, b], total: 3 } }, { json: { found: [c], total: 3 } }],
    output: { found: [a, b, c], total: 3 },
  },
  {
    tool: 'list_files',
    requests: [
      { method: 'GET', path: 'files' },
      { method: 'GET', path: 'https://files.notes.example/v1/files?page=2' },
    ],
    responses: [
      {
        json: { files: [{ name: 'a.png', meta: { by: 'ada' } }] },
        headers: { Link: '<https://files.notes.example/v1/files?page=2>; rel="next"' },
      },
      { json: { files: [{ name: 'b.png', meta: null }] } },
    ],
    output: {
      files: [
        { name: 'a.png', meta: { by: 'ada' } },
        { name: 'b.png', meta: null },
      ],
    },
  },
  {
    tool: 'follow_notes',
    request: { method: 'GET', path: 'changes' },
    response: { events: [{ data: { id: 'n1', by: 'ada' } }, { data: { id: 'n2' } }, '[DONE]'] },
    output: [{ id: 'n1' }, { id: 'n2' }],
  },
  {
    tool: 'rename_note',
    input: { id: 'n1', text: 'Oat milk' },
    request: { method: 'PATCH', path: 'notes/n1', json: { text: 'Oat milk' } },
    response: { json: { id: 'n1', text: 'Oat milk' } },
    output: { id: 'n1', text: 'Oat milk' },
  },
  {
    tool: 'delete_note',
    input: { id: 'n1' },
    request: { method: 'DELETE', path: 'notes/n1' },
    response: { json: { deleted: true } },
    output: { deleted: true },
  },
  {
    tool: 'publish_note',
    input: { id: 'n1' },
    requests: [
      { method: 'POST', path: 'notes/n1/drafts' },
      { method: 'POST', path: 'drafts/d1/publish' },
    ],
    responses: [{ json: { draft: 'd1' } }, { json: a }],
    output: a,
  },
]
