import { ConnectorError, createMcpClient, fetchTransport } from '@mcpclient/core'
import { createEmulator } from 'emulate'
import type { Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'
import type { LoopbackServer } from '@mcpclient/testkit'
import { strictProxy } from './strict-proxy.ts'

const TOKEN = 'xoxb-4417-emulated'
const SCOPES = [
  ...['chat:write', 'channels:read', 'channels:history', 'channels:join', 'groups:read', 'im:read', 'im:write'],
  ...['users:read', 'users:read.email', 'reactions:write', 'files:write'],
]

let emulator: Emulator
let proxy: LoopbackServer
const opened: { close(): Promise<void> }[] = []

beforeAll(async () => {
  emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Marshes', domain: 'marshes' },
        users: [
          { name: 'ada', real_name: 'Ada Reed', email: 'ada@marshes.example' },
          { name: 'heron', real_name: 'Heron', email: 'heron@marshes.example' },
        ],
        channels: [{ name: 'sightings', topic: 'What was seen today' }, { name: 'weather' }],
        tokens: [{ token: TOKEN, type: 'bot', user: 'heron', scopes: SCOPES }],
        strict_scopes: true,
      },
    },
  })
  proxy = await strictProxy({ target: emulator.url, token: TOKEN })
})

afterAll(async () => {
  for (const client of opened) await client.close()
  await proxy[Symbol.asyncDispose]()
  await emulator.close()
})

function start(token = TOKEN) {
  const connectors = { slack: slack({ token, baseUrl: `${proxy.url}/api/` }) }
  const mcp = createMcpClient({ connectors, transport: fetchTransport() })
  opened.push(mcp)
  return mcp.as('ada').slack
}

type Slack = ReturnType<typeof start>

const channelNamed = async (client: Slack, name: string): Promise<string> => {
  const { channels } = await client.call('list_channels', {})
  const channel = channels.find((each) => each.name === name)
  if (channel === undefined) throw new Error(`There is no channel ${name}.`)
  return channel.id
}

const codeOf = (call: Promise<unknown>): Promise<string | undefined> =>
  call.then(
    () => undefined,
    (error: unknown) => (ConnectorError.is(error) ? (error.details.providerCode ?? error.code) : String(error)),
  )

describe('against an emulator of Slack that keeps state', () => {
  it('sends a message, replies to it, changes, reads and deletes it', async () => {
    const client = start()
    const channel = await channelNamed(client, 'sightings')
    const { ts } = await client.call('send_message', { channel, text: 'A heron' })
    const reply = await client.call('send_message', { channel, text: 'Where?', thread_ts: ts })
    await client.call('update_message', { channel, ts, text: 'Two herons' })

    const { messages } = await client.call('get_channel_history', { channel, limit: 10 })
    expect(messages[0]).toMatchObject({ ts, text: 'Two herons', reply_count: 1 })
    const thread = await client.call('get_thread_replies', { channel, ts })
    expect(thread.messages.map(({ text }) => text)).toEqual(['Two herons', 'Where?'])

    await client.call('delete_message', { channel, ts: reply.ts })
    await client.call('delete_message', { channel, ts })
    expect(await codeOf(client.call('delete_message', { channel, ts }))).toBe('message_not_found')
  })

  it('schedules, lists and cancels a message', async () => {
    const client = start()
    const channel = await channelNamed(client, 'weather')
    const post_at = Math.floor(Date.now() / 1000) + 3600
    const scheduled = await client.call('schedule_message', { channel, text: 'Rain at noon', post_at })
    expect(scheduled.post_at).toBe(post_at)

    const { scheduled_messages } = await client.call('list_scheduled_messages', { channel })
    expect(scheduled_messages).toMatchObject([{ id: scheduled.scheduled_message_id, text: 'Rain at noon', post_at }])
    const { scheduled_message_id } = scheduled
    expect(await client.call('delete_scheduled_message', { channel, scheduled_message_id })).toEqual({ ok: true })
    expect((await client.call('list_scheduled_messages', { channel })).scheduled_messages).toEqual([])
  })

  it('lists channels page by page', async () => {
    const client = start()
    const ids: string[] = []
    let pages = 0
    for await (const { channels } of client.pages('list_channels', { limit: 1 })) {
      pages++
      ids.push(...channels.map(({ id }) => id))
    }
    expect(pages).toBeGreaterThan(2)
    expect(new Set(ids).size).toBe(ids.length)
    expect((await client.call('list_channels', {})).channels.map(({ id }) => id)).toEqual(ids)
  })

  it('joins and describes a channel', async () => {
    const client = start()
    const channel = await channelNamed(client, 'sightings')
    await client.call('join_channel', { channel })
    const described = await client.call('get_channel', { channel })
    expect(described.channel).toMatchObject({ id: channel, name: 'sightings', topic: { value: 'What was seen today' } })
    const { members } = await client.call('list_channel_members', { channel })
    expect(members.length).toBeGreaterThan(1)
  })

  it('finds a user and opens a conversation', async () => {
    const client = start()
    const { user } = await client.call('find_user_by_email', { email: 'ada@marshes.example' })
    expect(user.real_name).toBe('Ada Reed')
    expect((await client.call('get_user', { user: user.id })).user).toEqual(user)
    expect((await client.call('list_users', {})).members.map(({ id }) => id)).toContain(user.id)

    const { channel } = await client.call('open_conversation', { users: [user.id] })
    expect(channel).toMatchObject({ is_im: true, user: user.id })
    const again = await client.call('open_conversation', { users: [user.id] })
    expect(again.channel.id).toBe(channel.id)
    await client.call('send_message', { channel: channel.id, text: 'Good morning' })
  })

  it('shares an uploaded file in a channel', async () => {
    const client = start()
    const channel = await channelNamed(client, 'sightings')
    const upload = { filename: 'levels.csv', content: 'hour,metres\n6,1.2\n', title: 'Water levels', channel }
    const { file } = await client.call('upload_file', upload)
    expect(file).toMatchObject({ title: 'Water levels' })
    const { messages } = await client.call('get_channel_history', { channel, limit: 5 })
    expect(messages.flatMap(({ files = [] }) => files.map(({ id }) => id))).toContain(file.id)
  })

  it('adds a reaction once and removes it once', async () => {
    const client = start()
    const channel = await channelNamed(client, 'sightings')
    const { ts: timestamp } = await client.call('send_message', { channel, text: 'An egret' })
    const reaction = { channel, timestamp, name: 'eyes' }
    await client.call('add_reaction', reaction)
    expect(await codeOf(client.call('add_reaction', reaction))).toBe('already_reacted')
    const { messages } = await client.call('get_channel_history', { channel, limit: 1 })
    expect(messages[0]?.reactions).toMatchObject([{ name: 'eyes', count: 1 }])
    await client.call('remove_reaction', reaction)
    expect(await codeOf(client.call('remove_reaction', reaction))).toBe('no_reaction')
  })

  it('reports an unknown channel', async () => {
    expect(await codeOf(start().call('send_message', { channel: 'C0NOWHERE', text: 'Hello?' }))).toBe(
      'channel_not_found',
    )
  })

  it('reports a scope that the token lacks', async () => {
    const call = start().call('list_channels', { types: ['mpim'] })
    await expect(call).rejects.toMatchObject({ advice: 'Give the token the scope mpim:read.' })
  })

  it('rejects a wrong token, and reads the account of a correct one', async () => {
    expect(await codeOf(start('xoxb-4417-wrong').call('list_channels', {}))).toBe('invalid_auth')
    expect(await start('xoxb-4417-wrong').health()).toMatchObject({ status: 'unhealthy' })
    expect(await start().health()).toMatchObject({ status: 'healthy', account: { name: 'heron, Marshes' } })
  })
})
