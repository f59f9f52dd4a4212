import { mark } from '@mcpclient/core/define'
import * as z from 'zod'
import { createNote, getNote, notes } from '../notes-connector.ts'
import { withTools } from './broken-connector.ts'
import type { BrokenConnector } from './broken-connector.ts'

const MARKS = ['capabilities: each mark belongs to the right kind of tool']
const PREVIEW = ['capabilities: a preview is a sentence that depends only on the call']
const UNDO = ['capabilities: undo follows from the call, and names a call of this connector']
const TABLE = ['manifest: the README lists the current tools']

const undoing = (undo: unknown) => withTools({ create_note: { ...createNote, undo } })

export const capabilities: readonly BrokenConnector[] = [
  {
    mistake: 'a destination in an output',
    factory: withTools({
      get_note: { ...getNote, output: z.object({ id: mark(z.string(), { destination: 'url' }), text: z.string() }) },
    }),
    found: MARKS,
    sentence: /get_note: the output "id" is marked as a destination/,
  },
  {
    mistake: 'an untrusted input',
    factory: withTools({ get_note: { ...getNote, input: z.object({ id: mark(z.string(), { untrusted: true }) }) } }),
    found: MARKS,
    sentence: /get_note: the input "id" is marked as an output/,
  },
  {
    mistake: 'a preview that is empty',
    factory: withTools({ create_note: { ...createNote, preview: () => ' ' } }),
    found: PREVIEW,
    sentence: /create_note: its preview is " ".*Return a sentence/,
  },
  {
    mistake: 'a preview that says the time',
    factory: withTools({ create_note: { ...createNote, preview: () => `At ${Date.now()}.` } }),
    found: PREVIEW,
    sentence: /create_note: its preview differs each time/,
  },
  {
    mistake: 'an undo that names no tool of the connector',
    factory: undoing(() => ({ tool: 'burn_note', input: {} })),
    found: UNDO,
    sentence: /create_note: undo\(\) names "burn_note"\. Name one of/,
  },
  {
    mistake: 'an undo that reads',
    factory: undoing(() => ({ tool: 'get_note', input: { id: 'n1' } })),
    found: UNDO,
    sentence: /create_note: undo\(\) names "get_note", which reads/,
  },
  {
    mistake: 'an undo whose input does not fit',
    factory: undoing(() => ({ tool: 'delete_note', input: { note: 'n1' } })),
    found: UNDO,
    sentence: /create_note: undo\(\) gives delete_note an input that it refuses; .*note/,
  },
  {
    mistake: 'an undo that changes what it is given',
    factory: undoing(({ output }: { readonly output: { id: string } }) => {
      output.id = 'n2'
      return { tool: 'delete_note', input: output }
    }),
    found: UNDO,
    sentence: /create_note: its undo changes what it was given/,
  },
  {
    mistake: 'an undo that never returns a call',
    factory: undoing(() => undefined),
    found: UNDO,
    sentence: /create_note: undo\(\) returns a call for none of the fixtures/,
  },
  {
    mistake: 'a read that can be undone',
    factory: withTools({ get_note: { ...getNote, undo: 'impossible' } }),
    found: UNDO,
    sentence: /get_note: a read changes nothing/,
  },
  {
    mistake: 'a README with the tools of yesterday',
    factory: notes,
    readme: '# Notes\n\n<!-- tools: notes -->\n| tool |\n| --- |\n| `get_note` |\n<!-- end of tools -->\n',
    found: TABLE,
    sentence: /README\.md: its table of tools is not current/,
  },
]
