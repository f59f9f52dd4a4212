import { cursorPages, defineConnector, get, noAuth, path, post, tool } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as z from 'zod'

const Note = z.object({ id: z.string(), text: z.string() })

/** A read: one request, as a value. `path` escapes what is put into it. */
const greet = tool({
  description: 'Answer a greeting for a name. Changes nothing.',
  effect: 'read',
  input: z.object({ name: z.string().min(1).describe('Who is to be greeted.') }),
  output: z.object({ message: z.string() }),
  request: ({ name }) => get(path`greetings/${name}`),
  examples: [{ input: { name: 'Ada' } }],
})

/** A write that is safe to repeat: the service knows it again by this header, so a lost answer may be asked for anew. */
const leaveNote = tool({
  description: 'Leave a note for whoever reads the guest book. Answers the note with its id.',
  effect: 'write',
  idempotencyKey: { header: 'Idempotency-Key' },
  input: z.object({ text: z.string().min(1).max(280) }),
  output: Note,
  request: ({ text }) => post('notes', { text }),
  examples: [{ input: { text: 'Lovely place.' } }],
})

/** A list in pages: `call` gathers them, `pages` gives them one by one. */
const listNotes = tool({
  description: 'List the notes in the guest book, oldest first.',
  effect: 'read',
  input: z.object({ limit: z.number().int().min(1).max(100).default(20).describe('Notes a page.') }),
  output: z.object({ notes: z.array(Note) }),
  request: ({ limit }) => get('notes', { limit }),
  pages: cursorPages({ items: 'notes', next: 'next_cursor', param: 'cursor' }),
})

const definition = defineConnector({
  id: 'hello',
  name: 'Hello',
  description: 'A guest book that greets people and keeps their notes.',
  baseUrl: 'https://hello.example/v1/',
  auth: noAuth,
  limits: [{ scope: 'app', requests: 50, perMs: 1_000 }],
  tools: { greet, leave_note: leaveNote, list_notes: listNotes },
})

/** The types of this connector, under one name for editors. */
export interface HelloTypes extends TypesOfFactory<typeof definition> {}

/** A guest book: a read, a safe write and a list in pages. */
export const hello: NamedFactory<typeof definition, HelloTypes> = definition
