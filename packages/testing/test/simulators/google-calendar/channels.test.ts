import { describe, expect, it } from 'vitest'
import { account, EVENTS, meeting } from './account.ts'
import type { Account } from './account.ts'
import type { SimulatedGoogleCalendarOptions } from '../../../src/simulators.ts'

const DAY_MS = 86_400_000
const CHANNEL = { id: 'channel-1', type: 'web_hook', address: 'https://app.example/hooks', token: 'shared' }

interface Received {
  readonly url: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Creates an account whose notifications arrive in a list. */
function listening(
  options: Partial<SimulatedGoogleCalendarOptions> = {},
  statuses: number[] = [],
): Account & { readonly received: readonly Received[]; readonly states: () => readonly (string | undefined)[] } {
  const received: Received[] = []
  const deliver = async (request: Request): Promise<Response> => {
    received.push({ url: request.url, body: await request.text(), headers: Object.fromEntries(request.headers) })
    const status = statuses.shift() ?? 204
    if (status === 0) throw new TypeError('The endpoint cannot be reached.')
    return new Response(null, { status })
  }
  return {
    ...account({ deliver, ...options }),
    received,
    states: () => received.map(({ headers }) => headers['x-goog-resource-state']),
  }
}

const watch = ({ call }: Account, changes: Readonly<Record<string, unknown>> = {}) =>
  call('POST', `${EVENTS}/watch`, { body: { ...CHANNEL, ...changes } })

describe('a channel', () => {
  it('sends sync first, and exists for each change', async () => {
    const listener = listening()
    const { body } = await watch(listener)
    expect(body).toMatchObject({ kind: 'api#channel', id: 'channel-1', token: 'shared' })
    await listener.clock.advance(0)
    await listener.google.insert(meeting(5, { id: 'event1' }))
    await listener.call('DELETE', `${EVENTS}/event1`)
    await listener.clock.advance(1000)
    expect(listener.states()).toEqual(['sync', 'exists', 'exists'])
    const numbers = listener.received.map(({ headers }) => Number(headers['x-goog-message-number']))
    expect(numbers[0]).toBe(1)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(listener.received[1]).toMatchObject({
      url: 'https://app.example/hooks',
      body: '',
      headers: {
        'x-goog-channel-id': 'channel-1',
        'x-goog-channel-token': 'shared',
        'x-goog-channel-expiration': 'Thu, 08 Jan 2026 00:00:00 GMT',
        'x-goog-resource-id': body['resourceId'],
        'x-goog-resource-uri': body['resourceUri'],
      },
    })
  })

  it('ends after the time that was asked for, and after 7 days at the latest', async () => {
    const listener = listening()
    const now = listener.clock.now()
    const expiration = async (changes: Readonly<Record<string, unknown>>) =>
      Number((await watch(listener, { id: JSON.stringify(changes).slice(0, 64), ...changes })).body['expiration']) - now
    expect(await expiration({})).toBe(7 * DAY_MS)
    expect(await expiration({ params: { ttl: '3600' } })).toBe(3_600_000)
    expect(await expiration({ expiration: now + 1000 })).toBe(1000)
    expect(await expiration({ expiration: now + 30 * DAY_MS })).toBe(7 * DAY_MS)
    await listener.clock.advance(7 * DAY_MS)
    expect(listener.google.channels()).toEqual([])
    const before = listener.received.length
    await listener.google.insert(meeting(5))
    await listener.clock.advance(DAY_MS)
    expect(listener.received).toHaveLength(before)
  })

  it('needs an id of its own, also after the end of the first one', async () => {
    const listener = listening()
    const { body } = await watch(listener)
    const taken = { status: 400, reason: 'channelIdNotUnique' }
    expect(await watch(listener)).toMatchObject(taken)
    await listener.call('POST', '/channels/stop', { body: { id: 'channel-1', resourceId: body['resourceId'] } })
    expect(await watch(listener)).toMatchObject(taken)
    expect(await watch(listener, { id: 'channel-2' })).toMatchObject({ status: 200 })
  })

  it.each([
    ['no id', { id: undefined }, 'required'],
    ['a long id', { id: 'a'.repeat(65) }, 'invalid'],
    ['another type', { type: 'mail' }, 'invalid'],
    ['no address', { address: undefined }, 'required'],
    ['an address without TLS', { address: 'http://app.example/hooks' }, 'push.webhookUrlNotHttps'],
    ['an address that is no URL', { address: 'app.example' }, 'push.webhookUrlNotHttps'],
    ['a long token', { token: 'a'.repeat(257) }, 'invalid'],
    ['an end in the past', { expiration: 1 }, 'invalid'],
  ])('is rejected with %s', async (_, changes, reason) => {
    const listener = listening()
    expect(await watch(listener, changes)).toMatchObject({ status: 400, reason })
    expect(listener.google.channels()).toEqual([])
  })

  it('sends nothing after a stop, but what was under way', async () => {
    const listener = listening()
    const { body } = await watch(listener)
    await listener.clock.advance(0)
    await listener.google.insert(meeting(5))
    const stop = { id: 'channel-1', resourceId: body['resourceId'] }
    expect(await listener.call('POST', '/channels/stop', { body: { ...stop, resourceId: 'x' } })).toMatchObject({
      status: 404,
    })
    expect(await listener.call('POST', '/channels/stop', { body: stop })).toMatchObject({ status: 204 })
    expect(await listener.call('POST', '/channels/stop', { body: stop })).toMatchObject({
      status: 404,
      reason: 'notFound',
    })
    await listener.google.insert(meeting(6))
    await listener.clock.advance(10_000)
    expect(listener.states()).toEqual(['sync', 'exists'])
  })

  it('sends for a while after a stop if the test asks for it', async () => {
    const listener = listening({ stopLagMs: 5000 })
    const { body } = await watch(listener)
    await listener.call('POST', '/channels/stop', { body: { id: 'channel-1', resourceId: body['resourceId'] } })
    await listener.google.insert(meeting(5))
    await listener.clock.advance(5000)
    await listener.google.insert(meeting(6))
    await listener.clock.advance(5000)
    expect(listener.states()).toEqual(['sync', 'exists'])
  })

  it('belongs to one calendar', async () => {
    const zone = { timeZone: 'UTC' }
    const calendars = [
      { id: 'one', summary: '1', ...zone },
      { id: 'two', summary: '2', ...zone },
    ] as const
    const listener = listening({ calendars: [...calendars] })
    await watch(listener)
    await listener.google.insert(meeting(5), 'two')
    await listener.clock.advance(1000)
    expect(listener.states()).toEqual(['sync'])
  })
})

describe('a notification', () => {
  it('is lost, repeated or late when a test asks for it', async () => {
    const listener = listening()
    await watch(listener)
    await listener.clock.advance(0)
    listener.google.loseNotifications(1)
    await listener.google.insert(meeting(5))
    await listener.clock.advance(1000)
    expect(listener.states()).toEqual(['sync'])
    listener.google.repeatNotifications(1)
    await listener.google.insert(meeting(6))
    await listener.clock.advance(1000)
    expect(listener.states()).toEqual(['sync', 'exists', 'exists'])
    expect(listener.received[1]?.headers).toEqual(listener.received[2]?.headers)
    listener.google.delayNotifications(60_000)
    await listener.google.insert(meeting(7))
    await listener.clock.advance(59_999)
    expect(listener.received).toHaveLength(3)
    await listener.clock.advance(1)
    expect(listener.received).toHaveLength(4)
  })

  it('is lost and repeated at random, until the faults are switched off', async () => {
    const lossy = listening({ lostNotifications: 1 })
    await watch(lossy)
    await lossy.clock.advance(1000)
    expect(lossy.received).toEqual([])
    lossy.google.behave()
    await lossy.google.insert(meeting(5))
    await lossy.clock.advance(1000)
    expect(lossy.states()).toEqual(['exists'])
    const twice = listening({ repeatedNotifications: 1 })
    await watch(twice)
    await twice.clock.advance(1000)
    expect(twice.states()).toEqual(['sync', 'sync'])
  })

  it.each([500, 502, 503, 504, 0])('is retried after %i, later each time', async (status) => {
    const listener = listening({}, [status, status])
    await watch(listener)
    await listener.clock.advance(0)
    await listener.clock.advance(1000)
    expect(listener.received).toHaveLength(2)
    await listener.clock.advance(1999)
    expect(listener.received).toHaveLength(2)
    await listener.clock.advance(1)
    expect(listener.received).toHaveLength(3)
    await listener.clock.advance(DAY_MS)
    expect(listener.google.notifications).toBe(3)
  })

  it('is not retried after another failure, nor forever', async () => {
    const refused = listening({}, [404])
    await watch(refused)
    await refused.clock.advance(DAY_MS)
    expect(refused.received).toHaveLength(1)
    const down = listening(
      {},
      Array.from({ length: 100 }, () => 503),
    )
    await watch(down)
    await down.clock.advance(DAY_MS)
    expect(down.received).toHaveLength(6)
    expect(down.clock.pending).toBe(0)
  })

  it('announces a write whose response is lost', async () => {
    const listener = listening({ failAfter: 1 })
    await watch(listener)
    await listener.clock.advance(0)
    expect(await listener.call('POST', EVENTS, { body: meeting(5, { id: 'event1' }) })).toMatchObject({
      status: 500,
      reason: 'backendError',
    })
    await listener.clock.advance(1000)
    expect(listener.states()).toEqual(['sync', 'exists'])
    expect(listener.google.events()).toMatchObject([{ id: 'event1' }])
  })
})
