import * as z from 'zod'
import {
  bearer,
  cursorPages,
  defineConnector,
  del,
  eventStream,
  get,
  path,
  post,
  send,
  sendAll,
  tool,
} from '@mcpclient/core/define'

/** A sample service with a tool of every shape. */
const Note = z.object({ id: z.string(), text: z.string() })

const getNote = tool({
  description: 'Read one note.',
  effect: 'read',
  input: z.object({ id: z.string() }),
  output: Note,
  request: ({ id }) => get(path`notes/${id}`),
})

const createNote = tool({
  description: 'Write a note.',
  effect: 'write',
  input: z.object({ text: z.string().min(1) }),
  output: Note,
  request: ({ text }) => post('notes', { text }),
})

const createOnce = tool({
  description: 'Write a note, once even if it is sent twice.',
  effect: 'write',
  idempotencyKey: { header: 'Idempotency-Key' },
  input: z.object({ text: z.string() }),
  output: Note,
  request: ({ text }) => post('notes', { text }),
})

const deleteNote = tool({
  description: 'Delete a note.',
  effect: 'destroy',
  idempotent: true,
  input: z.object({ id: z.string() }),
  output: z.object({ deleted: z.boolean() }),
  request: ({ id }) => del(path`notes/${id}`),
})

const listNotes = tool({
  description: 'List the notes.',
  effect: 'read',
  input: z.object({ folder: z.string().default('inbox') }),
  output: z.object({ notes: z.array(Note) }),
  request: ({ folder }) => get('notes', { folder }),
  pages: cursorPages({ items: 'notes', next: 'next', param: 'cursor', max: 3 }),
})

const copyNotes = tool({
  description: 'Read notes and write one out of them.',
  effect: 'write',
  input: z.object({ ids: z.array(z.string()) }),
  output: Note,
  *run({ ids }) {
    const notes = yield* sendAll(
      ids.map((id) => get(path`notes/${id}`)),
      Note,
      { concurrency: 2 },
    )
    return yield* send(post('notes', { text: notes.map(({ text }) => text).join('+') }), Note)
  },
})

const watchNotes = tool({
  description: 'Watch the notes change.',
  effect: 'read',
  input: z.object({}),
  output: Note,
  request: () => get('watch'),
  stream: eventStream({ item: ({ data }) => JSON.parse(data) as unknown, end: ({ data }) => data === '[DONE]' }),
})

export const demo = defineConnector({
  id: 'demo',
  name: 'Demo',
  baseUrl: ({ settings }) => `https://${settings.region}.demo.example/v1/`,
  hosts: ['files.demo.example'],
  auth: bearer(),
  settings: z.object({ region: z.string().default('eu') }),
  check: {
    request: get('me'),
    account: (body) => z.object({ id: z.string(), name: z.string() }).safeParse(body).data,
  },
  tools: {
    get_note: getNote,
    create_note: createNote,
    create_once: createOnce,
    delete_note: deleteNote,
    list_notes: listNotes,
    copy_notes: copyNotes,
    watch_notes: watchNotes,
  },
  events: { changed: z.object({ id: z.string() }) },
})
