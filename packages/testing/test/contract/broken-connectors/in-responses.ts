import * as z from 'zod'
import { defineConnector, get } from '@mcpclient/core/define'
import { createNote, definition, getNote, listNotes } from '../notes-connector.ts'
import { withErrors, withTools } from './broken-connector.ts'
import type { BrokenConnector } from './broken-connector.ts'

const DROPPED = ['fixtures: unknown fields are dropped and break nothing']

const Loose = z.looseObject({ id: z.string(), text: z.string() })

export const shapes: readonly BrokenConnector[] = [
  {
    mistake: 'a request other than the written one',
    factory: withTools({ get_note: { ...getNote, request: () => get('notes', { id: 'n1' }) } }),
    found: ['fixtures: each request equals the recorded one'],
    sentence: /get_note\.json: request 1 is not the written one: at path it is "notes", and should be "notes\/n1"/,
  },
  {
    mistake: 'a cost in a limit that there is not',
    factory: defineConnector({
      ...definition,
      limits: [{ ...definition.limits[0], name: 'points' }],
      tools: {
        ...definition.tools,
        get_note: { ...getNote, request: () => get('notes/n1', undefined, { cost: { points: 1, point: 2 } }) },
      },
    }),
    found: ['fixtures: each request equals the recorded one'],
    sentence: /get_note\.json: its cost names the limit "point", which is none of points/,
  },
  {
    mistake: 'an output other than the written one',
    factory: withTools({ get_note: { ...getNote, output: z.object({ id: z.string() }) } }),
    found: ['fixtures: each response returns the recorded output'],
    sentence: /get_note\.json: the output is not the written one: at text it is absent, and should be "Milk"/,
  },
  {
    mistake: 'a failure that misreads how this provider says no',
    factory: withErrors(({ status }) =>
      status < 400 ? undefined : { code: 'MCP_CLIENT_ERROR', message: 'Notes said no.', providerCode: 'other' },
    ),
    found: ['fixtures: each response returns the recorded output'],
    sentence: /create_note\.json \(a locked account\): it fails in another way: at providerCode it is "other"/,
  },
  {
    mistake: 'an output schema that lets every field by',
    factory: withTools({ get_note: { ...getNote, output: Loose } }),
    found: DROPPED,
    sentence: /get_note\.json: a field that the output schema does not name comes out of the response at the top/,
  },
  {
    mistake: 'items whose schema lets every field by',
    factory: withTools({ list_notes: { ...listNotes, output: z.object({ notes: z.array(Loose) }) } }),
    found: DROPPED,
    sentence: /comes out of the response at "notes\.0"/,
  },
  {
    mistake: 'an output schema that is no schema',
    factory: withTools({ get_note: { ...getNote, output: z.unknown() } }),
    found: DROPPED,
    sentence: /get_note\.json: a field that the output schema does not name/,
  },
  {
    mistake: 'an output schema that breaks when the provider adds a field',
    factory: withTools({
      create_note: { ...createNote, output: z.strictObject({ id: z.string(), text: z.string() }) },
    }),
    found: DROPPED,
    sentence: /create_note\.json: one more field at the top of the response makes the call fail/,
  },
]

export const failures: readonly BrokenConnector[] = [
  {
    mistake: 'a failure that trips over a web page',
    factory: withErrors(({ body }) => {
      const { error } = body as { error: { code: string } | undefined }
      return error && { code: 'MCP_CLIENT_ERROR', message: `Notes said "${error.code.slice(0, 20)}".` }
    }),
    found: ['errors: the table of errors reads every response and treats no successful one as a failure'],
    sentence: /errors: it throws at 200 with the body absent/,
  },
  {
    mistake: 'a failure that refuses good responses',
    factory: withErrors(({ status }) =>
      status < 300 ? { code: 'MCP_CLIENT_ERROR', message: 'Notes did not say yes.' } : undefined,
    ),
    found: ['errors: the table of errors reads every response and treats no successful one as a failure'],
    sentence: /it treats the successful response of get_note\.json as a failure/,
  },
  {
    mistake: 'a failure that blames the caller for everything',
    factory: withErrors(({ status }) =>
      status >= 400 ? { code: 'MCP_CLIENT_ERROR', message: 'Notes said no.' } : undefined,
    ),
    found: /^errors: (?:401|429|500|503|a web page with 502)/,
    sentence: /must fail with MCP_[A-Z_]+; it failed with MCP_CLIENT_ERROR/,
  },
]
