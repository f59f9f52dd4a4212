import * as z from 'zod'
import { customAuth, defineConnector, post, put } from '@mcpclient/core/define'
import type { ConnectorFixture } from '../../../src/contract/connector-checks/fixture.ts'
import { createNote, definition, fixtures, getNote, listNotes, notes } from '../notes-connector.ts'
import { withTools } from './broken-connector.ts'
import type { BrokenConnector } from './broken-connector.ts'

const EFFECT = ['manifest: the effect of a tool matches its name and its requests']
const TOOLS = ['manifest: every tool is described, and its schemas are JSON Schema']
const SHOWN = ['manifest: every tool has a fixture of a successful call']
const FORMS = ['manifest: addresses, scopes and limits are well formed']
const CREDENTIAL = ['manifest: a credential can be verified before it is stored']

export const manifest: readonly BrokenConnector[] = [
  {
    mistake: 'a tool without a description',
    factory: withTools({ get_note: { ...getNote, description: 'Get.' } }),
    found: TOOLS,
    sentence: /get_note: "Get\." is too short for an agent/,
  },
  {
    mistake: 'an input that is not an object',
    factory: withTools({ get_note: { ...getNote, input: z.string() } }),
    found: TOOLS,
    sentence: /get_note: its input is not an object/,
  },
  {
    mistake: 'an input that JSON Schema has no words for',
    factory: withTools({ get_note: { ...getNote, input: z.object({ id: z.string(), since: z.date().optional() }) } }),
    found: TOOLS,
    sentence: /get_note: JSON Schema cannot express "since"/,
  },
  {
    mistake: 'an example that does not fit',
    factory: withTools({ list_notes: { ...listNotes, examples: [{ input: { limit: 1000 } }] } }),
    found: TOOLS,
    sentence: /list_notes: example 1 does not fit its own input schema \(limit/,
  },
  {
    mistake: 'a tool without a fixture, and a fixture without a tool',
    factory: notes,
    fixtures: [
      ...fixtures.filter((fixture) => fixture.tool !== 'delete_note'),
      { tool: 'forget', response: {}, output: {} },
    ],
    found: SHOWN,
    sentence: /there is no tool "forget"[\s\S]*delete_note: no fixture shows its output/,
  },
  {
    mistake: 'a fixture with a field that nobody reads',
    factory: notes,
    fixtures: [{ tool: 'get_note', response: { json: {}, code: 200 }, output: {} } as ConnectorFixture],
    found: SHOWN,
    sentence: /a response has no field "code"/,
  },
  {
    mistake: 'a read that puts',
    factory: withTools({ get_note: { ...getNote, request: ({ id }: { id: string }) => put(`notes/${id}`) } }),
    found: EFFECT,
    sentence: /get_note: a read that sends PUT/,
  },
  {
    mistake: 'a write that is declared a read',
    factory: withTools({ create_note: { ...createNote, effect: 'read' } }),
    found: EFFECT,
    sentence: /create_note: it is named like a write and declared a read/,
  },
  {
    mistake: 'a read that is declared a write',
    factory: withTools({ get_note: { ...getNote, effect: 'write' } }),
    found: EFFECT,
    sentence: /get_note: a write that only sends GET/,
  },
  {
    mistake: 'a read that posts under a name that says nothing',
    factory: defineConnector({
      ...definition,
      tools: { notes_now: { ...getNote, request: () => post('notes/now') } },
    }),
    fixtures: [{ tool: 'notes_now', input: { id: 'n1' }, response: { json: { id: 'n1', text: '' } }, output: {} }],
    found: EFFECT,
    sentence: /notes_now: a read that sends POST/,
  },
  {
    mistake: 'a host with a scheme, an address without a slash, a scope of two words, a limit of nothing',
    factory: defineConnector({
      ...definition,
      baseUrl: () => 'http://api.notes.example/v1',
      hosts: ['https://files.notes.example', '*.example'],
      limits: [{ scope: 'app', requests: 0, perMs: 1000 }],
      tools: { ...definition.tools, get_note: { ...getNote, scopes: ['notes:read notes:write'] } },
    }),
    found: FORMS,
    sentence:
      /need https[\s\S]*with a slash[\s\S]*"https:\/\/files[\s\S]*"\*\.example"[\s\S]*limits nothing[\s\S]*one word/,
  },
  {
    mistake: 'a connector that cannot be composed as the contract is told',
    factory: defineConnector({ ...definition, settings: z.object({ region: z.string() }), baseUrl: () => 'x' }),
    found: FORMS,
    sentence: /It cannot be composed: .*region.*Pass what it needs in the contract's options/,
  },
  {
    mistake: 'a credential that nobody can check, and whose fields may all be shown',
    factory: defineConnector({
      ...definition,
      check: undefined,
      auth: customAuth({ kind: 'open', fields: { key: { label: 'Key', secret: false } }, sign: () => ({}) }),
    }),
    found: CREDENTIAL,
    sentence: /connect\(\) cannot verify a credential[\s\S]*no field is marked secret/,
  },
]
