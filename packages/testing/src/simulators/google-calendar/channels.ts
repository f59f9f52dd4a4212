import type { Clock } from '@mcpclient/core'
import { GoogleFailure, invalidParameter } from './failure.ts'
import { isObject } from './resource.ts'

type Fields = Readonly<Record<string, unknown>>

/** The ways in which notifications fail. A probability is a number from 0 to 1. */
export interface SimulatedNotificationOptions {
  /**
   * Receives every notification, as the host's endpoint does. Statuses 500, 502, 503 and 504 and a rejection are retried.
   * Without it, notifications are counted only.
   */
  readonly deliver?: ((request: Request) => Response | Promise<Response>) | undefined
  /**
   * Milliseconds between a change and its notification.
   * @default 1000
   */
  readonly notificationDelayMs?: number | undefined
  /** Probability that a notification is lost. */
  readonly lostNotifications?: number | undefined
  /** Probability that a notification arrives twice. */
  readonly repeatedNotifications?: number | undefined
  /**
   * Milliseconds for which a stopped channel still sends.
   * @default 0
   */
  readonly stopLagMs?: number | undefined
}

/** A subscription to the events of a calendar. */
export interface SimulatedChannel {
  readonly id: string
  readonly resourceId: string
  readonly address: string
  readonly token?: string | undefined
  /** Milliseconds since the epoch. */
  readonly expiration: number
}

interface Channel extends SimulatedChannel {
  readonly resourceUri: string
  number: number
  /** The end of its messages, if it was stopped. */
  endsAt: number
}

export interface Channels {
  watch(calendarId: string, body: Fields): Response
  stop(body: Fields): Response
  /** Sends `exists` to every channel of a calendar. */
  notify(calendarId: string): void
  /** Returns the channels that send. */
  live(): readonly SimulatedChannel[]
  lose(count: number): void
  repeat(count: number): void
  delay(ms: number): void
  behave(): void
  readonly sent: number
}

const MAX_LIFE_MS = 604_800_000
const MAX_ID_LENGTH = 64
const MAX_TOKEN_LENGTH = 256
const RETRIED = [500, 502, 503, 504]
const MAX_RETRIES = 5
const FIRST_RETRY_MS = 1000
/** Numbers of messages grow, but are not consecutive. */
const MAX_NUMBER_STEP = 9

/** Creates the channels of an account. Their ids stay taken after their end. */
export function createChannels(
  options: SimulatedNotificationOptions & {
    readonly clock: Clock
    readonly random: () => number
    readonly origin: string
  },
): Channels {
  const { clock, random, origin, stopLagMs = 0 } = options
  const channels = new Map<string, Channel>()
  let delayMs = options.notificationDelayMs ?? 1000
  let isHostile = true
  let toLose = 0
  let toRepeat = 0
  let sent = 0

  const happens = (probability = 0): boolean => isHostile && random() < probability
  const isLive = ({ expiration, endsAt }: Channel): boolean => clock.now() < Math.min(expiration, endsAt)

  const attempt = async (channel: Channel, state: string, number: number, retries: number): Promise<void> => {
    sent++
    const status = await statusOf(options.deliver, notification(channel, state, number))
    if (!RETRIED.includes(status) || retries === MAX_RETRIES) return
    clock.schedule(FIRST_RETRY_MS * 2 ** retries, () => {
      void attempt(channel, state, number, retries + 1)
    })
  }
  const send = (channel: Channel, state: string, afterMs: number): void => {
    const { number } = channel
    channel.number += 1 + Math.floor(random() * MAX_NUMBER_STEP)
    if (toLose > 0 || happens(options.lostNotifications)) {
      toLose = Math.max(0, toLose - 1)
      return
    }
    const isRepeated = toRepeat > 0 || happens(options.repeatedNotifications)
    if (isRepeated) toRepeat = Math.max(0, toRepeat - 1)
    for (let copy = 0; copy <= Number(isRepeated); copy++) {
      clock.schedule(afterMs, () => {
        void attempt(channel, state, number, 0)
      })
    }
  }

  return {
    watch(calendarId, body) {
      const resourceUri = `${origin}/calendar/v3/calendars/${encodeURIComponent(calendarId)}/events`
      const channel: Channel = {
        ...requestedChannel(body, clock.now()),
        resourceId: resourceIdOf(calendarId),
        resourceUri,
        number: 1,
        endsAt: Number.POSITIVE_INFINITY,
      }
      const { id, token, resourceId, expiration } = channel
      if (channels.has(id)) throw new GoogleFailure('channelIdNotUnique', { message: `Channel id ${id} not unique` })
      channels.set(id, channel)
      send(channel, 'sync', 0)
      return Response.json({
        kind: 'api#channel',
        id,
        resourceId,
        resourceUri,
        ...(token !== undefined && { token }),
        expiration: String(expiration),
      })
    },
    stop({ id, resourceId }) {
      const channel = channels.get(String(id))
      if (channel === undefined || channel.resourceId !== resourceId || !isLive(channel)) {
        throw new GoogleFailure('notFound', { message: `Channel '${String(id)}' not found for project 'simulator'` })
      }
      channel.endsAt = clock.now() + stopLagMs
      return new Response(null, { status: 204 })
    },
    notify(calendarId) {
      const resourceId = resourceIdOf(calendarId)
      for (const channel of channels.values()) {
        if (channel.resourceId === resourceId && isLive(channel)) send(channel, 'exists', delayMs)
      }
    },
    live: () => [...channels.values()].filter(isLive),
    lose(count) {
      toLose += count
    },
    repeat(count) {
      toRepeat += count
    },
    delay(ms) {
      delayMs = ms
    },
    behave() {
      isHostile = false
    },
    get sent() {
      return sent
    },
  }
}

const resourceIdOf = (calendarId: string): string => btoa(encodeURIComponent(calendarId)).replaceAll('=', '')

function requestedChannel(body: Fields, now: number): Pick<Channel, 'id' | 'address' | 'token' | 'expiration'> {
  const { id, type, address, token, expiration, params } = body
  if (typeof id !== 'string' || id === '') throw new GoogleFailure('required', { location: 'id' })
  if (id.length > MAX_ID_LENGTH) throw invalidParameter('id')
  if (type !== 'web_hook' && type !== 'webhook') throw invalidParameter('type')
  if (typeof address !== 'string') throw new GoogleFailure('required', { location: 'address' })
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') {
    throw new GoogleFailure('push.webhookUrlNotHttps', { message: `WebHook callback must be HTTPS: ${address}` })
  }
  if (token !== undefined && (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH)) {
    throw invalidParameter('token')
  }
  const ttl = isObject(params) ? params['ttl'] : undefined
  const asked = expiration === undefined ? now + Number(ttl ?? MAX_LIFE_MS / 1000) * 1000 : Number(expiration)
  if (!Number.isFinite(asked) || asked <= now) throw invalidParameter('expiration')
  return { id, address, token, expiration: Math.min(asked, now + MAX_LIFE_MS) }
}

function notification(channel: Channel, state: string, number: number): Request {
  return new Request(channel.address, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json; utf-8',
      'X-Goog-Channel-ID': channel.id,
      ...(channel.token !== undefined && { 'X-Goog-Channel-Token': channel.token }),
      'X-Goog-Channel-Expiration': new Date(channel.expiration).toUTCString(),
      'X-Goog-Resource-ID': channel.resourceId,
      'X-Goog-Resource-URI': channel.resourceUri,
      'X-Goog-Resource-State': state,
      'X-Goog-Message-Number': String(number),
    },
  })
}

/** Returns the status of a delivery; an endpoint that cannot be reached counts as 503. */
async function statusOf(deliver: SimulatedNotificationOptions['deliver'], request: Request): Promise<number> {
  if (deliver === undefined) return 204
  try {
    return (await deliver(request)).status
  } catch {
    return 503
  }
}
