import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability, Store, WakeTarget } from '@mcpclient/core'
import { bearer, defineConnector, get, post, sync, webhook } from '@mcpclient/core/define'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import type { FakeClock, Responder } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import type { WebhooksOptions } from '@mcpclient/webhooks'
import { googleChannel, slack } from '@mcpclient/webhooks/schemes'
import * as z from 'zod'
import { mail } from './mail.ts'
import type { MailSubscription } from './mail.ts'

export const SECRET = 'a-signing-secret'
export const ADDRESS = 'https://app.example/hooks'
const DAY = 86_400_000

const Envelope = z.object({
  type: z.string().optional(),
  event_id: z.string().optional(),
  team_id: z.string(),
  event: z.looseObject({ type: z.string() }),
})

/** A chat whose deliveries are signed and name an account. */
export const chat = defineConnector({
  id: 'chat',
  name: 'Chat',
  baseUrl: 'https://chat.example/',
  auth: bearer(),
  check: { request: get('me'), account: (body) => z.object({ id: z.string() }).safeParse(body).data },
  tools: {},
  events: { message: z.looseObject({}) },
  webhook: webhook({
    verify: slack(),
    handshake: {
      proof: 'signature',
      respond: ({ bytes }) => {
        const body = z
          .object({ type: z.literal('url_verification'), challenge: z.string() })
          .safeParse(JSON.parse(new TextDecoder().decode(bytes)))
        return body.success ? { text: body.data.challenge } : undefined
      },
    },
    read: ({ json }) => {
      const { event_id: id, team_id: account, event } = json(Envelope)
      if (event.type !== 'message') return { ignore: 'another type' }
      return { id, to: { account }, event: 'message', data: event }
    },
    retriesForMs: 3_600_000,
  }),
})

const events = sync({
  description: 'Events.',
  params: z.object({ calendar: z.string().default('primary') }),
  item: z.object({ id: z.string(), title: z.string() }),
  key: 'id',
  codes: {},
  pull: () => get('events'),
  get: (id) => get(`events/${id}`),
})

/** A calendar that has one subscription for each collection. */
export const calendar = defineConnector({
  id: 'calendar',
  name: 'Calendar',
  baseUrl: 'https://calendar.example/',
  auth: bearer(),
  tools: {},
  syncs: { events },
  webhook: webhook({
    verify: googleChannel(),
    read: ({ header }) =>
      header('x-goog-resource-state') === 'sync'
        ? { ignore: 'the first message' }
        : { to: { channel: header('x-goog-channel-id') }, sync: 'events' },
    subscribe: {
      lifeMs: 7 * DAY,
      create: ({ id, token, address, expiresAt, params }: Subject) =>
        post(`${params.calendar}/watch`, { id, token, address, expiration: expiresAt }),
      created: z
        .object({ resourceId: z.string(), expiration: z.number() })
        .transform(({ resourceId, expiration }) => ({ handle: resourceId, expiresAt: expiration })),
      stop: ({ id, handle }) => post('stop', { id, resourceId: handle }),
    },
  }),
})

interface Subject {
  readonly id: string
  readonly token: string
  readonly address: string
  readonly expiresAt: number
  readonly params: { readonly calendar: string }
}

/** A subscription that the simulated provider holds. */
export interface Watch {
  readonly id: string
  readonly token: string
  readonly address: string
  readonly expiration: number
}

/** The state and the faults of the simulated providers, which scenes of several processes share. */
export interface Providers {
  readonly watches: Map<string, Watch>
  readonly subscriptions: Map<string, MailSubscription>
  readonly stopped: string[]
  /** The status that refuses a new watch. */
  watch?: number | undefined
  /** The end of a new watch, instead of the one that is asked for. */
  expiration?: number | undefined
  /** Runs before a subscription is created or renewed. */
  before?: ((address: string) => Promise<void>) | undefined
}
export const providers = (): Providers => ({ watches: new Map(), subscriptions: new Map(), stopped: [] })

interface SceneOptions extends Partial<WebhooksOptions> {
  readonly state?: Store | undefined
  readonly clock?: FakeClock | undefined
  readonly hasJobs?: boolean | undefined
  readonly faults?: Providers | undefined
  readonly connectors?: readonly string[] | undefined
}

/** Composes a client whose provider is simulated. */
export async function setUp({ state: given, hasJobs = true, faults = providers(), ...rest }: SceneOptions = {}) {
  const { clock = createFakeClock(), ...options } = rest
  const state = given ?? memoryStore({ clock })
  const { watches, subscriptions, stopped } = faults
  const respond: Responder = async ({ method, url, json }) => {
    const { pathname } = new URL(url)
    if (pathname === '/me') return { json: { id: 'T1' } }
    if (pathname.startsWith('/subscriptions')) return respondToMail(faults, method, pathname.split('/')[2], json)
    if (pathname === '/stop') {
      const { id } = json as Watch
      watches.delete(id)
      stopped.push(id)
      return { json: {} }
    }
    if (faults.watch !== undefined) return { status: faults.watch, json: {} }
    const watch = json as Watch
    await faults.before?.(watch.address)
    watches.set(watch.id, watch)
    return { json: { resourceId: `resource-${watches.size}`, expiration: faults.expiration ?? watch.expiration } }
  }
  const woken: WakeTarget[] = []
  const pushed: boolean[] = []
  const engine: Capability = {
    name: 'engine',
    syncEngine: {
      run: () => Promise.reject(new Error('not run')),
      wake: async (target) => void woken.push(target),
      setPushed: async (_target, isPushed) => void pushed.push(isPushed),
    },
    bind() {},
  }
  const runner = jobs()
  const hooks = webhooks({ address: ADDRESS, ...options })
  const mcp = createMcpClient({
    connectors: {
      chat: chat({ signingSecret: SECRET }),
      calendar: calendar({ signingSecret: SECRET }),
      mail: mail({ signingSecret: SECRET }),
    },
    vault: vault({ store: memoryStore({ clock }) }),
    clock,
    state,
    transport: scriptedTransport(respond),
    capabilities: [...(hasJobs ? [runner] : []), engine, hooks],
  })
  await mcp.as('ada').chat.connect({ token: 'a' })
  await mcp.as('ada').calendar.connect({ token: 'a' })
  await mcp.as('ada').mail.connect({ token: 'a' })
  return { clock, state, mcp, hooks, runner, watches, subscriptions, stopped, woken, pushed, faults }
}

async function respondToMail(faults: Providers, method: string, id: string | undefined, json: unknown) {
  const { subscriptions, stopped } = faults
  const known = subscriptions.get(id ?? '')
  if (id !== undefined && known === undefined) return { status: 404, json: {} }
  if (id !== undefined && method === 'DELETE') {
    subscriptions.delete(id)
    stopped.push(id)
    return { status: 204 }
  }
  const subscription = { ...known, ...(json as MailSubscription) }
  await faults.before?.(subscription.address)
  const key = id ?? crypto.randomUUID()
  subscriptions.set(key, subscription)
  return { json: { id: key, expiration: subscription.expiration } }
}

type Scene = Awaited<ReturnType<typeof setUp>>

/** Makes a delivery of the chat, signed as its provider does. */
export async function chatDelivery(
  { clock }: Pick<Scene, 'clock'>,
  body: unknown,
  change: { readonly secret?: string; readonly path?: string; readonly headers?: Record<string, string> } = {},
): Promise<Request> {
  const { secret = SECRET, path = '/hooks/chat', headers = {} } = change
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const timestamp = String(Math.floor(clock.now() / 1000))
  const bytes = new TextEncoder().encode(secret)
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = new TextEncoder().encode(`v0:${timestamp}:${text}`)
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))
  return new Request(`http://internal:8080${path}`, {
    method: 'POST',
    body: text,
    headers: {
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${Buffer.from(mac).toString('hex')}`,
      ...headers,
    },
  })
}

export const message = (id: string | undefined, text = 'Hello') => ({
  event_id: id,
  team_id: 'T1',
  event: { type: 'message', text },
})

/** Makes a notification of a calendar's channel. */
export const notification = (
  { id, token }: Pick<Watch, 'id' | 'token'>,
  headers: Record<string, string> = {},
): Request =>
  new Request('http://internal:8080/hooks/calendar', {
    method: 'POST',
    headers: {
      'x-goog-channel-id': id,
      'x-goog-channel-token': token,
      'x-goog-resource-state': 'exists',
      'x-goog-message-number': '2',
      ...headers,
    },
  })
