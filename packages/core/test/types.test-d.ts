import { expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient, DefinedClient, withClient } from '@mcpclient/core'
import {
  bearer,
  cursorPages,
  defineConnector,
  eventStream,
  get,
  mark,
  nullable,
  path,
  post,
  send,
  sync,
  tool,
} from '@mcpclient/core/define'
import type { ToolContext, TypesOfFactory } from '@mcpclient/core/define'

const Settings = z.object({ defaultChannel: z.string().optional() })

const sendMessage = tool({
  description: 'Post a message.',
  effect: 'write',
  input: z.object({ channel: z.string().optional(), text: z.string().min(1) }),
  output: z.object({ ts: z.string() }),
  request: ({ channel, text }, { settings }: ToolContext<z.output<typeof Settings>>) => {
    expectTypeOf(settings.defaultChannel).toEqualTypeOf<string | undefined>()
    return post('chat.postMessage', { channel: channel ?? settings.defaultChannel, text })
  },
})

const listChannels = tool({
  description: 'List channels.',
  effect: 'read',
  input: z.object({ limit: z.number().default(200) }),
  output: z.object({ channels: z.array(z.object({ id: z.string() })) }),
  request: ({ limit }) => get('conversations.list', { limit }),
  pages: cursorPages({ items: 'channels', next: 'response_metadata.next_cursor', param: 'cursor' }),
})

const Box = z.object({ id: z.string() })
const publish = tool({
  description: 'Publish in two steps.',
  effect: 'write',
  input: z.object({ account: z.string(), url: z.url() }),
  output: Box,
  *run({ account, url }) {
    expectTypeOf(account).toEqualTypeOf<string>()
    const box = yield* send(post(path`${account}/media`, { url }), Box)
    expectTypeOf(box).toEqualTypeOf<{ id: string }>()
    return yield* send(post(path`${account}/media_publish`, { id: box.id }), Box)
  },
})

const chat = tool({
  description: 'Chat.',
  effect: 'read',
  input: z.object({ prompt: z.string() }),
  output: z.object({ delta: z.string() }),
  request: ({ prompt }) => post('chat', { prompt }),
  stream: eventStream({ item: ({ data }) => JSON.parse(data) as unknown, end: ({ data }) => data === '[DONE]' }),
})

const slack = defineConnector({
  id: 'slack',
  name: 'Slack',
  baseUrl: 'https://slack.com/api/',
  auth: bearer(),
  settings: Settings,
  tools: { send_message: sendMessage, list_channels: listChannels, publish, chat },
  events: { message: z.object({ text: z.string() }) },
})

const mcp = createMcpClient({ connectors: { slack: slack({ token: 'x', defaultChannel: 'C1' }), other: slack() } })
const ada = mcp.as('ada')

it('types calls by their schemas', () => {
  expectTypeOf(ada.slack.call('send_message', { text: 'x' })).resolves.toEqualTypeOf<{ ts: string }>()
  expectTypeOf(ada.slack.call('list_channels', {})).resolves.toEqualTypeOf<
    { channels: { id: string }[] } & { readonly complete: boolean }
  >()
  expectTypeOf(ada.slack.call('publish', { account: 'a', url: 'https://x' })).resolves.toEqualTypeOf<{ id: string }>()
  expectTypeOf(ada.slack.call('chat', { prompt: 'x' })).resolves.toEqualTypeOf<{ delta: string }[]>()
  expectTypeOf(ada.slack.stream('chat', { prompt: 'x' })).toEqualTypeOf<
    AsyncGenerator<{ delta: string }, void, undefined>
  >()
  expectTypeOf(ada.slack.pages('list_channels', {})).toEqualTypeOf<
    AsyncGenerator<{ channels: { id: string }[] }, void, undefined>
  >()
  mcp.on('slack.message', ({ data }) => expectTypeOf(data).toEqualTypeOf<{ text: string }>())
  mcp.on('call.finished', ({ durationMs }) => expectTypeOf(durationMs).toEqualTypeOf<number>())
})

it('rejects what must not compile', () => {
  // @ts-expect-error no such tool
  void ada.slack.call('send_mesage', { text: '' })
  // @ts-expect-error text is required
  void ada.slack.call('send_message', {})
  // @ts-expect-error getData accepts reads only
  void ada.slack.getData('send_message', { text: '' })
  // @ts-expect-error sendData only writes
  void ada.slack.sendData('list_channels', {})
  // @ts-expect-error only paged tools have pages
  ada.slack.pages('send_message', { text: '' })
  // @ts-expect-error only streaming tools stream
  ada.slack.stream('send_message', { text: '' })
  // @ts-expect-error no such event
  mcp.on('slack.mesage', () => undefined)
  // @ts-expect-error no such connector
  void ada.slak
  // @ts-expect-error unknown setting
  slack({ token: 'x', defaultChanel: 'C1' })
  // @ts-expect-error the token is a string
  slack({ token: 1 })
  // @ts-expect-error the credential is a token
  void ada.other.connect({ apiKey: 'x' })
  tool({
    description: '',
    effect: 'read',
    input: z.object({ a: z.string() }),
    output: z.unknown(),
    // @ts-expect-error run-time names of the input are checked too
    request: ({ b }) => get(b),
  })
  const needy = tool({
    description: '',
    effect: 'read',
    input: z.object({}),
    output: z.unknown(),
    request: (_input, { settings }: ToolContext<{ readonly region: string }>) => get(settings.region),
  })
  // @ts-expect-error the connector has no setting `region`
  defineConnector({ id: 'x', name: 'X', baseUrl: 'https://x', auth: bearer(), tools: { needy } })
  defineConnector({
    id: 'x',
    name: 'X',
    baseUrl: 'https://x',
    auth: bearer(),
    settings: z.object({ region: z.string() }),
    tools: { needy },
  })
  tool({
    description: '',
    effect: 'read',
    input: z.object({}),
    output: z.object({ id: z.string() }),
    // @ts-expect-error a run returns what its output schema takes
    *run() {
      yield* send(get('x'), z.object({ a: z.number() }))
      return { id: 1 }
    },
  })
})

it('requires a principal, except in a client with a single tenant', () => {
  const session: { user?: { id: string } } = {}
  // @ts-expect-error a principal is required
  mcp.as()
  // @ts-expect-error undefined names no tenant
  mcp.as(undefined)
  // @ts-expect-error a user who may be signed out names no tenant
  mcp.as(session.user?.id)
  // @ts-expect-error a user alone names no tenant
  mcp.as({ user: 'ada' })
  // @ts-expect-error a principal is required
  void mcp.handle({})
  // @ts-expect-error undefined names no tenant
  void mcp.handle({}, undefined)
  // @ts-expect-error a principal is required
  mcp.client('slack')
  // @ts-expect-error a principal is required
  void mcp.listTools()
  // @ts-expect-error a principal is required
  void mcp.completeAuthorization('https://host.example/callback')
  // @ts-expect-error the scope is required
  void mcp.vault.list()
  // @ts-expect-error the scope is required
  void mcp.vault.maintain({})
  // @ts-expect-error a tenant or everything, not both
  void mcp.vault.list({ tenant: 'ada', everything: true })

  const single = createMcpClient({ singleTenant: true, connectors: { slack: slack({ token: 'x' }) } })
  expectTypeOf(single.as().slack.call('send_message', { text: 'x' })).resolves.toEqualTypeOf<{ ts: string }>()
  single.as({ user: 'ada', agent: 'bot' })
  void single.handle({})
  // @ts-expect-error the client has a single tenant
  single.as('ada')
  // @ts-expect-error the client has a single tenant
  single.as({ tenant: 'ada' })

  const undecided = createMcpClient({ singleTenant: Boolean(session.user), connectors: {} })
  // @ts-expect-error the client may have several tenants
  undecided.as()
})

it('keeps a client typed when it is extended', () => {
  class LoudSlack extends DefinedClient<TypesOfFactory<typeof slack>> {
    shout(text: string) {
      return this.call('send_message', { text: text.toUpperCase() })
    }
  }
  const client = createMcpClient({ connectors: { slack: withClient(slack, LoudSlack)({ token: 'x' }) } })
  expectTypeOf(client.as('u').slack.shout('x')).resolves.toEqualTypeOf<{ ts: string }>()
  expectTypeOf(client.as('u').slack.call('send_message', { text: 'x' })).resolves.toEqualTypeOf<{ ts: string }>()
})

it('types syncs by the definition of the connector', () => {
  // @ts-expect-error this connector syncs nothing
  void ada.slack.syncData('channels', { direction: 'both' })
})

it('checks the name and the params of a sync, and types the push by its item', () => {
  const calendar = defineConnector({
    id: 'calendar',
    name: 'Calendar',
    baseUrl: 'https://calendar.example/',
    auth: bearer(),
    tools: {},
    syncs: {
      events: sync({
        description: 'Events.',
        params: z.object({ calendar: z.string() }),
        item: z.object({ id: z.string(), title: z.string().optional() }),
        key: 'id',
        codes: {},
        pull: ({ params, since }) => get(path`calendars/${params.calendar}`, { since }),
        get: (id) => get(path`events/${id}`),
        push: {
          update: (changes, { id }) => {
            expectTypeOf(changes.title).toEqualTypeOf<string | null | undefined>()
            return post(path`events/${id}`, changes)
          },
        },
      }),
      labels: sync({
        description: 'Labels.',
        item: z.object({ id: z.string() }),
        key: 'id',
        codes: {},
        pull: () => get('labels'),
        get: (id) => get(path`labels/${id}`),
      }),
    },
  })
  const view = createMcpClient({ connectors: { calendar: calendar({ token: 'x' }) } }).as('ada').calendar
  void view.syncData('events', { direction: 'both', params: { calendar: 'primary' } })
  void view.syncData('labels', { direction: 'pull' })
  // @ts-expect-error there is no such sync
  void view.syncData('event', { direction: 'pull' })
  // @ts-expect-error the name of a calendar is a string
  void view.syncData('events', { direction: 'pull', params: { calendar: 1 } })
  // @ts-expect-error there is no such direction
  void view.syncData('labels', { direction: 'down' })
  sync({
    description: 'Labels.',
    item: z.object({ id: z.string() }),
    // @ts-expect-error the key is a field of the item
    key: 'uid',
    codes: {},
    pull: () => get('labels'),
    get: (id) => get(path`labels/${id}`),
  })
})

it('checks a reverse call against the tools of the connector', () => {
  const connector = { id: 'x', name: 'X', baseUrl: 'https://x.example/', auth: bearer() } as const
  const send = {
    description: 'Send.',
    effect: 'write',
    input: z.object({ text: z.string() }),
    output: z.object({ id: z.string() }),
    request: ({ text }: { readonly text: string }) => post('messages', { text }),
  } as const
  const remove = tool({
    description: 'Remove.',
    effect: 'destroy',
    input: z.object({ id: z.string() }),
    output: z.object({}),
    request: ({ id }) => post('remove', { id }),
    undo: 'impossible',
  })
  const message = tool({
    ...send,
    undo({ input, output }) {
      expectTypeOf(input).toEqualTypeOf<{ text: string }>()
      expectTypeOf(output).toEqualTypeOf<{ id: string }>()
      return { tool: 'remove', input: { id: output.id } }
    },
    preview: ({ text }) => text,
  })
  defineConnector({ ...connector, tools: { remove, message } })
  const unsure = tool({
    ...send,
    undo: ({ output: { id } }) => (id === '' ? undefined : { tool: 'remove', input: { id } }),
  })
  defineConnector({ ...connector, tools: { remove, unsure } })

  const misspelt = tool({ ...send, undo: ({ output }) => ({ tool: 'remvoe', input: { id: output.id } }) })
  // @ts-expect-error the connector has no tool of that name
  defineConnector({ ...connector, tools: { remove, misspelt } })
  const unfit = tool({ ...send, undo: ({ output }) => ({ tool: 'remove', input: { ids: [output.id] } }) })
  // @ts-expect-error the tool takes another input
  defineConnector({ ...connector, tools: { remove, unfit } })
  defineConnector({
    ...connector,
    tools: {
      remove,
      // @ts-expect-error the connector has no tool of that name
      inline: tool({ ...send, undo: ({ output }) => ({ tool: 'delete', input: { id: output.id } }) }),
    },
  })
  // @ts-expect-error the output has no such field
  tool({ ...send, undo: ({ output }) => ({ tool: 'remove', input: { id: output.ts } }) })
  // @ts-expect-error a preview is a sentence
  tool({ ...send, preview: ({ text }) => ({ text }) })
})

it('keeps the type of a schema with marks and nullable fields', () => {
  expectTypeOf(mark(z.string().min(1), { untrusted: true })).toEqualTypeOf<z.ZodString>()
  const Row = z.object({ a: nullable(z.string()), b: nullable(z.array(z.number())) })
  expectTypeOf<z.output<typeof Row>>().toEqualTypeOf<{ a?: string | undefined; b?: number[] | undefined }>()
  // @ts-expect-error there is no such destination
  mark(z.string(), { destination: 'nowhere' })
})

it('types limits and costs', () => {
  const limit = { name: 'points', per: 'channel', requests: 1, perMs: 1000 } as const
  tool({ ...sendMessage, limit })
  tool({ ...sendMessage, limit: [limit, { concurrent: 2 }] })
  get('items', undefined, { cost: 2 })
  get('items', undefined, { cost: { points: 2 } })
  // @ts-expect-error a cost is a number
  get('items', undefined, { cost: { points: '2' } })
  // @ts-expect-error a limit counts per one field
  tool({ ...sendMessage, limit: { ...limit, per: ['channel'] } })
})
