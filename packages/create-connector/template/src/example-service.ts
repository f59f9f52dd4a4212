import { bearer, defineConnector, errorTable, get, mark, path, post, tool } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as z from 'zod'

// Other users write the text: `untrusted` marks it for guards, because it may try to steer an agent.
const Note = z.object({ id: z.string(), text: mark(z.string(), { untrusted: true }) })

const definition = defineConnector({
  id: 'example-service',
  name: 'Example Service',
  description: 'Notes in Example Service.',
  baseUrl: 'https://api.example-service.example/v1/',
  auth: bearer(),
  // The cheapest request that proves a credential. connect() and health() send it.
  check: { request: get('me') },
  // Where a refusal holds its code and message, and what a code means beyond its HTTP status.
  errors: errorTable(
    { code: 'error.code', message: 'error.message' },
    { quota_exceeded: { hint: 'Delete notes, or ask Example Service for more space.' } },
  ),
  tools: {
    // A read: one request, as a value. `path` escapes the values in it.
    get_note: tool({
      description: 'Read one note by its id.',
      effect: 'read',
      input: z.object({ id: z.string().min(1).describe('Id of the note.') }),
      output: Note,
      request: ({ id }) => get(path`notes/${id}`),
      examples: [{ input: { id: 'n1' } }],
    }),
    // A write: the runtime repeats it only if the provider certainly did not process it.
    create_note: tool({
      description: 'Create a note. Returns the note with its id.',
      effect: 'write',
      input: z.object({ text: z.string().min(1).describe('Text of the note.') }),
      output: Note,
      // As the provider documents it: calls beyond the limit wait.
      limit: { requests: 60, perMs: 60_000 },
      request: ({ text }) => post('notes', { text }),
      preview: ({ text }) => `Create the note "${text}".`,
      // With a tool that deletes notes: ({ output }) => ({ tool: 'delete_note', input: { id: output.id } }).
      undo: 'impossible',
      examples: [{ input: { text: 'Buy milk.' } }],
    }),
  },
})

/** The types of this connector, under one name for editors. */
export interface ExampleServiceTypes extends TypesOfFactory<typeof definition> {}

/** Connects to Example Service with an access token. */
export const exampleService: NamedFactory<typeof definition, ExampleServiceTypes> = definition
