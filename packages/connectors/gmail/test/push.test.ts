import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import { subscribedHost } from '@mcpclient/testkit'
import { webhooks } from '@mcpclient/webhooks'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { gmail } from '../src/index.ts'
import { TOKEN } from './sync-scene.ts'

const ENDPOINT = 'https://app.example/hooks/mailbox'
const PUSHER = 'pusher@marsh.iam.gserviceaccount.com'
const HOUR = 3_600_000
const TOPIC = 'projects/marsh/topics/gmail'

const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' }] }

afterEach(() => {
  vi.unstubAllGlobals()
})

interface SceneOptions {
  /** Overrides claims of the token of each push. */
  readonly claims?: JWTPayload | undefined
  readonly hasToken?: boolean | undefined
  readonly topicName?: string | undefined
}

/** Composes a client that receives the notifications of a simulated mailbox. */
async function setUp({ claims, hasToken = true, topicName = TOPIC }: SceneOptions = {}) {
  // Google's keys are fetched from the network.
  vi.stubGlobal('fetch', async () => Response.json(jwks))
  const clock = createFakeClock()
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const statuses: number[] = []
  const inFlight: Promise<unknown>[] = []
  const tracked = <Result>(work: Promise<Result>): Promise<Result> => {
    inFlight.push(work)
    return work
  }
  /** Waits until every push that has begun is handled: its signature is real work, which no clock counts. */
  const arrivals = async (): Promise<void> => {
    for (let known = -1; known !== inFlight.length;) {
      known = inFlight.length
      await Promise.allSettled(inFlight)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  const authorize = (aud: string): Promise<string> => {
    const seconds = Math.floor(clock.now() / 1000)
    const given = { iss: 'https://accounts.google.com', aud, email: PUSHER, email_verified: true, ...claims }
    return new SignJWT(given)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuedAt(seconds)
      .setExpirationTime(claims?.exp ?? seconds + 3600)
      .sign(privateKey)
  }
  const receive = async (request: Request): Promise<Response> => {
    const response = await hooks.receive(request)
    statuses.push(response.status)
    return response
  }
  const google = simulatedGmail({
    clock,
    random: seededRandom(7),
    accessToken: TOKEN,
    pushEndpoint: ENDPOINT,
    ...(hasToken && { authorize: (audience) => tracked(authorize(audience)) }),
    deliver: (request) => tracked(receive(request)),
  })
  const connector = gmail({ signingSecret: PUSHER, ...(topicName !== '' && { topicName }) })
  const host = await subscribedHost(connector, { clock, hooks, provider: google, token: TOKEN, sync: 'messages' })
  return { ...host, clock, hooks, google, statuses, receive, authorize, arrivals }
}

type Scene = Awaited<ReturnType<typeof setUp>>

/** Lets a message arrive, and its notification. */
async function receiveMail({ google, clock, pass, arrivals }: Scene, subject: string): Promise<void> {
  google.receive({ subject })
  await clock.advance(2000)
  await arrivals()
  await pass(20_000)
}

describe('a notification of Gmail', () => {
  it('wakes the sync of the mailbox that it names', async () => {
    const scene = await setUp()
    await scene.subscribe()
    await receiveMail(scene, 'Egret')
    expect(scene.statuses).toEqual([200])
    expect(scene.table.rows()).toMatchObject([{ subject: 'Egret' }])
  })

  it('accepts both spellings of the issuer (W12)', async () => {
    const scene = await setUp({ claims: { iss: 'accounts.google.com' } })
    await scene.subscribe()
    await receiveMail(scene, 'Egret')
    expect(scene.statuses).toEqual([200])
  })

  it.each<[string, SceneOptions]>([
    ['without a token (W6)', { hasToken: false }],
    ['for another audience (W10)', { claims: { aud: 'https://other.example/hooks/mail' } }],
    ['of another issuer', { claims: { iss: 'https://accounts.example.com' } }],
    ['of another service account', { claims: { email: 'eve@marsh.iam.gserviceaccount.com' } }],
    ['of an address that is not verified', { claims: { email_verified: false } }],
    ['that has expired', { claims: { exp: 1_500_000_000 } }],
  ])('is refused %s', async (_what, options) => {
    const scene = await setUp(options)
    await scene.subscribe()
    await receiveMail(scene, 'Egret')
    expect(new Set(scene.statuses)).toEqual(new Set([401]))
    expect(scene.table.rows()).toEqual([])
  })

  it('never moves the cursor, whatever history id it has (W17)', async () => {
    const scene = await setUp()
    await scene.subscribe()
    const { pass, table, receive, authorize } = scene
    const authorization = `Bearer ${await authorize(ENDPOINT)}`
    await receiveMail(scene, 'Egret')
    for (const historyId of [999_999, 1, 5000]) {
      const data = btoa(JSON.stringify({ emailAddress: 'ada@example.com', historyId }))
      const body = JSON.stringify({ message: { data, messageId: `m${historyId}` }, subscription: 's' })
      const request = new Request(ENDPOINT, { method: 'POST', headers: { authorization }, body })
      expect((await receive(request)).status).toBe(200)
      await receiveMail(scene, `After ${historyId}`)
    }
    await pass(60_000)
    expect(table.rows().map(({ subject }) => subject)).toEqual(['Egret', 'After 999999', 'After 1', 'After 5000'])
  })

  it('is accepted and ignored if its mailbox is not known (W16)', async () => {
    const scene = await setUp()
    await scene.subscribe()
    const headers = { authorization: `Bearer ${await scene.authorize(ENDPOINT)}` }
    const data = btoa(JSON.stringify({ emailAddress: 'eve@example.com', historyId: 1 }))
    const body = JSON.stringify({ message: { data, messageId: 'm1' }, subscription: 's' })
    expect((await scene.receive(new Request(ENDPOINT, { method: 'POST', headers, body }))).status).toBe(200)
  })

  it.each([
    ['no JSON', 'hello'],
    ['no message', '{}'],
    ['data that is no base64', '{"message":{"messageId":"1","data":"%"}}'],
    ['data without a mailbox', `{"message":{"messageId":"1","data":"${btoa('{}')}"}}`],
  ])('is refused with %s', async (_what, body) => {
    const scene = await setUp()
    const headers = { authorization: `Bearer ${await scene.authorize(ENDPOINT)}` }
    const { status } = await scene.receive(new Request(ENDPOINT, { method: 'POST', headers, body }))
    expect(status).toBe(400)
  })

  it('leaves a burst to at most two rounds, which include every change (S36)', async () => {
    const scene = await setUp()
    await scene.subscribe()
    const { google, clock, pass, table, arrivals } = scene
    for (let n = 0; n < 60; n++) {
      google.receive({ subject: `Bird ${n}` })
      await clock.advance(200)
    }
    await arrivals()
    const before = google.requests['history.list'] ?? 0
    await pass(20_000)
    expect(table.rows()).toHaveLength(60)
    expect((google.requests['history.list'] ?? 0) - before).toBeLessThanOrEqual(2)
  })
})

describe('the watch of a mailbox', () => {
  it('is renewed every day and never stopped meanwhile', async () => {
    const scene = await setUp()
    await scene.subscribe()
    const { google, clock, pass } = scene
    for (let hour = 0; hour < 10 * 24; hour++) {
      await pass(HOUR)
      // Never less than six of its seven days are left.
      expect(google.watch()?.expiration ?? 0).toBeGreaterThan(clock.now() + 5.9 * 24 * HOUR)
    }
    expect(google.requests['users.watch']).toBeGreaterThanOrEqual(10)
    expect(google.requests['users.stop']).toBeUndefined()
    expect(google.watch()?.topicName).toBe(TOPIC)
  })

  it('is stopped when its subscription ends', async () => {
    const scene = await setUp()
    await scene.subscribe()
    await scene.clock.until(scene.hooks.unsubscribe(scene.target))
    expect(scene.google.watch()).toBeUndefined()
  })

  it('is stopped before its connection is disconnected', async () => {
    const scene = await setUp()
    await scene.subscribe()
    await scene.client.disconnect()
    expect(scene.google.watch()).toBeUndefined()
  })

  it('needs a topic', async () => {
    const { clock, hooks, google, target } = await setUp({ topicName: '' })
    const error = await errorOf(clock.until(hooks.subscribe(target)))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    expect(error.message).toContain('topic')
    expect(google.requests['users.watch']).toBeUndefined()
  })
})

it('refuses a topic that is none, and a secret that is no address', () => {
  expect(() => gmail({ token: TOKEN, topicName: 'gmail' })).toThrow(/topicName/)
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const mail = gmail({ token: TOKEN, signingSecret: 'not-an-address' })
  expect(() => createMcpClient({ connectors: { mail }, capabilities: [hooks] })).toThrow(/service account/)
})
