import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'
import { messages } from '../src/tools/messages.ts'
import { workspace } from '../src/tools/workspace.ts'

const C = 'C08HERON42A'
const ts = '1768294800.004200'
const form = (fields: unknown) => ({ kind: 'form', fields })

describe('a request is a value', () => {
  it('sends a message to the channel of the call, else to the default one', () => {
    const context = { settings: { defaultChannel: 'C08EGRET7QB' } }
    expect(messages.send_message.request?.({ channel: C, text: 'Hi' }, context)).toEqual({
      method: 'POST',
      path: 'chat.postMessage',
      body: form({ channel: C, text: 'Hi' }),
    })
    expect(messages.send_message.request?.({ text: 'Hi' }, context).body).toEqual(
      form({ channel: 'C08EGRET7QB', text: 'Hi' }),
    )
    expect(messages.schedule_message.request?.({ text: 'Hi', post_at: 1768388400 }, context).body).toEqual(
      form({ channel: 'C08EGRET7QB', text: 'Hi', post_at: 1768388400 }),
    )
  })

  it('rejects a call without any channel before anything is built', () => {
    const build = () => messages.send_message.request?.({ text: 'Hi' }, { settings: {} })
    expect(build).toThrow(ConnectorError)
    expect(build).toThrow('No channel was named')
  })

  it('sends lists separated by commas', () => {
    expect(
      workspace.list_channels.request?.({ types: ['im', 'mpim'], exclude_archived: true, limit: 10 }, { settings: {} }),
    ).toEqual({
      method: 'POST',
      path: 'conversations.list',
      body: form({ types: 'im,mpim', exclude_archived: true, limit: 10 }),
    })
    expect(workspace.open_conversation.request?.({ users: ['U1', 'U2'] }, { settings: {} }).body).toEqual(
      form({ users: 'U1,U2', return_im: true }),
    )
  })
})

describe('lists that Slack reads as JSON', () => {
  it('sends blocks as JSON in the form', () => {
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: '*1.2 m*' } }]
    expect(messages.send_message.request?.({ channel: C, text: 'Level', blocks }, { settings: {} }).body).toEqual(
      form({ channel: C, text: 'Level', blocks: JSON.stringify(blocks) }),
    )
  })
})

describe('a token of an Enterprise Grid organization', () => {
  it.each([
    ['list_channels', {}],
    ['list_users', {}],
    ['list_scheduled_messages', {}],
    ['search_messages', { query: 'heron' }],
  ])('names the workspace of %s with team_id', async (tool, input) => {
    const transport = scriptedTransport([{ json: { ok: false, error: 'team_not_found' } }])
    const mcp = createMcpClient({ connectors: { slack: slack({ token: 'xoxb-org' }) }, transport })
    const call = mcp.client('slack', 'ada').invoke(tool, { ...input, team_id: 'T08MARSHES1' })
    await expect(call).rejects.toMatchObject({ details: { providerCode: 'team_not_found' } })
    expect(transport.requests[0]?.form).toMatchObject({ team_id: 'T08MARSHES1' })
  })
})

describe('upload_file', () => {
  it.each([
    ['neither content nor bytes', { filename: 'a.txt' }],
    ['both content and bytes', { filename: 'a.txt', content: 'a', content_base64: 'YQ==' }],
  ])('refuses %s before anything is sent', async (_what, input) => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { slack: slack({ token: 'xoxb-1' }) }, transport })
    await expect(mcp.client('slack', 'ada').invoke('upload_file', input)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(transport.requests).toEqual([])
  })

  it('never sends the file to a host that is not Slack', async () => {
    const asked = { json: { ok: true, upload_url: 'https://files.slack.example/upload', file_id: 'F1' } }
    const transport = scriptedTransport([asked])
    const mcp = createMcpClient({ connectors: { slack: slack({ token: 'xoxb-1' }) }, transport })
    await expect(
      mcp.client('slack', 'ada').invoke('upload_file', { filename: 'a.txt', content: 'a' }),
    ).rejects.toMatchObject({ details: { completedSteps: 1 } })
    expect(transport.requests).toHaveLength(1)
  })
})

describe('the scopes of each tool', () => {
  const reading = ['channels:read', 'groups:read', 'im:read', 'mpim:read']
  const history = ['channels:history', 'groups:history', 'im:history', 'mpim:history']
  it.each(
    Object.entries({
      send_message: ['chat:write'],
      update_message: ['chat:write'],
      delete_message: ['chat:write'],
      schedule_message: ['chat:write'],
      list_scheduled_messages: [],
      delete_scheduled_message: ['chat:write'],
      list_channels: reading,
      get_channel: reading,
      list_channel_members: reading,
      get_channel_history: history,
      get_thread_replies: history,
      join_channel: ['channels:join'],
      open_conversation: ['im:write', 'mpim:write'],
      list_users: ['users:read'],
      get_user: ['users:read'],
      find_user_by_email: ['users:read.email'],
      upload_file: ['files:write'],
      add_reaction: ['reactions:write'],
      remove_reaction: ['reactions:write'],
      search_messages: ['search:read'],
    } satisfies Record<keyof typeof slack.tools, readonly string[]>),
  )('match the documentation of Slack for %s', (name, scopes) => {
    expect(slack.tools[name]?.scopes).toEqual(scopes)
  })

  it('names every tool', () => {
    expect(Object.keys(slack.tools)).toHaveLength(20)
  })
})

describe('input that Slack would refuse', () => {
  it.each([
    ['no text', messages.send_message.input, { channel: C, text: '' }],
    ['more text than Slack keeps', messages.send_message.input, { channel: C, text: 'x'.repeat(40_001) }],
    ['a thread that is no ts', messages.send_message.input, { channel: C, text: 'Hi', thread_ts: 'yesterday' }],
    ['a block without a type', messages.send_message.input, { channel: C, text: 'Hi', blocks: [{ text: 'Hi' }] }],
    ['more blocks than Slack takes', messages.send_message.input, { channel: C, text: 'Hi', blocks: blocksOf(51) }],
    ['an empty channel', messages.delete_message.input, { channel: '', ts }],
    ['a ts without its fraction', messages.update_message.input, { channel: C, ts: '1768294800', text: 'Hi' }],
    [
      'milliseconds where Slack counts seconds',
      messages.schedule_message.input,
      { channel: C, text: 'Hi', post_at: 1768388400000 },
    ],
    ['a fraction of a second', messages.schedule_message.input, { channel: C, text: 'Hi', post_at: 1768388400.5 }],
    ['an emoji in colons', messages.add_reaction.input, { channel: C, timestamp: ts, name: ':eyes:' }],
    ['nobody', workspace.open_conversation.input, { users: [] }],
    ['nine people', workspace.open_conversation.input, { users: Array.from({ length: 9 }, (_, index) => `U${index}`) }],
    ['a page of a thousand', workspace.list_channels.input, { limit: 1000 }],
    ['no kind of channel', workspace.list_channels.input, { types: [] }],
  ])('%s', (_what, schema, input) => {
    expect(schema.safeParse(input).success).toBe(false)
  })
})

it('accepts as many blocks as Slack does', () => {
  expect(messages.send_message.input.safeParse({ channel: C, text: 'Hi', blocks: blocksOf(50) }).success).toBe(true)
})

function blocksOf(count: number): readonly { readonly type: string }[] {
  return Array.from({ length: count }, () => ({ type: 'divider' }))
}

it('has a preview for every tool that changes something', () => {
  const changing = Object.entries(slack.tools).filter(([, { effect }]) => effect !== 'read')
  expect(changing.flatMap(([name, { preview }]) => (preview === undefined ? [name] : []))).toEqual([])
})
