import { ConnectorError } from '@mcpclient/core'
import type { Clock } from '@mcpclient/core'
import { createTokens } from './google-calendar/tokens.ts'
import { createCalendars } from './graph/calendar.ts'
import type { SimulatedOutlookCalendar } from './graph/calendar/events.ts'
import type { DeltaPlace, GraphContext, ListPlace } from './graph/context.ts'
import { createContacts } from './graph/contacts.ts'
import type { SimulatedContactFolder } from './graph/contacts.ts'
import { GraphFailure } from './graph/failure.ts'
import type { SimulatedGraphCode } from './graph/failure.ts'
import { createItems } from './graph/items.ts'
import type { SimulatedItems } from './graph/items.ts'
import { createMail } from './graph/mail.ts'
import { routeOf } from './graph/routes.ts'
import type { GraphResource } from './graph/routes.ts'
import { createSubscriptions } from './graph/subscriptions.ts'
import type {
  SimulatedGraphNotificationOptions,
  SimulatedLifecycleEvent,
  SimulatedSubscription,
} from './graph/subscriptions.ts'
import { createTaskLists } from './graph/tasks.ts'
import type { SimulatedTaskList } from './graph/tasks.ts'
import type { SimulatedProviderOptions } from './simulated-provider.ts'

/** The mailbox, and its faults. */
export interface SimulatedGraphOptions
  extends
    SimulatedGraphNotificationOptions,
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
   * The first one is the default calendar.
   * @default one calendar with the id `calendar`
   */
  readonly calendars?: readonly [SimulatedOutlookCalendar, ...SimulatedOutlookCalendar[]] | undefined
  /**
   * The first one is the default list.
   * @default one list with the id `tasks`
   */
  readonly taskLists?: readonly [SimulatedTaskList, ...SimulatedTaskList[]] | undefined
  /** Folders of contacts beside the default one. */
  readonly contactFolders?: readonly SimulatedContactFolder[] | undefined
  /**
   * Milliseconds for which the links of delta queries are valid. Microsoft documents no number for Outlook.
   * @default no limit
   */
  readonly linkLifeMs?: number | undefined
  /** Requests in flight for the mailbox; one more fails with `ApplicationThrottled`. @default 4 */
  readonly maxConcurrent?: number | undefined
}

/** Failures of the next requests. */
export interface SimulatedGraphFailure {
  readonly code: SimulatedGraphCode
  /** Replaces the usual status of the code. */
  readonly status?: number | undefined
  /** Seconds in the header `Retry-After`. @default 5 with status 429 */
  readonly retryAfter?: number | undefined
  /** Fails only requests for this operation, such as `events.create`. */
  readonly operation?: string | undefined
  /** Fails after the effect of the request, so its response is lost. @default false */
  readonly after?: boolean | undefined
  /** @default 1 */
  readonly count?: number | undefined
}

/** The mailbox of a user at a simulated Microsoft Graph. */
export interface SimulatedGraph {
  /** Responds to a request as version 1.0 of the API does. */
  handle(request: Request): Promise<Response>

  /** Returns the events of a calendar, seen by a user in Outlook. @default those of the default calendar */
  events(calendarId?: string): SimulatedItems
  /** Returns the contacts of a folder. @default those of the default folder */
  contacts(folderId?: string): SimulatedItems
  /** Returns the tasks of a list. @default those of the default list */
  tasks(listId?: string): SimulatedItems
  /** Returns the messages of a folder with a well-known name. @default those of the inbox */
  messages(folder?: string): SimulatedItems
  /** Moves a message to the folder with a well-known name, as a user does. Its immutable id stays the same. */
  moveMessage(id: string, folder: string): Promise<void>

  /** Ends the life of every delta link. */
  expireDeltaLinks(): void
  /** Ends the life of every link to a next page. */
  expireNextLinks(): void
  /** Replaces the bearer token. Requests with the previous one fail with `InvalidAuthenticationToken`. */
  useAccessToken(token: string): void
  failNext(failure: SimulatedGraphFailure): void
  loseNotifications(count: number): void
  repeatNotifications(count: number): void
  /** Sends a lifecycle notification to every subscription. `subscriptionRemoved` also ends it. */
  sendLifecycle(event: SimulatedLifecycleEvent): void
  /** Switches every random fault off, except the lag. */
  behave(): void

  /** Subscriptions that have not ended. */
  subscriptions(): readonly SimulatedSubscription[]
  /** Requests so far, by operation. */
  readonly requests: Readonly<Record<string, number>>
  /** Attempts to deliver a notification so far. */
  readonly notifications: number
  /** Writes of clients that changed something. */
  writes(): number
}

const MAX_CONCURRENT = 4

/**
 * Creates a {@link SimulatedGraph}: version 1.0 of the API for one mailbox, as far as sync, tools and notifications use it.
 * Anything else responds with 501 and the code `notSimulated`.
 */
export function simulatedGraph(options: SimulatedGraphOptions): SimulatedGraph {
  const { clock, random, user = 'ada@example.com', maxConcurrent = MAX_CONCURRENT } = options
  const { lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages } = options
  const { now } = clock
  const life = options.linkLifeMs ?? Number.POSITIVE_INFINITY
  const subscriptions = createSubscriptions(options)
  const context: GraphContext = {
    now,
    random,
    user,
    faults: { lagMs, failBefore, failAfter, stalePages, repeatedPages, emptyPages },
    deltas: createTokens<DeltaPlace>('delta', now, life),
    pages: createTokens<DeltaPlace>('skip', now, life),
    listPages: createTokens<ListPlace>('list', now, Number.POSITIVE_INFINITY),
    notify: (change) => subscriptions.notify(change),
  }
  const calendars = createCalendars(options.calendars ?? [{ id: 'calendar', name: 'Calendar' }], context)
  const contacts = createContacts(options.contactFolders ?? [], context)
  const taskLists = createTaskLists(options.taskLists ?? [{ id: 'tasks', displayName: 'Tasks' }], context)
  const mail = createMail(context)
  const resources: readonly GraphResource[] = [calendars, contacts, taskLists, mail]
  const routes = [...resources.flatMap((resource) => resource.routes), ...subscriptions.routes]
  const requests: Record<string, number> = {}
  const failures: { failure: SimulatedGraphFailure; left: number }[] = []
  let accessToken = options.accessToken
  let inFlight = 0

  /** Throws the next planned failure of an operation. */
  const failAsPlanned = (operation: string, after: boolean): void => {
    const planned = failures.find(
      ({ failure, left }) =>
        left > 0 && (failure.after ?? false) === after && (failure.operation ?? operation) === operation,
    )
    if (planned === undefined) return
    planned.left--
    const { code, status, retryAfter } = planned.failure
    throw new GraphFailure(code, { status, retryAfter })
  }
  const respond = async (request: Request): Promise<Response> => {
    const found = routeOf(routes, request)
    if (found === undefined) {
      throw new GraphFailure('notSimulated', { message: `${request.method} ${new URL(request.url).pathname}` })
    }
    const { route, call } = found
    requests[route.operation] = (requests[route.operation] ?? 0) + 1
    if (request.headers.get('authorization') !== `Bearer ${accessToken}`) {
      throw new GraphFailure('InvalidAuthenticationToken')
    }
    if (inFlight > maxConcurrent) throw new GraphFailure('ApplicationThrottled')
    failAsPlanned(route.operation, false)
    const response = await route.run(call)
    failAsPlanned(route.operation, true)
    return response
  }

  return {
    async handle(request) {
      inFlight++
      try {
        return await respond(request)
      } catch (error) {
        if (error instanceof GraphFailure) return error.toResponse(now())
        // A random failure of the provider beneath.
        if (error instanceof ConnectorError) return new GraphFailure('ErrorInternalServerError').toResponse(now())
        throw error
      } finally {
        inFlight--
      }
    },
    events: (calendarId) => createItems(calendars.eventsOf(calendarId)),
    contacts: (folderId) => createItems(contacts.contactsOf(folderId)),
    tasks: (listId) => createItems(taskLists.tasksOf(listId)),
    messages: (folder) => createItems(mail.messagesOf(folder)),
    moveMessage: (id, folder) => mail.move(id, folder),
    expireDeltaLinks: () => context.deltas.expireAll(),
    expireNextLinks: () => context.pages.expireAll(),
    useAccessToken(token) {
      accessToken = token
    },
    failNext(failure) {
      failures.push({ failure, left: failure.count ?? 1 })
    },
    loseNotifications: (count) => subscriptions.lose(count),
    repeatNotifications: (count) => subscriptions.repeat(count),
    sendLifecycle: (event) => subscriptions.lifecycle(event),
    behave() {
      subscriptions.behave()
      for (const resource of resources) resource.behave()
    },
    subscriptions: () => subscriptions.live(),
    requests,
    get notifications() {
      return subscriptions.sent
    },
    writes: () => resources.reduce((sum, resource) => sum + resource.writes(), 0),
  }
}
