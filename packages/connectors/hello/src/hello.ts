import { cursorPages, defineConnector, del, get, mark, noAuth, path, post, tool } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as z from 'zod'

/** Visitors write the text, so it may try to steer an agent that reads it. */
const Note = z.object({ id: z.string(), text: mark(z.string(), { untrusted: true }) })

const definition = defineConnector({
  id: 'hello',
  name: 'Hello',
  description: 'A guest book that greets visitors and stores their notes.',
  baseUrl: 'https://hello.example/v1/',
  auth: noAuth,
  limits: [{ scope: 'app', requests: 50, perMs: 1_000 }],
  tools: {
    // A read: one request, as a value. `path` escapes its values.
    greet: tool({
      description: 'Return a greeting for a name. Changes nothing.',
      effect: 'read',
      input: z.object({ name: z.string().min(1).describe('Who to greet.') }),
      output: z.object({ message: z.string() }),
      request: ({ name }) => get(path`greetings/${name}`),
      examples: [{ input: { name: 'Ada' } }],
    }),
    // A write that is safe to repeat: the service recognises it by this header, so the runtime may send it again.
    leave_note: tool({
      description: 'Leave a note for the readers of the guest book. Returns the note with its id.',
      effect: 'write',
      idempotencyKey: { header: 'Idempotency-Key' },
      input: z.object({ text: z.string().min(1).max(280) }),
      output: Note,
      request: ({ text }) => post('notes', { text }),
      // For an approval screen and for undoing the call.
      preview: ({ text }) => `Leave a note in the guest book: ${text}`,
      undo: ({ output: { id } }) => ({ tool: 'remove_note', input: { id } }),
      examples: [{ input: { text: 'Lovely place.' } }],
    }),
    // A write that cannot be undone is a `destroy`. Removing a note twice has the same effect as removing it once.
    remove_note: tool({
      description: 'Remove a note from the guest book for good.',
      effect: 'destroy',
      idempotent: true,
      input: z.object({ id: z.string().min(1).describe('Id of the note; list_notes returns it.') }),
      output: z.object({ removed: z.boolean() }),
      request: ({ id }) => del(path`notes/${id}`),
      preview: ({ id }) => `Remove the note ${id} from the guest book.`,
    }),
    // A list in pages: `call` collects them, `pages` yields them one by one.
    list_notes: tool({
      description: 'List the notes in the guest book, oldest first.',
      effect: 'read',
      input: z.object({ limit: z.number().int().min(1).max(100).default(20).describe('Notes in one page.') }),
      output: z.object({ notes: z.array(Note) }),
      request: ({ limit }) => get('notes', { limit }),
      pages: cursorPages({ items: 'notes', next: 'next_cursor', param: 'cursor' }),
    }),
  },
})

/** The types of this connector, under one name for editors. */
export interface HelloTypes extends TypesOfFactory<typeof definition> {}

/** A guest book: a read, two writes and a list in pages. */
export const hello: NamedFactory<typeof definition, HelloTypes> = definition
