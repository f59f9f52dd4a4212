import * as z from 'zod'
import type { Call } from '@mcpclient/core'
import { customAuth, cursorPages, defineConnector, get, post, put } from '@mcpclient/core/define'
import type { AuthStrategy, Failure, Pages, Reply } from '@mcpclient/core/define'
import type { ConnectorFixture } from '../src/contract/fixture.ts'
import type { ContractFactory } from '../src/contract/subject.ts'
import { createNote, definition, fixtures, getNote, listNotes, notes } from './notes-connector.ts'

/** A connector with one mistake, the checks that must find it, and what they must say. */
export interface BrokenConnector {
  readonly mistake: string
  readonly factory: ContractFactory
  /** In place of those that fit. */
  readonly fixtures?: readonly ConnectorFixture[]
  readonly found: readonly string[] | RegExp
  readonly sentence: RegExp
}

type Tools = Partial<Record<keyof typeof definition.tools, unknown>>

const withTools = (tools: Tools): ContractFactory =>
  defineConnector({ ...definition, tools: { ...definition.tools, ...tools } as typeof definition.tools })

const withFailure = (failure: (reply: Reply) => Failure | undefined): ContractFactory =>
  defineConnector({ ...definition, failure })

const withPages = (pages: Pages): ContractFactory => withTools({ list_notes: { ...listNotes, pages } })

const cursor = cursorPages({ items: 'notes', next: 'next_cursor', param: 'cursor' })
const listed = (reply: Reply): readonly unknown[] => z.object({ notes: z.array(z.unknown()) }).parse(reply.body).notes

const EFFECT = ['manifest: what a tool says it does fits its name and its requests']
const TOOLS = ['manifest: every tool is described, and its schemas are JSON Schema']
const SHOWN = ['manifest: every tool has a fixture of a call that goes well']
const FORMS = ['manifest: addresses, scopes and limits are well formed']
const CREDENTIAL = ['manifest: a credential can be checked before it is kept']
const REQUEST = ['purity: a request follows from the input and the settings alone']
const DROPPED = ['fixtures: what nobody asked for is dropped, and breaks nothing']

const manifest: readonly BrokenConnector[] = [
  {
    mistake: 'a tool without a description',
    factory: withTools({ get_note: { ...getNote, description: 'Get.' } }),
    found: TOOLS,
    sentence: /get_note: "Get\." tells an agent too little/,
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
    sentence: /get_note: JSON Schema cannot say what "since" is/,
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
    sentence: /an answer has no field "code"/,
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
      baseUrl: 'http://api.notes.example/v1',
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
    sentence: /cannot tell a wrong credential[\s\S]*no field is marked secret/,
  },
]

const impure = (request: (input: { id: string }) => unknown): ContractFactory =>
  withTools({ get_note: { ...getNote, request } })

const purity: readonly BrokenConnector[] = [
  {
    mistake: 'a request with the time in it',
    factory: impure(({ id }) => get(`notes/${id}`, { at: Date.now() })),
    found: REQUEST,
    sentence: /get_note: its request is another one each time \(at 0\.query\.at/,
  },
  {
    mistake: 'a request with an id made up',
    factory: impure(({ id }) => get(`notes/${id}`, { nonce: crypto.randomUUID() })),
    found: REQUEST,
    sentence: /is another one each time \(at 0\.query\.nonce/,
  },
  {
    mistake: 'a request that asks the network',
    factory: impure(({ id }) => {
      void fetch('https://notes.example')
      return get(`notes/${id}`)
    }),
    found: REQUEST,
    sentence: /get_note: its request touches fetch/,
  },
  {
    mistake: 'a request that changes its input',
    factory: impure((input) => {
      input.id = `${input.id}!`
      return get(`notes/${input.id}`)
    }),
    found: REQUEST,
    sentence: /get_note: its request changes what it was given/,
  },
  {
    mistake: 'a request that is a promise',
    factory: impure(({ id }) => Promise.resolve(get(`notes/${id}`))),
    found: REQUEST,
    sentence: /get_note: its request holds a Promise/,
  },
  {
    mistake: 'a failure that says the time',
    factory: withFailure(({ status }) =>
      status === 423 ? { code: 'MCP_CLIENT_ERROR', message: `Locked at ${Date.now()}.` } : undefined,
    ),
    found: ['purity: reading an answer changes nothing and asks nobody'],
    sentence: /failure\(\) on create_note\.json.* is another one each time/,
  },
]

const Loose = z.looseObject({ id: z.string(), text: z.string() })

const shapes: readonly BrokenConnector[] = [
  {
    mistake: 'a request other than the written one',
    factory: withTools({ get_note: { ...getNote, request: () => get('notes', { id: 'n1' }) } }),
    found: ['fixtures: each request is the value that was written'],
    sentence: /get_note\.json: request 1 is not the written one: at path it is "notes", and should be "notes\/n1"/,
  },
  {
    mistake: 'an output other than the written one',
    factory: withTools({ get_note: { ...getNote, output: z.object({ id: z.string() }) } }),
    found: ['fixtures: each answer gives what was written'],
    sentence: /get_note\.json: the output is not the written one: at text it is absent, and should be "Milk"/,
  },
  {
    mistake: 'a failure that does not see how this provider says no',
    factory: withFailure(() => undefined),
    found: ['fixtures: each answer gives what was written'],
    sentence: /create_note\.json \(a locked account\): it fails in another way: at providerCode it is absent/,
  },
  {
    mistake: 'an output schema that lets every field by',
    factory: withTools({ get_note: { ...getNote, output: Loose } }),
    found: DROPPED,
    sentence: /get_note\.json: a field that the output schema does not name comes out of the answer at the top/,
  },
  {
    mistake: 'items whose schema lets every field by',
    factory: withTools({ list_notes: { ...listNotes, output: z.object({ notes: z.array(Loose) }) } }),
    found: DROPPED,
    sentence: /comes out of the answer at "notes\.0"/,
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
    sentence: /create_note\.json: one more field at the top of the answer makes the call fail/,
  },
]

const failures: readonly BrokenConnector[] = [
  {
    mistake: 'a failure that trips over a web page',
    factory: withFailure(({ body }) => {
      const { error } = body as { error: { code: string } | undefined }
      return error && { code: 'MCP_CLIENT_ERROR', message: `Notes said "${error.code.slice(0, 20)}".` }
    }),
    found: ['errors: failure() reads any answer, and takes no good one for a failure'],
    sentence: /failure\(\): it throws at 200 with the body absent/,
  },
  {
    mistake: 'a failure that refuses good answers',
    factory: withFailure(({ status }) =>
      status < 300 ? { code: 'MCP_CLIENT_ERROR', message: 'Notes did not say yes.' } : undefined,
    ),
    found: ['errors: failure() reads any answer, and takes no good one for a failure'],
    sentence: /it takes the good answer of get_note\.json for a failure/,
  },
  {
    mistake: 'a failure that blames the caller for everything',
    factory: withFailure(({ status }) =>
      status >= 400 ? { code: 'MCP_CLIENT_ERROR', message: 'Notes said no.' } : undefined,
    ),
    found: /^errors: (?:401|429|500|503|a web page with 502)/,
    sentence: /must fail with MCP_[A-Z_]+; it failed with MCP_CLIENT_ERROR/,
  },
]

const paging: readonly BrokenConnector[] = [
  {
    mistake: 'a paged tool that is shown with one page',
    factory: notes,
    fixtures: [{ tool: 'list_notes', response: { json: { notes: [] } }, output: { notes: [] } }],
    found: ['paging: every paged tool has a fixture of two pages or more'],
    sentence: /list_notes: no fixture turns a page/,
  },
  {
    mistake: 'pages that end with a short one',
    factory: withPages({
      ...cursor,
      next: (reply, request) => (listed(reply).length < 2 ? undefined : cursor.next(reply, request)),
    }),
    found: ['paging: a short page is not the last one'],
    sentence: /list_notes: a page with one item that names the next one must not end the list/,
  },
  {
    mistake: 'pages that end with an empty one',
    factory: withPages({
      ...cursor,
      next: (reply, request) => (listed(reply).length === 0 ? undefined : cursor.next(reply, request)),
    }),
    found: ['paging: an empty page is not the last one'],
    sentence: /list_notes: an empty page that names the next one must not end the list/,
  },
  {
    mistake: 'a client that follows a cursor for ever',
    factory: notes.with(
      class extends notes.Client {
        protected override async perform(call: Call): Promise<unknown> {
          if (call.toolName !== 'list_notes') return super.perform(call)
          for (let page = 0; page < 20; page++) await this.host.request(call, get('notes'), { effect: 'read' })
          return { notes: [], complete: true }
        }
      },
    ),
    found: ['paging: a page that leads back to itself ends in an error'],
    sentence: /list_notes: when a provider names the same page for ever, the call must fail/,
  },
  {
    mistake: 'links to anywhere',
    factory: defineConnector({ ...definition, hosts: ['files.notes.example', 'undeclared.example'] }),
    found: ['paging: a link to a host that is not declared is not followed'],
    sentence: /list_files: it followed the link https:\/\/undeclared\.example/,
  },
  {
    mistake: 'a client whose pages() forgets the rest',
    factory: notes.with(
      class extends notes.Client {
        protected override async performInParts(call: Call): Promise<AsyncIterable<unknown>> {
          const parts = await super.performInParts(call)
          return (async function* (): AsyncGenerator<unknown> {
            for await (const part of parts) return yield part
          })()
        }
      },
    ),
    found: ['paging: pages() gives what call() gathers'],
    sentence: /pages\(\) gives other items than call\(\)/,
  },
]

const leakyAuth = (sign: AuthStrategy['sign']) =>
  defineConnector({
    ...definition,
    auth: customAuth({ kind: 'leaky', fields: { token: { label: 'Token', secret: true } }, sign }),
  })

let kept: string | undefined
let signedWith: string | undefined

const showing = leakyAuth((_request, { token = '' }) => {
  signedWith = token
  return { headers: { authorization: `Bearer ${token}` } }
})

type Invocation = Parameters<InstanceType<typeof notes.Client>['invoke']>

const secrets: readonly BrokenConnector[] = [
  {
    mistake: 'a signature that names a bad token',
    factory: leakyAuth((_request, { token = '' }) => {
      if (/\s/.test(token)) throw new Error(`The token "${token}" has a space in it.`)
      return { headers: { authorization: `Bearer ${token}` } }
    }),
    found: ['redaction: signing never says the credential'],
    sentence: /sign\(\) throws an error that holds the credential/,
  },
  {
    mistake: 'a client that shows what it signed with',
    factory: showing.with(
      class extends showing.Client {
        override async invoke(...asked: Invocation): Promise<unknown> {
          return super.invoke(...asked).catch((error: unknown) => {
            if (error instanceof Error) Object.defineProperty(error, 'debug', { value: { signedWith } })
            throw error
          })
        }
      },
    ),
    found: ['redaction: a credential that the provider repeats comes out nowhere'],
    sentence:
      /create_note: it comes out in the error that a caller gets, when it is repeated by the body of a 400 and \d+ more/,
  },
  {
    mistake: 'a signature that is kept',
    factory: leakyAuth((_request, { token = '' }) => ({ headers: { authorization: (kept ??= `Bearer ${token}`) } })),
    found: ['tenants: a signature is that of the credential it is given'],
    sentence: /sign\(\) gives two credentials the same signature/,
  },
  {
    mistake: 'a signature that is kept, in use',
    factory: leakyAuth((_request, { token = '' }) => ({ headers: { authorization: (kept ??= `Bearer ${token}`) } })),
    found: ["tenants: two at once never get each other's credential or answer"],
    sentence: /A request of bob carries the credential of ada/,
  },
]

const answers = new Map<string, Promise<unknown>>()

/** An author may also extend the client, and undo what the runtime does. */
const clients: readonly BrokenConnector[] = [
  {
    mistake: 'a client that answers from a cache without a tenant',
    factory: notes.with(
      class extends notes.Client {
        override async invoke(...[name, input, options]: Invocation): Promise<unknown> {
          if (!answers.has(name)) answers.set(name, super.invoke(name, input, options))
          return answers.get(name)
        }
      },
    ),
    found: ["tenants: two at once never get each other's credential or answer"],
    sentence: /must get its own answer; it failed with MCP_CLIENT_ERROR/,
  },
  {
    mistake: 'a client that hides every failure',
    factory: notes.with(
      class extends notes.Client {
        protected override async perform(call: Call): Promise<unknown> {
          return super.perform(call).catch(() => ({ id: 'n0', text: '' }))
        }
      },
    ),
    found:
      /^errors: (?!failure)|^tenants: who has not|^matrix: a breaker opens|^matrix: a write is not sent twice|^matrix: a wait beyond/,
    sentence: /it answered|must be told so|must fail and say retryAfterMs/,
  },
  {
    mistake: 'a client that tries again by itself',
    factory: notes.with(
      class extends notes.Client {
        protected override async perform(call: Call): Promise<unknown> {
          return super
            .perform(call)
            .catch(async () => super.perform(call))
            .catch(async () => super.perform(call))
        }
      },
    ),
    found:
      /^matrix: (?:a write is not sent twice|a write that the provider says it did not process|an outage is not made worse)/,
    sentence: /saw it \d+ times|was sent \d+ times|sent \d+ requests/,
  },
  {
    mistake: 'a client that does not wait',
    factory: notes.with(
      class extends notes.Client {
        override async invoke(...[name, input, options]: Invocation): Promise<unknown> {
          return super.invoke(name, input, { ...options, timeoutMs: 1 })
        }
      },
    ),
    found:
      /^matrix: .*(?:is waited for|makes its siblings wait|a write that may be repeated is|provably not sent is sent again)/,
    sentence: /must be sent again|must go well|must be tried again|and must be;/,
  },
  {
    mistake: 'a client that forgets who is waiting',
    factory: notes.with(
      class extends notes.Client {
        override async invoke(...[name, input]: Invocation): Promise<unknown> {
          return super.invoke(name, input)
        }
      },
    ),
    found: /^matrix: a call that is aborted|^matrix: a wait beyond/,
    sentence: /must fail with CANCELLED|must fail at once|must fail and say retryAfterMs/,
  },
  {
    mistake: 'a client that never tells of a failure',
    factory: notes.with(
      class extends notes.Client {
        protected override perform(call: Call): Promise<unknown> {
          return super.perform(call).catch(() => new Promise(() => {}))
        }
      },
    ),
    found: ['matrix: closing the client ends every call, and no call leaves a timer'],
    sentence: /closing must end the call with CANCELLED; it was still waiting/,
  },
]

export const brokenConnectors: readonly BrokenConnector[] = [
  ...manifest,
  ...purity,
  ...shapes,
  ...failures,
  ...paging,
  ...secrets,
  ...clients,
]
