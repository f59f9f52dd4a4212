import { createHmac } from 'node:crypto'
import { createMcpClient, listAll, memoryStore } from '@mcpclient/core'
import { bearer, defineConnector, post, webhook } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { activeSecrets, verifyRequest, webhooks } from '@mcpclient/webhooks'
import { channelSecret, hmac } from '@mcpclient/webhooks/schemes'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const HEADER = 'acme-signature'
const scheme = channelSecret(hmac({ header: HEADER }))

/** A board that chooses a secret for each hook, and checks the address with it. */
const board = defineConnector({
  id: 'board',
  name: 'Board',
  baseUrl: 'https://board.example/',
  auth: bearer(),
  tools: {},
  events: { changed: z.object({ id: z.string() }) },
  webhook: webhook({
    verify: scheme,
    handshake: {
      proof: 'subscription',
      respond: ({ header }) => {
        const secret = header('acme-secret')
        return secret === undefined ? undefined : { headers: { 'acme-secret': secret } }
      },
    },
    read: ({ json, channels: [channel = ''] }) => {
      const data = json(z.object({ id: z.string() }))
      return { id: data.id, to: { channel }, event: 'changed', data }
    },
    subscribe: {
      create: ({ id, address }) => post('hooks', { url: `${address}/${id}` }),
      created: z.object({ handle: z.string(), secret: z.string().optional() }),
    },
  }),
})

interface SceneOptions {
  readonly secrets?: readonly string[]
  readonly state?: ReturnType<typeof memoryStore>
  /** Runs while the board creates a hook. */
  readonly during?: (url: string) => Promise<void>
  readonly hasSecret?: boolean
}

const CHOSEN = 'a-secret-that-the-board-chose'

async function setUp({ secrets = ['host-secret'], state: given, during, hasSecret = true }: SceneOptions = {}) {
  const clock = createFakeClock()
  const state = given ?? memoryStore({ clock })
  const urls: string[] = []
  const transport = scriptedTransport(async ({ json }) => {
    const { url } = json as { readonly url: string }
    urls.push(url)
    await during?.(url)
    const handle = `h${urls.length}`
    return { status: 201, json: { handle, ...(hasSecret && { secret: `${CHOSEN}-${urls.length}` }) } }
  })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mcp = createMcpClient({
    connectors: { board: board({ signingSecret: secrets }), other: board({ signingSecret: secrets }) },
    vault: vault({ store: memoryStore({ clock }) }),
    clock,
    state,
    transport,
    capabilities: [hooks],
  })
  const seen: unknown[] = []
  mcp.on('board.changed', ({ tenant, data }) => seen.push([tenant, data.id]))
  mcp.on('other.changed', () => seen.push('other'))
  for (const tenant of ['ada', 'bob']) await mcp.as(tenant).board.connect({ token: tenant })
  return { hooks, seen, urls, state, clock }
}

/** Makes a delivery, signed with this secret. */
function delivery(url: string, secret: string, body: object = { id: 'e1' }): Request {
  const text = JSON.stringify(body)
  const signature = createHmac('sha256', secret).update(text).digest('hex')
  return new Request(url, { method: 'POST', body: text, headers: { [HEADER]: signature } })
}

const subscribe = async (scene: Awaited<ReturnType<typeof setUp>>): Promise<readonly [string, string]> => {
  for (const tenant of ['ada', 'bob']) await scene.hooks.subscribe({ connector: 'board', tenant })
  const [ada = '', bob = ''] = scene.urls
  return [ada, bob]
}

describe('a secret that the provider chooses for a subscription', () => {
  it('verifies the deliveries of its own channel', async () => {
    const scene = await setUp()
    const [ada, bob] = await subscribe(scene)
    expect((await scene.hooks.receive(delivery(ada, `${CHOSEN}-1`))).status).toBe(200)
    expect((await scene.hooks.receive(delivery(bob, `${CHOSEN}-2`, { id: 'e2' }))).status).toBe(200)
    expect(scene.seen).toEqual([
      ['ada', 'e1'],
      ['bob', 'e2'],
    ])
  })

  it.each([
    ['with the secret of another channel', `${CHOSEN}-2`],
    ['with the secret of the host, which signs nothing', 'host-secret'],
    ['with an empty secret', ''],
  ])('refuses a delivery %s', async (_how, secret) => {
    const scene = await setUp()
    const [ada] = await subscribe(scene)
    expect((await scene.hooks.receive(delivery(ada, secret))).status).toBe(401)
    expect(scene.seen).toEqual([])
  })

  it('refuses a delivery for no channel, for an unknown one, and for one of another connector', async () => {
    const scene = await setUp()
    const [ada] = await subscribe(scene)
    const unknown = ada.replace(/[^/]+$/, crypto.randomUUID())
    for (const url of ['https://app.example/hooks/board', unknown, ada.replace('/board/', '/other/')]) {
      expect((await scene.hooks.receive(delivery(url, `${CHOSEN}-1`))).status).toBe(401)
    }
    expect(scene.seen).toEqual([])
  })

  it('refuses deliveries of a subscription whose response had no secret', async () => {
    const scene = await setUp({ hasSecret: false })
    const [ada] = await subscribe(scene)
    for (const secret of ['', 'undefined', 'host-secret']) {
      expect((await scene.hooks.receive(delivery(ada, secret))).status).toBe(401)
    }
  })

  it('requests a delivery again that arrives before the secret', async () => {
    const early: number[] = []
    const scene = await setUp({
      during: async (url) => void early.push((await scene.hooks.receive(delivery(url, `${CHOSEN}-1`))).status),
    })
    await scene.hooks.subscribe({ connector: 'board', tenant: 'ada' })
    expect(early).toEqual([503])
    expect((await scene.hooks.receive(delivery(scene.urls[0] ?? '', `${CHOSEN}-1`))).status).toBe(200)
  })

  it('is not the one of the handshake, which proves nothing', async () => {
    const echoed: unknown[] = []
    const handshake = (url: string) => new Request(url, { method: 'POST', headers: { 'acme-secret': 'forged' } })
    const scene = await setUp({
      during: async (url) => {
        const response = await scene.hooks.receive(handshake(url))
        echoed.push([response.status, response.headers.get('acme-secret')])
      },
    })
    await scene.hooks.subscribe({ connector: 'board', tenant: 'ada' })
    const [url = ''] = scene.urls
    expect(echoed).toEqual([[200, 'forged']])
    expect((await scene.hooks.receive(delivery(url, 'forged'))).status).toBe(401)
    expect((await scene.hooks.receive(handshake(url))).status).toBe(401)
  })
})

describe('a stored secret', () => {
  const rowsOf = (state: ReturnType<typeof memoryStore>) => Array.fromAsync(listAll(state, 'hook/'))

  it('is encrypted', async () => {
    const scene = await setUp()
    await subscribe(scene)
    const rows = await rowsOf(scene.state)
    expect(rows.filter(({ key }) => key.startsWith('hook/channel/'))).toHaveLength(2)
    expect(JSON.stringify(rows)).not.toContain(CHOSEN)
  })

  it('is readable while the secret of the host is replaced, and not after that', async () => {
    const { state, urls, ...first } = await setUp()
    await subscribe({ state, urls, ...first })
    const [url = ''] = urls
    const during = await setUp({ state, secrets: ['next-secret', 'host-secret'] })
    expect((await during.hooks.receive(delivery(url, `${CHOSEN}-1`))).status).toBe(200)
    const after = await setUp({ state, secrets: ['next-secret'] })
    expect((await after.hooks.receive(delivery(url, `${CHOSEN}-1`))).status).toBe(401)
  })

  it('is bound to its channel', async () => {
    const scene = await setUp()
    const [ada, bob] = await subscribe(scene)
    const keys = [ada, bob].map((url) => `hook/channel/${url.split('/').at(-1)}`)
    const [one, other] = await Promise.all(keys.map(async (key) => (await scene.state.get(key))?.value ?? ''))
    const { secret } = JSON.parse(one ?? '') as { readonly secret: string }
    await scene.state.put(keys[1] ?? '', JSON.stringify({ ...(JSON.parse(other ?? '') as object), secret }))
    expect((await scene.hooks.receive(delivery(bob, `${CHOSEN}-1`))).status).toBe(401)
  })
})

it('names the channel again when a parked delivery is replayed', async () => {
  const scene = await setUp()
  const [ada] = await subscribe(scene)
  expect((await scene.hooks.receive(delivery(ada, `${CHOSEN}-1`, { id: 7 }))).status).toBe(400)
  const [parked] = await Array.fromAsync(scene.hooks.parked())
  expect((await errorOf(scene.hooks.replay(parked?.id ?? ''))).message).toContain('does not fit the schema')
})

it('verifies with the secrets of a host that stores them itself', async () => {
  const url = `https://app.example/hooks/${crypto.randomUUID()}`
  const options = { scheme, address: url, secrets: activeSecrets('chosen') }
  expect((await verifyRequest(delivery(url, 'chosen'), options)).verified).toBe(true)
  expect((await verifyRequest(delivery(url, 'other'), options)).verified).toBe(false)
})
