import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { mailchimpApiKey } from '../src/index.ts'

const SECRET = 'r4nd0m-secret-of-at-least-32-characters'

function setUp(signingSecret: string | readonly string[] = SECRET) {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { lists: mailchimpApiKey({ apiKey: '0123-us6', signingSecret }) },
    capabilities: [hooks],
    transport: scriptedTransport([]),
    clock,
  })
  const seen: (readonly [name: string, data: unknown])[] = []
  for (const name of ['subscribe', 'unsubscribe', 'profile', 'upemail', 'cleaned', 'campaign'] as const) {
    mcp.on(`lists.${name}`, ({ data }) => seen.push([name, data]))
  }
  const receive = (path: string, init: RequestInit) => hooks.receive(new Request(`http://internal/hooks/${path}`, init))
  const deliver = (fields: Readonly<Record<string, string>>, path = `lists/${SECRET}`) =>
    receive(path, { method: 'POST', body: new URLSearchParams(fields) })
  return { hooks, seen, receive, deliver }
}

// The fields of https://mailchimp.com/developer/marketing/guides/sync-audience-data-webhooks/
const fired_at = '2009-03-26 21:35:57'
const subscribe = {
  type: 'subscribe',
  fired_at,
  'data[id]': '8a25ff1d98',
  'data[list_id]': 'a6b5da1054',
  'data[email]': 'api@mailchimp.example',
  'data[email_type]': 'html',
  'data[merges][EMAIL]': 'api@mailchimp.example',
  'data[merges][FNAME]': 'Mailchimp',
  'data[merges][ADDRESS][city]': 'Atlanta',
  'data[ip_opt]': '10.20.10.30',
}

it('emits every change of an audience with its fields', async () => {
  const { deliver, seen } = setUp()
  const base = { fired_at, 'data[list_id]': 'a6b5da1054' }
  const kinds = [
    subscribe,
    {
      ...subscribe,
      type: 'unsubscribe',
      'data[action]': 'unsub',
      'data[reason]': 'manual',
      'data[campaign_id]': 'cb398d21d2',
    },
    { ...subscribe, type: 'profile' },
    {
      ...base,
      type: 'upemail',
      'data[new_id]': '51da8c3259',
      'data[new_email]': 'new@mailchimp.example',
      'data[old_email]': 'old@mailchimp.example',
    },
    {
      ...base,
      type: 'cleaned',
      'data[campaign_id]': '4fjk2ma9xd',
      'data[reason]': 'hard',
      'data[email]': 'api@m.example',
    },
    { ...base, type: 'campaign', 'data[id]': '5aa2102003', 'data[subject]': 'Test', 'data[status]': 'sent' },
  ]
  for (const fields of kinds) expect((await deliver(fields)).status).toBe(200)
  expect(seen.map(([name]) => name)).toEqual(kinds.map(({ type }) => type))
  expect(seen[0]?.[1]).toEqual({
    fired_at,
    id: '8a25ff1d98',
    list_id: 'a6b5da1054',
    email: 'api@mailchimp.example',
    email_type: 'html',
    merges: { EMAIL: 'api@mailchimp.example', FNAME: 'Mailchimp', 'ADDRESS][city': 'Atlanta' },
  })
  expect(seen[3]?.[1]).toMatchObject({ new_email: 'new@mailchimp.example', old_email: 'old@mailchimp.example' })
})

it('emits a change that is repeated once', async () => {
  const { deliver, seen } = setUp()
  for (const fields of [subscribe, subscribe]) expect((await deliver(fields)).status).toBe(200)
  expect(seen).toHaveLength(1)
})

it.each(['lists', 'lists/', 'lists/another-secret', `lists/${SECRET}x`, `lists?secret=${SECRET}`])(
  'refuses a change and a check at %s',
  async (path) => {
    const { deliver, receive, seen } = setUp()
    expect((await deliver(subscribe, path)).status).toBe(401)
    expect((await receive(path, { method: 'GET' })).status).toBe(401)
    expect(seen).toEqual([])
  },
)

it('responds to the check of an address, and emits nothing for it', async () => {
  const { receive, seen } = setUp()
  const response = await receive(`lists/${SECRET}`, { method: 'GET' })
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect(seen).toEqual([])
})

it('accepts both secrets while one replaces the other', async () => {
  const { deliver } = setUp(['new-secret-of-at-least-32-characters', SECRET])
  expect((await deliver(subscribe)).status).toBe(200)
  expect((await deliver(subscribe, 'lists/new-secret-of-at-least-32-characters')).status).toBe(200)
})

it('ignores changes of other types, and parks what does not have the documented form', async () => {
  const { deliver, hooks, seen } = setUp()
  for (const type of ['survey', 'constructor']) expect((await deliver({ ...subscribe, type })).status).toBe(200)
  const { 'data[email]': _email, ...without } = subscribe
  expect((await deliver(without)).status).toBe(400)
  expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ serverId: 'lists', code: 'INVALID_INPUT' }])
  expect(seen).toEqual([])
})

describe('a subscription of a tenant', () => {
  interface Created {
    readonly url: string
    readonly events: object
    readonly sources: object
  }

  async function subscribed() {
    const hooks = webhooks({ address: 'https://app.example/hooks' })
    const created: Created[] = []
    const requests: string[] = []
    const checks: number[] = []
    const mcp = createMcpClient({
      connectors: { lists: mailchimpApiKey({ signingSecret: SECRET }) },
      vault: vault({ store: memoryStore() }),
      capabilities: [hooks],
      transport: scriptedTransport(async ({ method, path, json }) => {
        if (method === 'GET') return { json: { account_id: 'a1', account_name: 'Marshes' } }
        requests.push(`${method} ${path}`)
        if (method === 'DELETE') return { status: 204 }
        const webhook = json as Created
        created.push(webhook)
        // Mailchimp checks the address before it responds.
        checks.push((await hooks.receive(new Request(webhook.url))).status)
        return { json: { id: `w${created.length}`, url: webhook.url, list_id: path.split('/')[3] } }
      }),
    })
    const seen: unknown[] = []
    mcp.on('lists.subscribe', ({ tenant, connection }) => seen.push([tenant, connection]))
    for (const tenant of ['ada', 'bob']) {
      await mcp.as(tenant).lists.connect({ apiKey: `${tenant}-us6` })
      await hooks.subscribe({ connector: 'lists', tenant, params: { list_id: `list-${tenant}` } })
    }
    const deliver = (url: string) =>
      hooks.receive(new Request(url, { method: 'POST', body: new URLSearchParams(subscribe) }))
    return { checks, created, deliver, hooks, mcp, requests, seen }
  }

  it('has an address that proves its own connection alone', async () => {
    const { checks, created, deliver, requests, seen } = await subscribed()
    const [ada = '', bob = ''] = created.map(({ url }) => url)
    expect(requests).toEqual(['POST /3.0/lists/list-ada/webhooks', 'POST /3.0/lists/list-bob/webhooks'])
    expect(created[0]).toMatchObject({
      events: { subscribe: true, campaign: true },
      sources: { user: true, admin: true, api: false },
    })
    expect(checks).toEqual([200, 200])
    const [adasId, bobsId] = [ada, bob].map((url) => url.split('/').at(-1)?.split('.')[0])
    const forged = [`https://app.example/hooks/lists/${adasId}`, ada.replace(adasId ?? '', bobsId ?? ''), `${ada}x`]
    for (const url of forged) expect((await deliver(url)).status).toBe(401)
    expect((await deliver(ada)).status).toBe(200)
    expect((await deliver(bob)).status).toBe(200)
    expect(seen).toEqual([
      ['ada', 'default'],
      ['bob', 'default'],
    ])
    for (const url of [ada, bob]) expect(url).not.toContain(SECRET)
  })

  it('names the events and whose changes it reports', async () => {
    const { created, hooks } = await subscribed()
    const params = { list_id: 'l2', events: ['cleaned'], sources: ['api'] }
    await hooks.subscribe({ connector: 'lists', tenant: 'ada', params })
    expect(created.at(-1)).toMatchObject({
      events: { cleaned: true, subscribe: false },
      sources: { user: false, admin: false, api: true },
    })
  })

  it('ends with its connection, also at Mailchimp', async () => {
    const { created, deliver, mcp, requests, seen } = await subscribed()
    await mcp.as('ada').lists.disconnect()
    expect(requests.at(-1)).toBe('DELETE /3.0/lists/list-ada/webhooks/w1')
    await deliver(created[0]?.url ?? '')
    expect(seen).toEqual([])
  })
})
