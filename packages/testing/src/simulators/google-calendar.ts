import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { createCalendar, eventOf } from './google-calendar/calendar.ts'
import { createChannels } from './google-calendar/channels.ts'
import type { SimulatedNotificationOptions, SimulatedChannel } from './google-calendar/channels.ts'
import { GoogleFailure } from './google-calendar/failure.ts'
import type { SimulatedReason } from './google-calendar/failure.ts'
import type { PagePlace, SyncPlace } from './google-calendar/list.ts'
import { createOperations } from './google-calendar/operations.ts'
import { createQuota } from './google-calendar/quota.ts'
import { isCancelled } from './google-calendar/resource.ts'
import type { SimulatedCalendarSettings, SimulatedEvent } from './google-calendar/resource.ts'
import { callOf } from './google-calendar/routes.ts'
import type { SimulatedOperation } from './google-calendar/routes.ts'
import { createTokens } from './google-calendar/tokens.ts'
import type { SimulatedProviderOptions } from './simulated-provider.ts'

/** The account, and its faults. */
export interface SimulatedGoogleCalendarOptions
  extends
    SimulatedNotificationOptions,
    Pick<
      SimulatedProviderOptions,
      'lagMs' | 'failBefore' | 'failAfter' | 'stalePages' | 'repeatedPages' | 'emptyPages'
    > {
  readonly clock: Clock
  /** Uniform in [0, 1). Decides every fault, so a seed replays it. */
  readonly random: () => number
  /** The bearer token that requests have to send. */
  readonly accessToken: string
  /** @default 'ada@example.com' */
  readonly user?: string | undefined
  /**
   * The first one is the primary calendar.
   * @default one calendar in the zone UTC, with the user's address as its id
   */
  readonly calendars?: readonly [SimulatedCalendarSettings, ...SimulatedCalendarSettings[]] | undefined
  /** @default 'https://www.googleapis.com' */
  readonly origin?: string | undefined
  /**
   * Milliseconds for which a sync token is valid. Google documents no number.
   * @default no limit
   */
  readonly syncTokenLifeMs?: number | undefined
  /**
   * Milliseconds for which a page token is valid. Google documents no number.
   * @default no limit
   */
  readonly pageTokenLifeMs?: number | undefined
  /**
   * Whether deleted events keep their details in responses. Google guarantees their `id` only.
   * @default false
   */
  readonly deletedDetails?: boolean | undefined
  /**
   * Quota of each user. A patch counts as three requests.
   * @default no limit
   */
  readonly requestsPerMinute?: number | undefined
  /** Status of `rateLimitExceeded`. @default 403 */
  readonly quotaStatus?: 403 | 429 | undefined
}

/** Failures of the next requests. */
export interface SimulatedFailure {
  readonly reason: SimulatedReason
  /** Replaces the usual status of the reason, such as 429 or 503. */
  readonly status?: number | undefined
  /** Fails only requests for this operation. */
  readonly operation?: SimulatedOperation | undefined
  /** Fails after the effect of the request, so its response is lost. @default false */
  readonly after?: boolean | undefined
  /** @default 1 */
  readonly count?: number | undefined
}

/** An account at a simulated Google Calendar. Methods with a `calendarId` use the primary calendar by default. */
export interface SimulatedGoogleCalendar {
  /** Responds to a request as the API does. */
  handle(request: Request): Promise<Response>

  /** Writes of another user: they have no faults, and notify the channels. */
  insert(event: SimulatedEvent, calendarId?: string): Promise<SimulatedEvent>
  patch(eventId: string, changes: Readonly<Record<string, unknown>>, calendarId?: string): Promise<SimulatedEvent>
  remove(eventId: string, calendarId?: string): Promise<void>
  /** Returns what a client has to know: every event, and the cancelled occurrences of each series. */
  events(calendarId?: string): readonly SimulatedEvent[]

  expireSyncTokens(): void
  expirePageTokens(): void
  /** Replaces the bearer token. Requests with the previous one fail with `authError`. */
  useAccessToken(token: string): void
  failNext(failure: SimulatedFailure): void
  loseNotifications(count: number): void
  repeatNotifications(count: number): void
  /** Changes the time between a change and its notification, in milliseconds. */
  delayNotifications(ms: number): void
  /** Switches every random fault off, except the lag. */
  behave(): void

  /** Channels that are neither stopped nor expired. */
  channels(): readonly SimulatedChannel[]
  /** Requests so far, by operation. */
  readonly requests: Readonly<Partial<Record<SimulatedOperation, number>>>
  /** Attempts to deliver a notification so far. */
  readonly notifications: number
  /** Writes of clients that changed something. */
  writes(): number
}

/**
 * Creates a {@link SimulatedGoogleCalendar}: version 3 of the API, as far as sync, tools and notifications use it.
 * Anything else responds with 501 and the reason `notSimulated`.
 */
export function simulatedGoogleCalendar(options: SimulatedGoogleCalendarOptions): SimulatedGoogleCalendar {
  const { clock, random, user = 'ada@example.com', origin = 'https://www.googleapis.com' } = options
  const { lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages } = options
  const { now } = clock
  const settings = options.calendars ?? [{ id: user, summary: user, timeZone: 'UTC' }]
  const channels = createChannels({ ...options, origin })
  const quota = createQuota(now, options.requestsPerMinute ?? Number.POSITIVE_INFINITY, options.quotaStatus ?? 403)
  const pageLife = options.pageTokenLifeMs ?? Number.POSITIVE_INFINITY
  const syncLife = options.syncTokenLifeMs ?? Number.POSITIVE_INFINITY
  const pages = createTokens<PagePlace>('page', now, pageLife)
  const syncs = createTokens<SyncPlace>('sync', now, syncLife)
  const calendarPages = createTokens<number>('calendarPage', now, pageLife)
  const calendarSyncs = createTokens<true>('calendarSync', now, syncLife)
  const calendars = settings.map((each) =>
    createCalendar(each, {
      now,
      random,
      origin,
      user,
      faults: { lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages },
      onChange: () => channels.notify(each.id),
    }),
  )
  const requests: Partial<Record<SimulatedOperation, number>> = {}
  const failures: { failure: SimulatedFailure; left: number }[] = []
  let accessToken = options.accessToken

  const operations = createOperations({
    calendars,
    channels,
    deletedDetails: options.deletedDetails ?? false,
    pages,
    syncs,
    calendarPages,
    calendarSyncs,
  })
  /** Throws the next planned failure of an operation. */
  const failAsPlanned = (operation: SimulatedOperation, after: boolean): void => {
    const planned = failures.find(
      ({ failure, left }) =>
        left > 0 && (failure.after ?? false) === after && (failure.operation ?? operation) === operation,
    )
    if (planned === undefined) return
    planned.left--
    const { reason, status } = planned.failure
    throw new GoogleFailure(reason, status === undefined ? {} : { status })
  }
  const respond = async (request: Request): Promise<Response> => {
    const call = callOf(request)
    if (call === undefined) throw new GoogleFailure('notSimulated')
    const { operation, parameters } = call
    requests[operation] = (requests[operation] ?? 0) + 1
    if (request.headers.get('authorization') !== `Bearer ${accessToken}`) throw new GoogleFailure('authError')
    quota.take(parameters.get('quotaUser') ?? request.headers.get('x-goog-quota-user') ?? user, operation)
    failAsPlanned(operation, false)
    const response = await operations.run(call)
    failAsPlanned(operation, true)
    return response
  }

  return {
    async handle(request) {
      try {
        return await respond(request)
      } catch (error) {
        if (error instanceof GoogleFailure) return error.toResponse()
        // A random failure of the provider beneath.
        if (error instanceof ConnectorError) return new GoogleFailure('backendError').toResponse()
        throw error
      }
    },
    async insert(event, calendarId = 'primary') {
      const calendar = operations.calendarOf(calendarId)
      return calendar.insert(event, calendar.asUser)
    },
    async patch(eventId, changes, calendarId = 'primary') {
      const calendar = operations.calendarOf(calendarId)
      return calendar.patch(eventId, changes, calendar.asUser)
    },
    async remove(eventId, calendarId = 'primary') {
      const calendar = operations.calendarOf(calendarId)
      return calendar.remove(eventId, calendar.asUser)
    },
    events(calendarId = 'primary') {
      const all = operations.calendarOf(calendarId).provider.records().map(eventOf)
      const series = new Set(all.filter((event) => !isCancelled(event)).map(({ id }) => id))
      return all.filter((event) => !isCancelled(event) || series.has(event.recurringEventId)).map(operations.show)
    },
    expireSyncTokens() {
      syncs.expireAll()
      calendarSyncs.expireAll()
    },
    expirePageTokens() {
      pages.expireAll()
      calendarPages.expireAll()
    },
    useAccessToken(token) {
      accessToken = token
    },
    failNext(failure) {
      failures.push({ failure, left: failure.count ?? 1 })
    },
    loseNotifications: (count) => channels.lose(count),
    repeatNotifications: (count) => channels.repeat(count),
    delayNotifications: (ms) => channels.delay(ms),
    behave() {
      channels.behave()
      for (const { provider } of calendars) provider.behave()
    },
    channels: () => channels.live(),
    requests,
    get notifications() {
      return channels.sent
    },
    writes: () => calendars.reduce((sum, { provider }) => sum + provider.writes(), 0),
  }
}
