import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { activeSecrets, verifyRequest, webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { subscriptions } from '../src/events.ts'
import { calendly } from '../src/index.ts'

const HOST = 'https://api.calendly.com'
const ORGANIZATION = `${HOST}/organizations/BBBB`
const EVENT = `${HOST}/scheduled_events/CCCC`
const INVITEE = `${EVENT}/invitees/DDDD`
const userOf = (tenant: string) => `${HOST}/users/${tenant}`

interface Created {
  readonly url: string
  readonly signing_key: string
}

async function setUp() {
  const clock = createFakeClock()
  const created: Created[] = []
  const requests: unknown[] = []
  const transport = scriptedTransport(({ method, path, json, headers }) => {
    const tenant = headers['authorization']?.replace('Bearer ', '') ?? ''
    if (path === '/users/me') return { json: { resource: { uri: userOf(tenant), email: `${tenant}@marshes.example` } } }
    requests.push([method, path, json])
    if (method === 'DELETE') return { status: 204 }
    created.push(json as Created)
    return { status: 201, json: { resource: { uri: `${HOST}/webhook_subscriptions/W${created.length}` } } }
  })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { calendly: calendly({ signingSecret: 'host-secret' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    clock,
    transport,
    capabilities: [hooks],
  })
  const seen: unknown[] = []
  for (const name of ['created', 'canceled', 'no_show_created', 'no_show_deleted'] as const) {
    mcp.on(`calendly.invitee_${name}`, ({ tenant, data }) => seen.push([tenant, name, data.uri]))
  }
  for (const tenant of ['ada', 'bob']) await mcp.as(tenant).calendly.connect({ token: tenant })
  const target = (tenant: string) => ({
    connector: 'calendly',
    tenant,
    params: { organization: ORGANIZATION, user: userOf(tenant) },
  })
  const deliver = (body: unknown, { url, signing_key }: Created, { ageMs = 0, sent = body } = {}) => {
    const timestamp = Math.floor((clock.now() - ageMs) / 1000)
    const signature = createHmac('sha256', signing_key)
      .update(`${timestamp}.${JSON.stringify(body)}`)
      .digest('hex')
    const headers = { 'calendly-webhook-signature': `t=${timestamp},v1=${signature}` }
    return hooks.receive(new Request(url, { method: 'POST', body: JSON.stringify(sent), headers }))
  }
  const subscribe = async (): Promise<readonly [Created, Created]> => {
    for (const tenant of ['ada', 'bob']) await hooks.subscribe(target(tenant))
    const [ada, bob] = created
    if (ada === undefined || bob === undefined) throw new Error('A subscription is missing.')
    return [ada, bob]
  }
  return { hooks, seen, requests, deliver, subscribe, target }
}

// The shape of https://developer.calendly.com/api-docs/calendly-api/webhooks
const delivery = (event: string, change: object = {}) => ({
  event,
  created_at: '2026-11-01T03:04:05.000000Z',
  created_by: userOf('ada'),
  payload: {
    uri: INVITEE,
    name: 'Bob Egret',
    email: 'bob@marshes.example',
    status: 'active',
    event: EVENT,
    no_show: null,
    scheduled_event: {
      uri: EVENT,
      name: 'Guided walk',
      status: 'active',
      start_time: '2026-11-05T06:00:00.000000Z',
      end_time: '2026-11-05T06:30:00.000000Z',
    },
  },
  ...change,
})

describe('a subscription', () => {
  it('has an address and a signing key of its own, and is deleted', async () => {
    const { hooks, requests, subscribe, target } = await setUp()
    const [ada, bob] = await subscribe()
    expect(ada.signing_key).not.toBe(bob.signing_key)
    expect(ada.url).toMatch(/^https:\/\/app\.example\/hooks\/calendly\/[\da-f-]{36}$/)
    await hooks.unsubscribe(target('ada'))
    const events = ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted']
    expect(requests[0]).toEqual([
      'POST',
      '/webhook_subscriptions',
      {
        url: ada.url,
        events,
        organization: ORGANIZATION,
        user: userOf('ada'),
        scope: 'user',
        signing_key: ada.signing_key,
      },
    ])
    expect(requests[2]).toEqual(['DELETE', '/webhook_subscriptions/W1', undefined])
  })

  it('names no user if it is for an organization', async () => {
    const { hooks, requests } = await setUp()
    await hooks.subscribe({
      connector: 'calendly',
      tenant: 'ada',
      params: { organization: 'BBBB', events: ['invitee.created'] },
    })
    const body = { organization: ORGANIZATION, scope: 'organization', events: ['invitee.created'] }
    expect(requests).toMatchObject([['POST', '/webhook_subscriptions', body]])
  })
})

describe('a delivery', () => {
  it('is emitted to the tenant of its subscription', async () => {
    const { seen, deliver, subscribe } = await setUp()
    const [ada, bob] = await subscribe()
    for (const event of ['invitee.created', 'invitee.canceled', 'invitee_no_show.created', 'invitee_no_show.deleted']) {
      expect((await deliver(delivery(event), ada)).status).toBe(200)
    }
    expect((await deliver(delivery('invitee.created'), bob)).status).toBe(200)
    expect(seen).toEqual([
      ['ada', 'created', INVITEE],
      ['ada', 'canceled', INVITEE],
      ['ada', 'no_show_created', INVITEE],
      ['ada', 'no_show_deleted', INVITEE],
      ['bob', 'created', INVITEE],
    ])
  })

  it('is emitted once if it is repeated, and again for another moment', async () => {
    const { seen, deliver, subscribe } = await setUp()
    const [ada] = await subscribe()
    const marked = delivery('invitee_no_show.created')
    const markedAgain = delivery('invitee_no_show.created', { created_at: '2026-11-01T03:05:00.000000Z' })
    for (const body of [marked, marked, markedAgain]) await deliver(body, ada)
    expect(seen).toHaveLength(2)
  })

  it('goes to the creator of a subscription that was made by hand', async () => {
    const { seen, deliver } = await setUp()
    const byHand = { url: 'https://app.example/hooks/calendly', signing_key: 'host-secret' }
    expect((await deliver(delivery('invitee.created'), byHand)).status).toBe(200)
    expect(seen).toEqual([['ada', 'created', INVITEE]])
  })

  it('is ignored if it is of another kind', async () => {
    const { seen, deliver, subscribe, hooks } = await setUp()
    const [ada] = await subscribe()
    for (const event of ['routing_form_submission.created', 'constructor']) {
      expect((await deliver(delivery(event, { payload: {} }), ada)).status).toBe(200)
    }
    expect([seen, await Array.fromAsync(hooks.parked())]).toEqual([[], []])
  })

  it('is refused if it is signed with the key of another subscription, or changed', async () => {
    const { seen, deliver, subscribe } = await setUp()
    const [ada, bob] = await subscribe()
    const body = delivery('invitee.created')
    expect((await deliver(body, { ...ada, signing_key: bob.signing_key })).status).toBe(401)
    expect((await deliver(body, { ...ada, signing_key: 'host-secret' })).status).toBe(401)
    expect((await deliver(body, ada, { sent: delivery('invitee.canceled') })).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('is refused if it is older than three minutes', async () => {
    const { deliver, subscribe } = await setUp()
    const [ada] = await subscribe()
    expect((await deliver(delivery('invitee.created'), ada, { ageMs: 179_000 })).status).toBe(200)
    expect((await deliver(delivery('invitee.canceled'), ada, { ageMs: 182_000 })).status).toBe(401)
  })

  it('is parked if it does not have the documented form', async () => {
    const { deliver, subscribe, hooks } = await setUp()
    const [ada] = await subscribe()
    expect((await deliver(delivery('invitee.created', { payload: { uri: 1 } }), ada)).status).toBe(400)
    expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ serverId: 'calendly', code: 'INVALID_INPUT' }])
  })
})

it('verifies a known vector', async () => {
  const address = 'https://app.example/hooks/calendly'
  const verified = async (signature: string) => {
    const headers = { 'calendly-webhook-signature': `t=1718000000,v1=${signature}` }
    const request = new Request(address, { method: 'POST', body: '{"event":"invitee.created"}', headers })
    const secrets = activeSecrets('signing_key_1')
    return (
      await verifyRequest(request, { scheme: subscriptions.verify, secrets, address, now: () => 1_718_000_000_000 })
    ).verified
  }
  expect(await verified('c2ccc1b44f7d1824748e4e515b772cb8d2590a4f782d90f051b4c4225ca1dee9')).toBe(true)
  expect(await verified('d2ccc1b44f7d1824748e4e515b772cb8d2590a4f782d90f051b4c4225ca1dee9')).toBe(false)
})
