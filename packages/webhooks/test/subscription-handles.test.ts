import { createMcpClient, memoryStore } from '@mcpclient/core'
import { bearer, defineConnector, post, webhook } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { hmac } from '@mcpclient/webhooks/schemes'
import { signedRequest } from '@mcpclient/webhooks/testing'
import { expect, it } from 'vitest'
import * as z from 'zod'

const SECRET = 'a-signing-secret'
const scheme = { header: 'x-signature' } as const
const LIFE_MS = 30 * 86_400_000
type Context = ToolContext<{ readonly site: string }>

/** A tracker that numbers the subscriptions of each site, and names no account and no end. */
const tracker = defineConnector({
  id: 'tracker',
  name: 'Tracker',
  baseUrl: ({ settings }) => `https://${settings.site}.example/`,
  settings: z.object({ site: z.string() }),
  auth: bearer(),
  tools: {},
  events: { changed: z.object({}) },
  webhook: webhook({
    verify: hmac(scheme),
    read: ({ json }) => {
      const { hook } = json(z.object({ hook: z.string() }))
      return { to: { handle: hook }, event: 'changed', data: {} }
    },
    subscribe: {
      lifeMs: LIFE_MS,
      create: () => post('hooks'),
      created: z.object({ id: z.number() }).transform(({ id }) => ({ handle: String(id) })),
      handleOf: (id, { settings }: Context) => `${settings.site}#${id}`,
      stop: ({ handle }) => post('hooks/stop', { handle }),
    },
  }),
})

async function setUp() {
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  let respond: (() => void) | undefined
  const gate = { held: false, open: () => respond?.() }
  const transport = scriptedTransport(async ({ path }) => {
    if (path === '/hooks' && gate.held) await new Promise<void>((resolve) => void (respond = resolve))
    return { json: path === '/hooks' ? { id: 1 } : {} }
  })
  const mcp = createMcpClient({
    connectors: { tracker: tracker({ signingSecret: SECRET }) },
    vault: vault({ store }),
    capabilities: [jobs({ store }), hooks],
    clock,
    transport,
  })
  for (const [tenant, site] of [
    ['ada', 'one'],
    ['bo', 'two'],
  ] as const) {
    await mcp.as(tenant).tracker.connect({ token: tenant }, { settings: { site } })
  }
  const seen: unknown[] = []
  mcp.on('tracker.changed', ({ tenant }) => seen.push(tenant))
  const deliver = async (hook: string) => {
    const url = 'https://app.example/hooks/tracker'
    const request = await signedRequest({ scheme, secret: SECRET, url, body: { hook, at: clock.now() } })
    return (await hooks.receive(request)).status
  }
  return { clock, hooks, seen, deliver, gate, transport }
}
const of = (tenant: string) => ({ connector: 'tracker', tenant, params: {} })

it('routes a notice by the id that the provider gave to a subscription', async () => {
  const { hooks, seen, deliver } = await setUp()
  await hooks.subscribe(of('ada'))
  await hooks.subscribe(of('bo'))
  expect([await deliver('one#1'), await deliver('two#1')]).toEqual([200, 200])
  expect(seen).toEqual(['ada', 'bo'])
})

it('ignores the notice of a subscription that is unknown or was ended', async () => {
  const { hooks, seen, deliver } = await setUp()
  await hooks.subscribe(of('ada'))
  await hooks.unsubscribe(of('ada'))
  expect([await deliver('one#1'), await deliver('one#2')]).toEqual([200, 200])
  expect(seen).toEqual([])
})

it('asks for a notice again that arrives before the response that names its subscription', async () => {
  const { hooks, seen, deliver, gate, transport } = await setUp()
  gate.held = true
  const subscribed = hooks.subscribe(of('ada'))
  while (transport.requests.length === 0) await new Promise((resolve) => setImmediate(resolve))
  expect(await deliver('one#1')).toBe(503)
  gate.open()
  await subscribed
  expect(await deliver('one#1')).toBe(200)
  expect(seen).toEqual(['ada'])
})

it('gives a subscription the life that was asked for if the response has no end', async () => {
  const { clock, hooks } = await setUp()
  await hooks.subscribe(of('ada'))
  const [subscription] = (await hooks.diagnose({ connector: 'tracker', tenant: 'ada' })).subscriptions
  expect(subscription?.expiresAt).toBe(clock.now() + LIFE_MS)
})
