import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { isValidSlackRequest } from '@slack/bolt'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const SECRET = '8f742231b10e8888abcd99yyyzzz85a5'
const BOT = { team_id: 'T1', user_id: 'U0BOT' }

/** Composes Slack with a vault, and connects each tenant to the account that its token names: `T1:U1`. */
async function setUp(tokens: Readonly<Record<string, string>> = { ada: 'T1:U0BOT' }) {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const transport = scriptedTransport(({ headers }) => {
    const [team_id, user_id] = headers['authorization']?.replace('Bearer ', '').split(':') ?? []
    return { json: { ok: true, team: 'Acme', user: 'bot', team_id, user_id } }
  })
  const mcp = createMcpClient({
    connectors: { slack: slack({ signingSecret: SECRET }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    clock,
    transport,
  })
  for (const [tenant, token] of Object.entries(tokens)) await mcp.as(tenant).slack.connect({ token })
  const seen: (readonly [tenant: string | undefined, name: string, data: unknown])[] = []
  const names = ['message', 'app_mention', 'reaction_added', 'reaction_removed', 'channel_created'] as const
  for (const name of [...names, 'app_uninstalled', 'tokens_revoked'] as const) {
    mcp.on(`slack.${name}`, ({ tenant, data }) => seen.push([tenant, name, data]))
  }
  const sign = (body: string, secret = SECRET): Record<string, string> => {
    const timestamp = String(Math.floor(clock.now() / 1000))
    const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
    return { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${signature}` }
  }
  const deliver = (payload: unknown, change: { readonly secret?: string; readonly headers?: object } = {}) => {
    const body = JSON.stringify(payload)
    const headers = { 'content-type': 'application/json', ...sign(body, change.secret), ...change.headers }
    return hooks.receive(new Request('http://internal/hooks/slack', { method: 'POST', body, headers }))
  }
  return { clock, mcp, hooks, seen, sign, deliver }
}

const wrapped = (event: object, change: object = {}) => ({
  token: 'XXYYZZ',
  team_id: 'T1',
  api_app_id: 'A1',
  event: { event_ts: '1525215129.000001', ...event },
  type: 'event_callback',
  event_id: 'Ev1',
  event_time: 1525215129,
  authorizations: [{ enterprise_id: null, ...BOT, is_bot: true, is_enterprise_install: false }],
  ...change,
})
const message = {
  type: 'message',
  channel: 'C1',
  channel_type: 'channel',
  user: 'U1',
  text: 'Hi',
  ts: '1525215129.000001',
}

it('hands each kind of event to the tenant that installed the app', async () => {
  const { deliver, seen } = await setUp({ ada: 'T1:U0BOT', bob: 'T2:U0BOT' })
  const { type: _type, ...fields } = message
  const stamp = { event_ts: '1525215129.000001' }
  const reaction = {
    user: 'U1',
    reaction: 'wave',
    item_user: 'U2',
    item: { type: 'message', channel: 'C1', ts: '1.2' },
  }
  const channel = { id: 'C2', name: 'heron', created: 1360782804, creator: 'U1' }
  const kinds = [
    ['message', message, fields],
    ['app_mention', { ...message, type: 'app_mention' }, { ...fields, channel_type: undefined }],
    ['reaction_added', { type: 'reaction_added', ...reaction }, reaction],
    ['reaction_removed', { type: 'reaction_removed', ...reaction }, reaction],
    ['channel_created', { type: 'channel_created', channel: { ...channel, is_channel: true } }, { channel }],
  ] as const
  for (const [name, event, data] of kinds) {
    expect((await deliver(wrapped(event, { event_id: `Ev-${name}` }))).status).toBe(200)
    expect(seen.pop()).toEqual(['ada', name, { ...data, ...stamp }])
  }
  expect(seen).toEqual([])
})

it('reports what was edited and deleted', async () => {
  const { deliver, seen } = await setUp()
  const before = { type: 'message', user: 'U1', text: 'Hi', ts: '1.2' }
  const shared = { type: 'message', channel: 'C1', channel_type: 'channel', hidden: true, ts: '1.3' }
  const after = { ...before, text: 'Hello' }
  await deliver(wrapped({ ...shared, subtype: 'message_changed', message: after, previous_message: before }))
  const deleted = { ...shared, subtype: 'message_deleted', deleted_ts: '1.2', previous_message: before }
  await deliver(wrapped(deleted, { event_id: 'Ev2' }))
  expect(seen).toMatchObject([
    ['ada', 'message', { subtype: 'message_changed', message: { text: 'Hello' }, previous_message: { text: 'Hi' } }],
    ['ada', 'message', { subtype: 'message_deleted', deleted_ts: '1.2', previous_message: { text: 'Hi' } }],
  ])
})

describe('the recipient', () => {
  it('is the installation that may see the event, and no other user of the workspace', async () => {
    const { deliver, seen } = await setUp({ ada: 'T1:U0BOT', bob: 'T1:U2' })
    await deliver(wrapped(message))
    const authorizations = [{ enterprise_id: null, team_id: 'T1', user_id: 'U2', is_bot: false }]
    await deliver(wrapped(message, { event_id: 'Ev2', authorizations }))
    expect(seen.map(([tenant]) => tenant)).toEqual(['ada', 'bob'])
  })

  it('is the workspace of the installation if the channel is shared with another one', async () => {
    const { deliver, seen } = await setUp({ ada: 'T1:U0BOT' })
    await deliver(wrapped(message, { team_id: 'T9' }))
    expect(seen.map(([tenant]) => tenant)).toEqual(['ada'])
  })

  it('is every user whose token was revoked', async () => {
    const { deliver, seen } = await setUp({ ada: 'T1:U0BOT', bob: 'T1:U2', eve: 'T1:U3' })
    const event = { type: 'tokens_revoked', tokens: { oauth: ['U2'], bot: ['U0BOT'] } }
    await deliver({ ...wrapped(event), event, authorizations: undefined })
    const data = { tokens: { oauth: ['U2'], bot: ['U0BOT'] } }
    expect(seen).toEqual([
      ['bob', 'tokens_revoked', data],
      ['ada', 'tokens_revoked', data],
    ])
  })

  it("is the app's own credential, whatever the account", async () => {
    const hooks = webhooks({ address: 'https://app.example/hooks' })
    const mcp = createMcpClient({
      connectors: { slack: slack({ token: 'xoxb-test', signingSecret: SECRET }) },
      capabilities: [hooks],
      transport: scriptedTransport([]),
    })
    const seen: unknown[] = []
    mcp.on('slack.app_uninstalled', ({ tenant }) => seen.push(tenant))
    const event = { type: 'app_uninstalled' }
    const body = JSON.stringify({ ...wrapped(event), event, authorizations: undefined })
    const timestamp = String(Math.floor(Date.now() / 1000))
    const mac = createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${mac}` }
    await hooks.receive(new Request('http://internal/slack', { method: 'POST', body, headers }))
    expect(seen).toEqual([undefined])
  })
})

it('responds to the challenge of a new request URL if it is signed', async () => {
  const { deliver, seen } = await setUp()
  const challenge = {
    token: 'XXYYZZ',
    challenge: '3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P',
    type: 'url_verification',
  }
  const response = await deliver(challenge)
  expect([response.status, await response.text()]).toEqual([200, challenge.challenge])
  expect((await deliver(challenge, { secret: 'another-secret' })).status).toBe(401)
  expect(seen).toEqual([])
})

it('hands a repetition of Slack over once', async () => {
  const { deliver, seen } = await setUp()
  await deliver(wrapped(message))
  const headers = { 'x-slack-retry-num': '1', 'x-slack-retry-reason': 'http_timeout' }
  expect((await deliver(wrapped(message), { headers })).status).toBe(200)
  expect(seen).toHaveLength(1)
})

it('ignores other requests and other events', async () => {
  const { deliver, seen, hooks } = await setUp()
  const limited = {
    token: 'XXYYZZ',
    type: 'app_rate_limited',
    team_id: 'T1',
    minute_rate_limited: 1518467820,
    api_app_id: 'A1',
  }
  expect((await deliver(limited)).status).toBe(200)
  expect((await deliver(wrapped({ type: 'team_join' }))).status).toBe(200)
  expect((await deliver(wrapped({ type: 'constructor' }))).status).toBe(200)
  expect((await deliver(wrapped(message, { authorizations: [] }))).status).toBe(200)
  expect([seen, await Array.fromAsync(hooks.parked())]).toEqual([[], []])
})

it('parks an event that does not have the documented form', async () => {
  const { deliver, hooks } = await setUp()
  expect((await deliver(wrapped({ ...message, channel: 1 }))).status).toBe(400)
  expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ serverId: 'slack', code: 'INVALID_INPUT' }])
})

it("accepts and refuses the same deliveries as Slack's own SDK", async () => {
  const { hooks, sign, clock } = await setUp()
  const body = JSON.stringify(wrapped(message))
  const good = sign(body)
  const late = String(Math.floor(clock.now() / 1000) - 301)
  const deliveries: readonly (readonly [string, Record<string, string>])[] = [
    [body, good],
    [`${body} `, good],
    [body.replace('Hi', 'Ho'), good],
    [body, sign(body, 'another-secret')],
    [body, { ...good, 'x-slack-request-timestamp': late }],
    [body, { ...good, 'x-slack-signature': good['x-slack-signature']?.replace('v0=', 'v1=') ?? '' }],
    [body, { ...good, 'x-slack-signature': `${good['x-slack-signature']}00` }],
  ]
  const outcomes: boolean[] = []
  for (const [text, headers] of deliveries) {
    const request = new Request('http://internal/hooks/slack', { method: 'POST', body: text, headers })
    const { status } = await hooks.receive(request)
    const timestamp = Number(headers['x-slack-request-timestamp'])
    const theirs = isValidSlackRequest({
      signingSecret: SECRET,
      body: text,
      headers: { 'x-slack-signature': headers['x-slack-signature'] ?? '', 'x-slack-request-timestamp': timestamp },
      nowMilliseconds: clock.now(),
    })
    expect(status === 200, text).toBe(theirs)
    outcomes.push(theirs)
  }
  expect(outcomes).toEqual([true, false, false, false, false, false, false])
})
