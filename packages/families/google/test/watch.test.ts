import type { UnverifiedDelivery } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import { watchChannel } from '../src/index.ts'

const hook = watchChannel('notes', { watch: ({ box }: { readonly box: string }) => `boxes/${box}/watch` })
const { verify, read, subscribe } = hook
const CHANNEL = 'd3b07384-d9a0-4f5e-9b5a-5f3c6f3f9f10'
const SECRETS = ['channel-secret-canary'] as const

/** Returns the headers of a notification as Google sends it. */
const sent = (changes: Readonly<Record<string, string>>) => {
  const headers = new Headers({
    'X-Goog-Channel-ID': CHANNEL,
    'X-Goog-Channel-Expiration': 'Tue, 19 Nov 2026 01:13:52 GMT',
    'X-Goog-Resource-ID': 'o3hgv1538sdjfh',
    'X-Goog-Resource-URI': 'https://www.googleapis.com/notes/v1/boxes/in?alt=json',
    'X-Goog-Resource-State': 'exists',
    'X-Goog-Message-Number': '10',
  })
  for (const [name, value] of Object.entries(changes)) headers.set(name, value)
  return (name: string) => headers.get(name) ?? ''
}

const deliveryOf = (headers: Readonly<Record<string, string>>): UnverifiedDelivery => ({
  method: 'POST',
  url: 'https://app.example/hooks/notes',
  bytes: new Uint8Array(),
  now: 0,
  header: (name) => sent(headers)(name) || undefined,
})

const reading = (headers: Readonly<Record<string, string>> = {}) =>
  read({
    bytes: new Uint8Array(),
    channels: [],
    header: sent(headers),
    json: () => {
      throw new Error('The body is empty.')
    },
    form: () => {
      throw new Error('The body is empty.')
    },
  })

describe('a delivery', () => {
  it('is verified by the token of its own channel', async () => {
    const token = (await verify.issueToken?.(CHANNEL, SECRETS)) ?? ''
    expect(await verify.verify(deliveryOf({ 'x-goog-channel-token': token }), SECRETS)).toEqual({
      verified: true,
      channels: [CHANNEL],
    })
    expect(token.length).toBeLessThanOrEqual(256)
  })

  it.each([
    ['no token', {}],
    ['an empty token', { 'x-goog-channel-token': '' }],
    ['a token of its own making', { 'x-goog-channel-token': `${CHANNEL}.${'a'.repeat(43)}` }],
  ])('is refused with %s', async (_what, headers) => {
    expect(await verify.verify(deliveryOf(headers), SECRETS)).toMatchObject({ verified: false })
  })

  it('is refused with the token of another channel (W19)', async () => {
    const token = (await verify.issueToken?.('another-channel', SECRETS)) ?? ''
    expect(await verify.verify(deliveryOf({ 'x-goog-channel-token': token }), SECRETS)).toMatchObject({
      verified: false,
      reason: 'token_mismatch',
    })
  })

  it.each(['exists', 'not_exists'])('wakes the sync if the state is %s (W18)', (state) => {
    expect(reading({ 'x-goog-resource-state': state })).toEqual({
      id: `${CHANNEL}:10`,
      to: { channel: CHANNEL },
      sync: 'notes',
    })
  })

  it('is ignored if it is the first message of its channel (W18)', () => {
    expect(reading({ 'x-goog-resource-state': 'sync', 'x-goog-message-number': '1' })).toHaveProperty('ignore')
  })

  it('has an id of its own, although all bodies are equal', () => {
    expect(reading({ 'x-goog-message-number': '11' })).not.toEqual(reading())
  })
})

describe('a subscription', () => {
  const channel = { id: CHANNEL, token: 't', address: 'https://app.example/hooks/notes', expiresAt: 1_796_000_000_000 }

  it('asks for a channel of 7 days', () => {
    expect(subscribe?.create({ ...channel, params: { box: 'in' } }, { settings: {} })).toEqual({
      method: 'POST',
      path: 'boxes/in/watch',
      body: {
        kind: 'json',
        value: {
          id: CHANNEL,
          token: 't',
          address: channel.address,
          type: 'web_hook',
          expiration: '1796000000000',
        },
      },
    })
    expect(subscribe?.lifeMs).toBe(7 * 24 * 3600 * 1000)
  })

  it('reads what stopping the channel needs, and its end', () => {
    const body = { kind: 'api#channel', id: CHANNEL, resourceId: 'o3hgv1538sdjfh', expiration: '1796000000000' }
    expect(subscribe?.created.safeParse(body)).toMatchObject({
      success: true,
      data: { handle: 'o3hgv1538sdjfh', expiresAt: 1_796_000_000_000 },
    })
    expect(subscribe?.created.safeParse({ id: CHANNEL }).success).toBe(false)
  })

  it('is stopped by both ids, and replaced instead of renewed', () => {
    expect(subscribe?.stop?.({ id: CHANNEL, handle: 'o3hgv1538sdjfh' })).toMatchObject({
      method: 'POST',
      path: 'channels/stop',
      body: { kind: 'json', value: { id: CHANNEL, resourceId: 'o3hgv1538sdjfh' } },
    })
    expect(subscribe).not.toHaveProperty('renew')
  })
})
