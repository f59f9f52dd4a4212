import type { Clock } from '@mcpclient/core'
import { GmailFailure } from './gmail/failure.ts'
import type { SimulatedGmailReason } from './gmail/failure.ts'
import { createLists } from './gmail/lists.ts'
import type { GmailPlace } from './gmail/lists.ts'
import { createMailbox } from './gmail/mailbox.ts'
import type { StoredMessage } from './gmail/mailbox.ts'
import { createNotifications } from './gmail/notifications.ts'
import type { SimulatedGmailPushOptions } from './gmail/notifications.ts'
import { createGmailOperations } from './gmail/operations.ts'
import { createGmailQuota } from './gmail/quota.ts'
import { messageResource } from './gmail/resources.ts'
import type { SimulatedMessage } from './gmail/resources.ts'
import { gmailCallOf, unitsOf } from './gmail/routes.ts'
import type { SimulatedGmailOperation } from './gmail/routes.ts'
import { createTokens } from './google-calendar/tokens.ts'
import type { SimulatedProviderOptions } from './simulated-provider.ts'

/** The mailbox, and its faults. */
export interface SimulatedGmailOptions
  extends
    SimulatedGmailPushOptions,
    Pick<SimulatedProviderOptions, 'lagMs' | 'failBefore' | 'failAfter' | 'repeatedPages' | 'emptyPages'> {
  readonly clock: Clock
  /** Uniform in [0, 1). Decides every fault, so a seed replays it. */
  readonly random: () => number
  /** The bearer token that requests have to send. */
  readonly accessToken: string
  /** @default 'ada@example.com' */
  readonly user?: string | undefined
  /**
   * Units of the quota a minute. Gmail has 15,000.
   * @default no limit
   */
  readonly unitsPerMinute?: number | undefined
  /** Status of `userRateLimitExceeded`. @default 403 */
  readonly quotaStatus?: 403 | 429 | undefined
}

/** Failures of the next requests. */
export interface SimulatedGmailFailure {
  readonly reason: SimulatedGmailReason
  /** Replaces the usual status of the reason, such as 503. */
  readonly status?: number | undefined
  /** Fails only requests for this operation. */
  readonly operation?: SimulatedGmailOperation | undefined
  /** Fails after the effect of the request, so its response is lost. @default false */
  readonly after?: boolean | undefined
  /** @default 1 */
  readonly count?: number | undefined
}

/** A message that arrives. */
export interface SimulatedMail {
  readonly subject: string
  /** @default 'bo@example.com' */
  readonly from?: string | undefined
  readonly text?: string | undefined
  /** @default ['INBOX', 'UNREAD'] */
  readonly labelIds?: readonly string[] | undefined
  readonly threadId?: string | undefined
}

/** A simulated Gmail mailbox. */
export interface SimulatedGmail {
  /** Responds to a request as the API does. */
  handle(request: Request): Promise<Response>

  /** Changes by the user or by mail that arrives: they have no faults, and are notified. */
  receive(mail: SimulatedMail): SimulatedMessage
  /** Adds a message in the form of RFC 5322. */
  receiveRaw(raw: string, labelIds?: readonly string[]): SimulatedMessage
  label(id: string, add: readonly string[], remove?: readonly string[]): void
  /** Deletes a message for good. */
  remove(id: string): void
  createLabel(name: string): string
  /** Returns every message in its current state, the oldest first. */
  messages(): readonly SimulatedMessage[]
  /** Returns the messages that clients sent, each character a byte. */
  sent(): readonly string[]

  /** Forgets the history so far: a `startHistoryId` before the current one is not found. */
  expireHistory(): void
  expirePageTokens(): void
  /** Replaces the bearer token. Requests with the previous one fail with `authError`. */
  useAccessToken(token: string): void
  failNext(failure: SimulatedGmailFailure): void
  loseNotifications(count: number): void
  repeatNotifications(count: number): void
  /** Switches every random fault off, except the lag. */
  behave(): void

  /** Returns the watch of the mailbox, if it is live. */
  watch(): { readonly topicName: string; readonly expiration: number } | undefined
  /** Requests so far, by operation. */
  readonly requests: Readonly<Partial<Record<SimulatedGmailOperation, number>>>
  /** Units of the quota that requests have used so far. */
  readonly units: number
  /** Attempts to deliver a notification so far. */
  readonly notifications: number
  /** Changes of the mailbox so far, by clients and others. */
  readonly changes: number
}

/**
 * Creates a {@link SimulatedGmail}: version 1 of the API, as far as sync, tools and notifications use it. Anything else
 * responds with 501 and the reason `notSimulated`. A read may lag behind, but never behind an earlier read.
 */
export function simulatedGmail(options: SimulatedGmailOptions): SimulatedGmail {
  const { clock, random, user = 'ada@example.com', lagMs = 0 } = options
  const { now } = clock
  const pages = createTokens<GmailPlace>('page', now, Number.POSITIVE_INFINITY)
  const quota = createGmailQuota(now, options.unitsPerMinute ?? Number.POSITIVE_INFINITY, options.quotaStatus ?? 403)
  const requests: Partial<Record<SimulatedGmailOperation, number>> = {}
  const failures: { failure: SimulatedGmailFailure; left: number }[] = []
  let { accessToken } = options
  let isHostile = true
  let oldest = 0
  let shown = 0

  const happens = (probability = 0): boolean => isHostile && random() < probability
  const readTime = (): number => {
    shown = Math.max(shown, now() - (lagMs === 0 ? 0 : Math.floor(random() * lagMs)))
    return shown
  }
  const mailbox = createMailbox(now, () => notifications.notify())
  const notifications = createNotifications(clock, user, () => mailbox.historyIdAt(now()), options)
  const lists = createLists({
    mailbox,
    pages,
    readTime,
    oldest: () => oldest,
    isRepeated: () => happens(options.repeatedPages),
    isEmptied: () => happens(options.emptyPages),
  })
  const run = createGmailOperations({ user, mailbox, lists, notifications, readTime })

  /** Throws the next planned failure of an operation, or a random one. */
  const mayFail = (operation: SimulatedGmailOperation, after: boolean): void => {
    const planned = failures.find(
      ({ failure, left }) =>
        left > 0 && (failure.after ?? false) === after && (failure.operation ?? operation) === operation,
    )
    if (planned !== undefined) {
      planned.left--
      const { reason, status } = planned.failure
      throw new GmailFailure(reason, status === undefined ? {} : { status })
    }
    if (happens(after ? options.failAfter : options.failBefore)) throw new GmailFailure('backendError')
  }
  const respond = async (request: Request): Promise<Response> => {
    const call = gmailCallOf(request, user)
    if (call === undefined) throw new GmailFailure('notSimulated')
    const { operation } = call
    requests[operation] = (requests[operation] ?? 0) + 1
    if (request.headers.get('authorization') !== `Bearer ${accessToken}`) throw new GmailFailure('authError')
    quota.take(unitsOf(operation))
    mayFail(operation, false)
    const response = await run(call)
    mayFail(operation, true)
    return response
  }
  const full = new URLSearchParams()
  const show = (message: StoredMessage): SimulatedMessage =>
    messageResource(message, now(), full) ?? { id: message.id, threadId: message.threadId }

  return {
    async handle(request) {
      try {
        return await respond(request)
      } catch (error) {
        if (error instanceof GmailFailure) return error.toResponse()
        throw error
      }
    },
    receive({ subject, from = 'bo@example.com', text = subject, labelIds = ['INBOX', 'UNREAD'], threadId }) {
      const raw = [`From: ${from}`, `To: ${user}`, `Subject: ${subject}`, '', text].join('\r\n')
      const message = mailbox.add(raw, labelIds, threadId)
      return show(message)
    },
    receiveRaw(raw, labelIds = ['INBOX', 'UNREAD']) {
      const message = mailbox.add(raw, labelIds)
      return show(message)
    },
    label(id, add, remove = []) {
      mailbox.relabel(id, add, remove)
    },
    remove: (id) => mailbox.remove(id),
    createLabel: (name) => mailbox.createLabel(name).id,
    messages: () => [...mailbox.messages.values()].flatMap((message) => messageResource(message, now(), full) ?? []),
    sent: () =>
      [...mailbox.messages.values()].flatMap(({ raw, states }) => (states[0]?.labelIds.includes('SENT') ? [raw] : [])),
    expireHistory() {
      oldest = mailbox.historyIdAt(now())
    },
    expirePageTokens: () => pages.expireAll(),
    useAccessToken(token) {
      accessToken = token
    },
    failNext(failure) {
      failures.push({ failure, left: failure.count ?? 1 })
    },
    loseNotifications: (count) => notifications.lose(count),
    repeatNotifications: (count) => notifications.repeat(count),
    behave() {
      isHostile = false
    },
    watch: () => notifications.live(),
    requests,
    get units() {
      return quota.used()
    },
    get notifications() {
      return notifications.sent()
    },
    get changes() {
      return mailbox.written()
    },
  }
}
