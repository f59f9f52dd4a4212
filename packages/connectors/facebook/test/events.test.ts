import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { facebook, verifyToken } from '../src/index.ts'

const SECRET = 'app_secret_1'

/** Composes Facebook with a vault, and connects two tenants to a page each. */
async function setUp() {
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { facebook: facebook({ signingSecret: SECRET }) },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [hooks],
    clock,
    transport: scriptedTransport(({ path }) => ({ json: { id: path.split('/').at(-1) } })),
  })
  for (const [tenant, pageId] of Object.entries({ ada: '11', bob: '12' })) {
    await mcp.as(tenant).facebook.connect({ token: `token-of-${tenant}` }, { settings: { pageId } })
  }
  const seen: (readonly [tenant: string | undefined, data: unknown])[] = []
  mcp.on('facebook.feed', ({ tenant, data }) => seen.push([tenant, data]))
  const request = (path: string, init?: RequestInit) =>
    hooks.receive(new Request(`http://internal/hooks/facebook${path}`, init))
  const deliver = (payload: unknown, secret = SECRET) => {
    const body = JSON.stringify(payload)
    const mac = createHmac('sha256', secret).update(body).digest('hex')
    return request('', { method: 'POST', body, headers: { 'x-hub-signature-256': `sha256=${mac}` } })
  }
  return { hooks, seen, request, deliver }
}

// The shape of https://developers.facebook.com/docs/graph-api/webhooks/reference/page
const comment = {
  item: 'comment',
  verb: 'add',
  post_id: '11_4417',
  comment_id: '4417_1',
  parent_id: '11_4417',
  from: { id: '2210', name: 'Egret Example' },
  message: 'Where was that?',
  created_time: 1_764_554_400,
}
const entry = (id: string, value: object, time = 1_764_554_401) => ({ id, time, changes: [{ field: 'feed', value }] })
const page = (...entries: readonly object[]) => ({ object: 'page', entry: entries })

describe('a delivery', () => {
  it('emits each change for the page that it belongs to', async () => {
    const { deliver, seen } = await setUp()
    const reaction = {
      item: 'reaction',
      verb: 'add',
      post_id: '12_1',
      reaction_type: 'love',
      created_time: 1_764_554_399,
    }
    expect((await deliver(page(entry('11', comment), entry('12', reaction), entry('13', comment)))).status).toBe(200)
    expect(seen).toEqual([
      ['ada', comment],
      ['bob', reaction],
    ])
  })

  it('emits a change once, even if it is sent again later or with other changes', async () => {
    const { deliver, seen } = await setUp()
    await deliver(page(entry('11', comment)))
    await deliver(page(entry('11', comment, 1_764_558_000), entry('11', { ...comment, comment_id: '4417_2' })))
    expect(seen.map(([, data]) => (data as typeof comment).comment_id)).toEqual(['4417_1', '4417_2'])
  })

  it('emits each edit of a comment', async () => {
    const { deliver, seen } = await setUp()
    const edited = { ...comment, verb: 'edited' }
    await deliver(page(entry('11', edited, 1)))
    await deliver(page(entry('11', edited, 1)))
    await deliver(page(entry('11', { ...edited, message: 'Where?' }, 2)))
    expect(seen.map(([, data]) => (data as typeof comment).message)).toEqual(['Where was that?', 'Where?'])
  })

  it('is ignored if it is about something else', async () => {
    const { deliver, seen } = await setUp()
    const message = { id: '11', time: 1, messaging: [{ sender: { id: '1' } }] }
    expect((await deliver(page(message))).status).toBe(200)
    expect((await deliver({ object: 'user', entry: [entry('11', comment)] })).status).toBe(200)
    expect(seen).toEqual([])
  })

  it('is parked if a change does not have the documented form', async () => {
    const { deliver, hooks, seen } = await setUp()
    expect((await deliver(page(entry('11', { ...comment, item: 1 })))).status).toBe(400)
    expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ code: 'INVALID_INPUT' }])
    expect(seen).toEqual([])
  })

  it('is refused if it is forged', async () => {
    const { deliver, seen } = await setUp()
    expect((await deliver(page(entry('11', comment)), 'another secret')).status).toBe(401)
    expect(seen).toEqual([])
  })
})

it('responds to the check of the address', async () => {
  const { request } = await setUp()
  const token = await verifyToken(SECRET)
  const query = `?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=`
  expect(await (await request(query + token)).text()).toBe('1158201444')
  expect((await request(`${query}meatyhamhock`)).status).toBe(401)
})
