import { createMcpClient, memoryStore } from '@mcpclient/core'
import { bearer, defineConnector, get, post, sync, webhook } from '@mcpclient/core/define'
import type { SubscriptionChannel, ToolContext } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { sharedToken } from '@mcpclient/webhooks/schemes'
import { expect, it } from 'vitest'
import * as z from 'zod'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const Params = z.object({ format: z.string().default('full') })

const messages = sync({
  description: 'Messages.',
  params: Params,
  item: z.object({ id: z.string() }),
  key: 'id',
  codes: {},
  pull: () => get('messages'),
  get: (id) => get(`messages/${id}`),
})
const watch = (
  { expiresAt }: Pick<SubscriptionChannel, 'expiresAt'>,
  { settings }: ToolContext<{ readonly topic: string }>,
) => post('watch', { topic: settings.topic, expiration: expiresAt })

/** A mailbox that has one subscription, which a daily request extends. */
const mailbox = defineConnector({
  id: 'mailbox',
  name: 'Mailbox',
  baseUrl: 'https://mailbox.example/',
  settings: z.object({ topic: z.string() }),
  auth: bearer(),
  tools: {},
  syncs: { messages },
  webhook: webhook({
    verify: sharedToken({ header: 'x-token' }),
    read: () => ({ ignore: 'none is read here' }),
    subscribe: {
      lifeMs: 7 * DAY,
      renewAfterMs: DAY,
      perAccount: true,
      create: watch,
      renew: watch,
      created: z
        .object({ expiration: z.number() })
        .transform(({ expiration }) => ({ handle: 'mailbox', expiresAt: expiration })),
      stop: () => post('stop'),
    },
  }),
})

async function setUp() {
  const clock = createFakeClock()
  const sent: { readonly path: string; readonly json: unknown; readonly at: number }[] = []
  let isRefused = false
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const runner = jobs()
  const mcp = createMcpClient({
    connectors: { mailbox: mailbox({ signingSecret: 'a-shared-secret', topic: 'projects/marsh/topics/mail' }) },
    vault: vault({ store: memoryStore({ clock }) }),
    clock,
    state: memoryStore({ clock }),
    transport: scriptedTransport(({ path, json }) => {
      if (isRefused) return { status: 403, json: {} }
      sent.push({ path, json, at: clock.now() })
      return { json: { expiration: clock.now() + 7 * DAY } }
    }),
    capabilities: [runner, hooks],
  })
  await mcp.as('ada').mailbox.connect({ token: 'a' })
  return {
    clock,
    hooks,
    mcp,
    sent,
    refuse: (refused: boolean) => {
      isRefused = refused
    },
    stops: () => sent.filter(({ path }) => path === '/stop').length,
    async live(days: number) {
      for (let hour = 0; hour < days * 24; hour++) {
        await clock.advance(HOUR)
        await runner.runDue()
      }
    },
  }
}
const target = { connector: 'mailbox', tenant: 'ada', sync: 'messages' }

it('passes the settings of the connection to the requests', async () => {
  const { hooks, sent, live } = await setUp()
  await hooks.subscribe(target)
  await live(1.5)
  expect(sent.map(({ json }) => json)).toMatchObject([
    { topic: 'projects/marsh/topics/mail' },
    { topic: 'projects/marsh/topics/mail' },
  ])
})

it('renews a subscription as often as the provider advises, in place', async () => {
  const { hooks, sent, live, stops } = await setUp()
  await hooks.subscribe(target)
  await live(10)
  const gaps = sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0))
  expect(gaps.length).toBeGreaterThanOrEqual(9)
  for (const gap of gaps) expect(gap).toBeLessThanOrEqual(DAY + HOUR)
  for (const gap of gaps) expect(gap).toBeGreaterThan(DAY / 2)
  expect(stops()).toBe(0)
})

it('sends no stop when a new subscription replaces one that lapsed', async () => {
  const scene = await setUp()
  await scene.hooks.subscribe(target)
  scene.refuse(true)
  await scene.live(8)
  expect((await scene.hooks.diagnose(target)).subscriptions).toMatchObject([{ state: 'lapsed' }])
  scene.refuse(false)
  await scene.live(0.2)
  expect((await scene.hooks.diagnose(target)).subscriptions).toMatchObject([{ state: 'live' }])
  expect(scene.stops()).toBe(0)
})

it('is stopped with the last subscription of the connection only', async () => {
  const { hooks, stops } = await setUp()
  await hooks.subscribe(target)
  await hooks.subscribe({ ...target, params: { format: 'metadata' } })
  await hooks.unsubscribe(target)
  expect(stops()).toBe(0)
  await hooks.unsubscribe({ ...target, params: { format: 'metadata' } })
  expect(stops()).toBe(1)
})

it('is stopped once when its connection is disconnected', async () => {
  const { hooks, mcp, stops } = await setUp()
  await hooks.subscribe(target)
  await hooks.subscribe({ ...target, params: { format: 'metadata' } })
  await mcp.as('ada').mailbox.disconnect()
  expect(stops()).toBe(1)
})
