import { describe, expect, it } from 'vitest'
import type { SimulatedGraphOptions } from '../../../src/simulators.ts'
import { mailbox, meeting } from './mailbox.ts'

const ADDRESS = 'https://app.example/hooks/graph'

/** Creates a mailbox whose notifications are collected. */
function watched(options: Partial<SimulatedGraphOptions> = {}) {
  const arrived: Readonly<Record<string, unknown>>[] = []
  const box = mailbox({
    async deliver(request) {
      const token = new URL(request.url).searchParams.get('validationToken')
      if (token !== null) return new Response(token, { headers: { 'content-type': 'text/plain' } })
      arrived.push(...((await request.json()) as { readonly value: Readonly<Record<string, unknown>>[] }).value)
      return new Response(null, { status: 202 })
    },
    ...options,
  })
  const body = (changes: object = {}) => ({
    changeType: 'created,updated,deleted',
    notificationUrl: ADDRESS,
    lifecycleNotificationUrl: ADDRESS,
    resource: 'me/events',
    expirationDateTime: new Date(box.clock.now() + 60 * 60_000).toISOString(),
    clientState: 'state',
    ...changes,
  })
  return {
    ...box,
    arrived,
    body,
    subscribe: (changes?: object) => box.call('POST', 'subscriptions', { body: body(changes) }),
  }
}

describe('a subscription', () => {
  it('is made after the address returned the token, and notifies of each change', async () => {
    const { subscribe, graph, arrived, clock } = watched()
    const { status, body } = await subscribe()
    expect(status).toBe(201)
    const id = await graph.events().insert(meeting(2))
    await graph.events().patch(id, { subject: 'Moved' })
    await graph.events().remove(id)
    await clock.advance(2000)
    expect(arrived).toMatchObject([
      { subscriptionId: body.id, clientState: 'state', changeType: 'created', resourceData: { id } },
      { changeType: 'updated' },
      { changeType: 'deleted' },
    ])
  })

  it.each([
    [
      'an address that does not return the token',
      () => new Response('no', { headers: { 'content-type': 'text/plain' } }),
    ],
    [
      'an address that returns HTML',
      (request: Request) =>
        new Response(new URL(request.url).searchParams.get('validationToken'), {
          headers: { 'content-type': 'text/html' },
        }),
    ],
    ['an address that is down', () => new Response(null, { status: 503 })],
  ])('is refused for %s', async (_what, deliver) => {
    const { subscribe, graph } = watched({ deliver })
    expect(await subscribe()).toMatchObject({ status: 400, code: 'ValidationError' })
    expect(graph.subscriptions()).toEqual([])
  })

  it.each([
    ['an http address', { notificationUrl: 'http://app.example/hooks' }],
    ['a life that is too long', { expirationDateTime: '2099-01-01T00:00:00Z' }],
    ['a clientState that is too long', { clientState: 'x'.repeat(129) }],
    ['no kind of change', { changeType: 'everything' }],
  ])('is refused with %s', async (_what, changes) => {
    expect((await watched().subscribe(changes)).status).toBe(400)
  })

  it('is renewed, and ends', async () => {
    const { subscribe, call, clock, graph } = watched()
    const { body } = await subscribe()
    await clock.advance(50 * 60_000)
    const expirationDateTime = new Date(clock.now() + 60 * 60_000).toISOString()
    expect((await call('PATCH', `subscriptions/${body.id}`, { body: { expirationDateTime } })).status).toBe(200)
    await clock.advance(50 * 60_000)
    expect(graph.subscriptions()).toHaveLength(1)
    expect((await call('DELETE', `subscriptions/${body.id}`)).status).toBe(204)
    expect(await call('PATCH', `subscriptions/${body.id}`, { body: { expirationDateTime } })).toMatchObject({
      status: 404,
      code: 'ResourceNotFound',
    })
  })

  it('sends lifecycle notifications, the last of which ends it', async () => {
    const { subscribe, graph, arrived, clock } = watched()
    await subscribe()
    for (const event of ['missed', 'reauthorizationRequired', 'subscriptionRemoved'] as const)
      graph.sendLifecycle(event)
    await clock.advance(2000)
    expect(arrived.map(({ lifecycleEvent, clientState }) => [lifecycleEvent, clientState])).toEqual([
      ['missed', 'state'],
      ['reauthorizationRequired', 'state'],
      ['subscriptionRemoved', 'state'],
    ])
    expect(graph.subscriptions()).toEqual([])
  })

  it('repeats a notification that fails, and loses or repeats others on request', async () => {
    let statuses = [503, 202]
    const { subscribe, graph, clock, arrived } = watched({
      async deliver(request) {
        const token = new URL(request.url).searchParams.get('validationToken')
        if (token !== null) return new Response(token, { headers: { 'content-type': 'text/plain' } })
        arrived.push({})
        return new Response(null, { status: statuses.shift() ?? 202 })
      },
    })
    await subscribe()
    const events = graph.events()
    await events.insert(meeting(2))
    await clock.advance(30_000)
    expect(arrived).toHaveLength(2)
    graph.loseNotifications(1)
    graph.repeatNotifications(1)
    await events.insert(meeting(3))
    await events.insert(meeting(4))
    await clock.advance(30_000)
    expect(arrived).toHaveLength(4)
    statuses = []
  })
})
