import type { UnverifiedDelivery } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import { graphSubscription } from '../src/index.ts'

const hook = graphSubscription('notes', { resource: ({ box }: { readonly box: string }) => `me/boxes/${box}/notes` })
const { verify, read, subscribe, handshake } = hook
const CHANNEL = 'd3b07384-d9a0-4f5e-9b5a-5f3c6f3f9f10'
const OTHER = '0b6ad63b-3a4a-4d43-8ad2-4f3ff4f1c0de'
const SECRETS = ['channel-secret-canary'] as const
const ADDRESS = 'https://app.example/hooks/notes'

const tokenOf = async (channel: string): Promise<string> => (await verify.issueToken?.(channel, SECRETS)) ?? ''

const deliveryOf = (body: unknown, query = '', method = 'POST'): UnverifiedDelivery => ({
  method,
  url: ADDRESS + query,
  bytes: new TextEncoder().encode(JSON.stringify(body)),
  now: 0,
  header: () => undefined,
})

const notification = (clientState: string | undefined, changes: object = {}) => ({
  subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
  subscriptionExpirationDateTime: '2026-11-28T11:00:00.0000000Z',
  tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
  changeType: 'updated',
  resource: 'Users/ddfcd489/Events/AAMk',
  resourceData: { '@odata.type': '#Microsoft.Graph.Event', id: 'AAMk' },
  clientState,
  ...changes,
})
const lifecycle = (clientState: string, lifecycleEvent: string) => ({
  subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
  subscriptionExpirationDateTime: '2026-11-28T11:00:00.0000000Z',
  tenantId: '84bd8158-6d4d-4958-8b9f-9d6445542f95',
  clientState,
  lifecycleEvent,
})

const reading = (value: readonly object[]) =>
  read({
    bytes: new Uint8Array(),
    channels: [],
    header: () => '',
    json: (schema) => {
      const result = schema.safeParse({ value })
      if (!result.success) throw new Error('The body does not fit.')
      return result.data
    },
    form: () => {
      throw new Error('The body is JSON.')
    },
  })

describe('a delivery', () => {
  it('is verified by the clientState of each of its notifications', async () => {
    const value = [notification(await tokenOf(CHANNEL)), notification(await tokenOf(OTHER))]
    expect(await verify.verify(deliveryOf({ value }), SECRETS)).toEqual({
      verified: true,
      channels: [CHANNEL, OTHER],
    })
    expect((await tokenOf(CHANNEL)).length).toBeLessThanOrEqual(128)
  })

  it.each([
    ['no clientState (W23)', undefined],
    ['an empty one', ''],
    ['one of its own making', `${CHANNEL}.${'a'.repeat(43)}`],
  ])('is refused with %s, although another notification is fine', async (_what, clientState) => {
    const value = [notification(await tokenOf(CHANNEL)), notification(clientState)]
    expect(await verify.verify(deliveryOf({ value }), SECRETS)).toMatchObject({ verified: false })
  })

  it('wakes the sync of each channel once', async () => {
    const [one, other] = [await tokenOf(CHANNEL), await tokenOf(OTHER)]
    expect(reading([notification(one), notification(one, { changeType: 'deleted' }), notification(other)])).toEqual([
      { to: { channel: CHANNEL }, sync: 'notes' },
      { to: { channel: OTHER }, sync: 'notes' },
    ])
  })
})

describe('a handshake', () => {
  const respond = (query: string, method?: string) => handshake?.respond(deliveryOf('', query, method), SECRETS)

  it('returns the decoded token, and only while a subscription is being made', () => {
    expect(handshake?.proof).toBe('subscription')
    const query = '?validationToken=Validation%3a+Testing+client+application+reachability+Request-Id%3a+3f2504e0'
    expect(respond(query)).toEqual({
      text: 'Validation: Testing client application reachability Request-Id: 3f2504e0',
    })
  })

  it('escapes HTML (W22)', () => {
    expect(respond(`?validationToken=${encodeURIComponent(`<script>alert("1&2'")</script>`)}`)).toEqual({
      text: '&#60;script&#62;alert(&#34;1&#38;2&#39;&#34;)&#60;/script&#62;',
    })
  })

  it.each([
    ['without a token', ''],
    ['with an empty token', '?validationToken='],
    ['with two tokens', '?validationToken=a&validationToken=b'],
    ['with a token that is too long', `?validationToken=${'a'.repeat(2049)}`],
  ])('is none %s', (_what, query) => {
    expect(respond(query)).toBeUndefined()
  })

  it('is a POST', () => {
    expect(respond('?validationToken=a', 'GET')).toBeUndefined()
  })
})

describe('a subscription', () => {
  const channel = { id: CHANNEL, token: 't', address: ADDRESS, expiresAt: Date.parse('2026-11-27T10:00:00Z') }

  it('asks for all changes, for lifecycle notifications and for immutable ids', () => {
    expect(subscribe?.create({ ...channel, params: { box: 'in' } }, { settings: {} })).toEqual({
      method: 'POST',
      path: 'subscriptions',
      headers: { prefer: 'IdType="ImmutableId"' },
      body: {
        kind: 'json',
        value: {
          changeType: 'created,updated,deleted',
          notificationUrl: ADDRESS,
          lifecycleNotificationUrl: ADDRESS,
          resource: 'me/boxes/in/notes',
          expirationDateTime: '2026-11-27T10:00:00.000Z',
          clientState: 't',
        },
      },
    })
  })

  it('stays below the longest life of 10,080 minutes, and can have another one', () => {
    expect(subscribe?.lifeMs).toBeLessThan(10_080 * 60_000)
    const tasks = graphSubscription('tasks', { resource: () => 'me/tasks', lifeMs: 4_200 * 60_000 })
    expect(tasks.subscribe?.lifeMs).toBe(252_000_000)
  })

  it('reads its id and its end, which Graph may round', () => {
    const body = { id: 'sub-1', expirationDateTime: '2026-11-27T10:00:00.0000000Z', clientState: 't' }
    expect(subscribe?.created.safeParse(body)).toMatchObject({
      success: true,
      data: { handle: 'sub-1', expiresAt: Date.parse('2026-11-27T10:00:00Z') },
    })
    expect(subscribe?.created.safeParse({ id: 'sub-1' }).success).toBe(false)
    expect(subscribe?.created.safeParse({ ...body, expirationDateTime: '' }).success).toBe(false)
  })

  it('is renewed in place, and deleted by its id', () => {
    expect(subscribe?.renew?.({ ...channel, handle: 'sub/1', params: { box: 'in' } }, { settings: {} })).toEqual({
      method: 'PATCH',
      path: 'subscriptions/sub%2F1',
      body: { kind: 'json', value: { expirationDateTime: '2026-11-27T10:00:00.000Z' } },
    })
    expect(subscribe?.stop?.({ id: CHANNEL, handle: 'sub-1' })).toEqual({
      method: 'DELETE',
      path: 'subscriptions/sub-1',
    })
  })
})

describe('a notification about the subscription', () => {
  it.each([
    ['reauthorizationRequired', { subscription: 'due' }],
    ['subscriptionRemoved', { subscription: 'ended' }],
    ['missed', {}],
  ])('pulls what may have been missed if it is %s', async (event, state) => {
    expect(reading([lifecycle(await tokenOf(CHANNEL), event)])).toEqual([
      { to: { channel: CHANNEL }, sync: 'notes', ...state },
    ])
  })

  it('counts beside notifications of changes, and an end more than a renewal', async () => {
    const [one, other] = [await tokenOf(CHANNEL), await tokenOf(OTHER)]
    const all = [
      notification(one),
      lifecycle(one, 'reauthorizationRequired'),
      lifecycle(one, 'subscriptionRemoved'),
      notification(other),
    ]
    expect(reading(all)).toEqual([
      { to: { channel: CHANNEL }, sync: 'notes', subscription: 'ended' },
      { to: { channel: OTHER }, sync: 'notes' },
    ])
  })
})
