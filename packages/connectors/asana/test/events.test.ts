import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedResponse } from '@mcpclient/testing'
import { activeSecrets, verifyRequest, webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { hooks as description } from '../src/events.ts'
import { asana } from '../src/index.ts'

// The secret of Asana's documentation.
const SECRET = 'b537207f20cbfa02357cf448134da559e8bd39d61597dcd5631b8012eae53e81'
const PROJECT = '1203000000000001'
const TASK = '1205000000000001'

const sign = (body: string, secret: string) => createHmac('sha256', secret).update(body).digest('hex')

interface SceneOptions {
  readonly response?: ScriptedResponse
  /** Whether Asana calls the address, as it does before it responds. */
  readonly shakesHands?: boolean
}

async function setUp({ response, shakesHands = true }: SceneOptions = {}) {
  const clock = createFakeClock()
  const requests: unknown[] = []
  let target = ''
  const shaken: unknown[] = []
  const transport = scriptedTransport(async ({ method, path, json }) => {
    if (path.endsWith('/users/me')) return { json: { data: { gid: '1202000000000001', name: 'Ada Heron' } } }
    requests.push([method, path, json])
    if (method === 'DELETE') return { json: { data: {} } }
    ;({ target } = (json as { readonly data: { readonly target: string } }).data)
    if (shakesHands) {
      const headers = { 'x-hook-secret': SECRET }
      const answer = await hooks.receive(new Request(target, { method: 'POST', headers }))
      shaken.push([answer.status, answer.headers.get('x-hook-secret')])
    }
    return response ?? { status: 201, json: { data: { gid: '43214', active: true }, 'X-Hook-Secret': SECRET } }
  })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { asana: asana({ signingSecret: 'host-secret' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    clock,
    transport,
    capabilities: [hooks],
  })
  const seen: unknown[] = []
  mcp.on('asana.change', ({ tenant, data }) => seen.push([tenant, data]))
  await mcp.as('ada').asana.connect({ token: '1/canary' })
  const subscribe = () =>
    hooks.subscribe({
      connector: 'asana',
      tenant: 'ada',
      params: { resource: PROJECT, filters: [{ resource_type: 'task' }] },
    })
  const deliver = (body: unknown, { secret = SECRET, url = target, sent = body } = {}) =>
    hooks.receive(
      new Request(url, {
        method: 'POST',
        body: JSON.stringify(sent),
        headers: { 'x-hook-signature': sign(JSON.stringify(body), secret) },
      }),
    )
  return { hooks, mcp, seen, shaken, requests, subscribe, deliver, target: () => target }
}

// The shape of https://developers.asana.com/reference/events
const change = {
  user: { gid: '1202000000000002', resource_type: 'user' },
  created_at: '2026-11-02T06:00:00.000Z',
  action: 'changed',
  resource: { gid: TASK, resource_type: 'task', resource_subtype: 'default_task' },
  parent: null,
  change: { field: 'due_on', action: 'changed' },
}
const addition = {
  user: null,
  created_at: '2026-11-02T06:00:01.000Z',
  action: 'added',
  resource: { gid: TASK, resource_type: 'task', resource_subtype: 'default_task' },
  parent: { gid: PROJECT, resource_type: 'project' },
}

describe('a webhook', () => {
  it('is created for an object, with an address of its own, and deleted', async () => {
    const { hooks, shaken, requests, subscribe, target } = await setUp()
    await subscribe()
    expect(shaken).toEqual([[200, SECRET]])
    expect(target()).toMatch(/^https:\/\/app\.example\/hooks\/asana\/[\da-f-]{36}$/)
    await hooks.unsubscribe({
      connector: 'asana',
      tenant: 'ada',
      params: { resource: PROJECT, filters: [{ resource_type: 'task' }] },
    })
    expect(requests).toEqual([
      [
        'POST',
        '/api/1.0/webhooks',
        { data: { resource: PROJECT, target: target(), filters: [{ resource_type: 'task' }] } },
      ],
      ['DELETE', '/api/1.0/webhooks/43214', undefined],
    ])
  })

  it('emits each event of a delivery', async () => {
    const { seen, subscribe, deliver } = await setUp()
    await subscribe()
    expect((await deliver({ events: [change, addition] })).status).toBe(200)
    const { user, parent: _none, ...changed } = change
    const { user: _asana, ...added } = addition
    expect(seen).toEqual([
      ['ada', { ...changed, user: { gid: user.gid } }],
      ['ada', added],
    ])
  })

  it('emits a repeated delivery once', async () => {
    const { seen, subscribe, deliver } = await setUp()
    await subscribe()
    const attempts = [await deliver({ events: [change] }), await deliver({ events: [change] })]
    expect(attempts.map(({ status }) => status)).toEqual([200, 200])
    expect(seen).toHaveLength(1)
  })

  it('ignores heartbeats', async () => {
    const { seen, subscribe, deliver, hooks } = await setUp()
    await subscribe()
    expect((await deliver({ events: [] })).status).toBe(200)
    expect([seen, await Array.fromAsync(hooks.parked())]).toEqual([[], []])
  })

  it('fails if the response has no secret', async () => {
    const { subscribe } = await setUp({ response: { status: 201, json: { data: { gid: '43214' } } } })
    expect((await errorOf(subscribe())).code).toBe('DATA_TRANSFORMATION_ERROR')
  })
})

describe('a delivery that is refused', () => {
  it('is signed with another secret, or changed', async () => {
    const { seen, subscribe, deliver } = await setUp()
    await subscribe()
    expect((await deliver({ events: [change] }, { secret: 'host-secret' })).status).toBe(401)
    expect((await deliver({ events: [change] }, { sent: { events: [addition] } })).status).toBe(401)
    expect(seen).toEqual([])
  })

  it('has the address of no webhook', async () => {
    const { seen, subscribe, deliver } = await setUp()
    await subscribe()
    for (const url of ['https://app.example/hooks/asana', `https://app.example/hooks/asana/${crypto.randomUUID()}`]) {
      expect((await deliver({ events: [change] }, { url })).status).toBe(401)
    }
    expect(seen).toEqual([])
  })

  it('is a handshake that no webhook waits for', async () => {
    const { hooks, subscribe, target } = await setUp({ shakesHands: false })
    await subscribe()
    const headers = { 'x-hook-secret': 'forged' }
    expect((await hooks.receive(new Request(target(), { method: 'POST', headers }))).status).toBe(401)
  })

  it('is parked if it does not have the documented form', async () => {
    const { subscribe, deliver, hooks } = await setUp()
    await subscribe()
    expect((await deliver({ events: [{ action: 'changed' }] })).status).toBe(400)
    expect(await Array.fromAsync(hooks.parked())).toMatchObject([{ serverId: 'asana', code: 'INVALID_INPUT' }])
  })
})

it('verifies a known vector', async () => {
  const address = `https://app.example/hooks/asana/${crypto.randomUUID()}`
  const verified = async (signature: string) => {
    const headers = { 'x-hook-signature': signature }
    const request = new Request(address, { method: 'POST', body: '{"events":[]}', headers })
    return (await verifyRequest(request, { scheme: description.verify, secrets: activeSecrets(SECRET), address }))
      .verified
  }
  expect(await verified('10468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853')).toBe(true)
  expect(await verified('20468027b67df18c739cc4794c6fc2d2806dcaaf2259fc3e1ed9d26433659853')).toBe(false)
})
