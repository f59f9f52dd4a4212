import type { SimulatedRecord } from '../simulated-provider.ts'
import { eventOf, instanceOf } from './calendar.ts'
import type { Calendar } from './calendar.ts'
import { respelled, spanOf, zoneParameter } from './event-times.ts'
import { GoogleFailure, invalidParameter } from './failure.ts'
import { filterOf, isWithin, pageSizeOf, windowOf } from './query.ts'
import type { Window } from './query.ts'
import { occurrencesOf } from './recurrence.ts'
import { isCancelled } from './resource.ts'
import type { SimulatedEvent } from './resource.ts'
import type { Tokens } from './tokens.ts'

export interface PagePlace {
  readonly calendar: string
  /** Every parameter of the list but the page token. */
  readonly query: string
  /** The place in a list of stored events, or what is left of a list that was read at once. */
  readonly at: string | readonly SimulatedEvent[]
}

export interface SyncPlace {
  readonly calendar: string
  /** The parameters of the first list that the later ones have to repeat. */
  readonly fixed: string
  readonly since: string
}

export interface ListContext {
  readonly pages: Tokens<PagePlace>
  readonly syncs: Tokens<SyncPlace>
  /** Returns an event as the response shows it. */
  readonly show: (event: SimulatedEvent) => SimulatedEvent
}

/** Parameters that Google does not accept beside a sync token. */
const NOT_WITH_SYNC_TOKEN = [
  'iCalUID',
  'orderBy',
  'privateExtendedProperty',
  'q',
  'sharedExtendedProperty',
  'timeMin',
  'timeMax',
  'updatedMin',
]
/** Parameters of a first list after which changes cannot be listed. Its window may be limited. */
const WITHOUT_SYNC_TOKEN = new Set(NOT_WITH_SYNC_TOKEN.filter((name) => !name.startsWith('time')))
const FIXED_BY_SYNC_TOKEN = ['singleEvents', 'eventTypes', 'showHiddenInvitations', 'maxAttendees']

/** `events.list`: stored events page by page, or the occurrences of a window, sorted. */
export async function listEvents(
  calendar: Calendar,
  parameters: URLSearchParams,
  context: ListContext,
): Promise<Response> {
  const size = pageSizeOf(parameters)
  const window = windowOf(parameters)
  const matches = filterOf(parameters)
  const isSingle = parameters.get('singleEvents') === 'true'
  const order = parameters.get('orderBy')
  if (order !== null && !(order === 'updated' || (order === 'startTime' && isSingle))) throw invalidParameter('orderBy')
  const fixed = spelledQuery(parameters, (name) => FIXED_BY_SYNC_TOKEN.includes(name))
  const sync = syncPlace(calendar, parameters, fixed, context)
  const place = pagePlace(calendar, parameters, context)
  const isShown = (event: SimulatedEvent): boolean =>
    sync !== undefined ||
    (isListed(calendar, event, parameters) && matches(event) && isWithin(event, window, calendar.settings.timeZone))

  if (isSingle || order !== null) {
    const rest = Array.isArray(place?.at)
      ? (place.at as readonly SimulatedEvent[])
      : sorted(calendar, (isSingle ? singleEvents(calendar, window) : storedEvents(calendar)).filter(isShown), order)
    return respond(calendar, parameters, context, { items: rest.slice(0, size), rest: rest.slice(size) })
  }
  const since = sync?.since
  const page = typeof place?.at === 'string' ? place.at : undefined
  const answer = await calendar.provider.pull({ since, page, size })
  if ('code' in answer) throw new GoogleFailure('fullSyncRequired')
  const isLast =
    answer.checkpoint !== undefined && [...parameters.keys()].every((name) => !WITHOUT_SYNC_TOKEN.has(name))
  return respond(calendar, parameters, context, {
    items: answer.changed.map((record: SimulatedRecord) => eventOf(record)).filter(isShown),
    rest: answer.page,
    nextSyncToken: isLast
      ? context.syncs.issue({ calendar: calendar.settings.id, fixed, since: answer.checkpoint })
      : undefined,
  })
}

/** `events.instances`: the occurrences of one series, with its exceptions. */
export function listInstances(
  calendar: Calendar,
  id: string,
  parameters: URLSearchParams,
  context: ListContext,
): Response {
  const size = pageSizeOf(parameters)
  const window = windowOf(parameters)
  const place = pagePlace(calendar, parameters, context)
  const series = calendar.find(id)
  if (series === undefined) throw new GoogleFailure('notFound')
  const original = parameters.get('originalStart')
  const rest = Array.isArray(place?.at)
    ? (place.at as readonly SimulatedEvent[])
    : instancesOf(calendar, series, window)
        .filter((event) => parameters.get('showDeleted') === 'true' || !isCancelled(event))
        .filter((event) => isWithin(event, window, calendar.settings.timeZone))
        .filter(({ originalStartTime: { date, dateTime } = {} }) =>
          original === null ? true : date === original || Date.parse(dateTime ?? '') === Date.parse(original),
        )
  return respond(calendar, parameters, context, { items: rest.slice(0, size), rest: rest.slice(size) })
}

/** Returns the events of a calendar in a window: no series, but its occurrences. */
export const singleEvents = (calendar: Calendar, window: Window): readonly SimulatedEvent[] =>
  storedEvents(calendar).flatMap((event) => {
    if (event.recurrence !== undefined) return instancesOf(calendar, event, window)
    return event.recurringEventId === undefined ? [event] : []
  })

function instancesOf(calendar: Calendar, series: SimulatedEvent, { to }: Window): readonly SimulatedEvent[] {
  if (series.recurrence === undefined) return []
  const exceptions = new Map(
    storedEvents(calendar)
      .filter(({ recurringEventId }) => recurringEventId === series.id)
      .map((event) => [event.id, event]),
  )
  const instances: SimulatedEvent[] = []
  for (const occurrence of occurrencesOf(series, calendar.settings.timeZone)) {
    if (occurrence.at >= to) break
    if (!exceptions.has(occurrence.id)) instances.push(instanceOf(series, occurrence))
  }
  return sorted(calendar, [...instances, ...exceptions.values()], 'startTime')
}

const storedEvents = ({ provider }: Calendar): readonly SimulatedEvent[] => provider.records().map(eventOf)

function sorted(
  calendar: Calendar,
  events: readonly SimulatedEvent[],
  order: string | null,
): readonly SimulatedEvent[] {
  const start = (event: SimulatedEvent): number => spanOf(event, calendar.settings.timeZone)[0]
  if (order === 'updated') return events.toSorted((a, b) => (a.updated ?? '').localeCompare(b.updated ?? ''))
  return order === 'startTime' ? events.toSorted((a, b) => start(a) - start(b)) : events
}

/** Returns whether a list without a sync token has this event. */
function isListed(calendar: Calendar, event: SimulatedEvent, parameters: URLSearchParams): boolean {
  if (!isCancelled(event) || parameters.get('showDeleted') === 'true' || parameters.has('updatedMin')) return true
  if (parameters.get('singleEvents') === 'true') return false
  const series = event.recurringEventId === undefined ? undefined : calendar.find(event.recurringEventId)
  return series !== undefined && !isCancelled(series)
}

function syncPlace(
  calendar: Calendar,
  parameters: URLSearchParams,
  fixed: string,
  { syncs }: ListContext,
): SyncPlace | undefined {
  const token = parameters.get('syncToken')
  if (token === null) return undefined
  const forbidden = NOT_WITH_SYNC_TOKEN.find((name) => parameters.has(name))
  if (forbidden !== undefined) {
    throw invalidParameter(forbidden, 'Sync token cannot be used with other query restrictions.')
  }
  if (parameters.get('showDeleted') === 'false') throw invalidParameter('showDeleted')
  if (parameters.get('singleEvents') === 'true') {
    throw new GoogleFailure('notSimulated', { message: 'The simulator has no sync tokens for singleEvents=true.' })
  }
  const sync = syncs.read(token)
  if (sync === undefined || sync.calendar !== calendar.settings.id) throw new GoogleFailure('fullSyncRequired')
  if (sync.fixed !== fixed)
    throw invalidParameter('syncToken', 'The parameters differ from the initial synchronization.')
  return sync
}

function pagePlace(calendar: Calendar, parameters: URLSearchParams, { pages }: ListContext): PagePlace | undefined {
  const token = parameters.get('pageToken')
  if (token === null) return undefined
  const place = pages.read(token)
  const isSame = place?.calendar === calendar.settings.id && place.query === spelledQuery(parameters)
  if (!isSame) throw invalidParameter('pageToken')
  return place
}

/** Parameters that change neither the items nor their order. */
const IGNORED = ['pageToken', 'alt', 'key', 'prettyPrint', 'quotaUser', 'userIp', 'oauth_token', 'maxResults']

const spelledQuery = (parameters: URLSearchParams, isTaken = (name: string) => !IGNORED.includes(name)): string =>
  JSON.stringify(
    [...parameters]
      .filter(([name]) => isTaken(name))
      .map((pair) => pair.join('='))
      .toSorted(),
  )

interface ListedPage {
  readonly items: readonly SimulatedEvent[]
  readonly rest: PagePlace['at'] | undefined
  readonly nextSyncToken?: string | undefined
}

function respond(
  { settings, provider }: Calendar,
  parameters: URLSearchParams,
  { pages, show }: ListContext,
  { items, rest, nextSyncToken }: ListedPage,
): Response {
  const zone = zoneParameter(parameters, settings.timeZone)
  const hasNext = rest !== undefined && rest.length > 0
  const times = provider.records().map((record) => Date.parse(eventOf(record).updated ?? ''))
  const updated = Math.max(0, ...times)
  return Response.json({
    kind: 'calendar#events',
    etag: `"p${updated}"`,
    summary: settings.summary,
    updated: new Date(updated).toISOString(),
    timeZone: settings.timeZone,
    accessRole: settings.accessRole ?? 'owner',
    defaultReminders: [],
    ...(hasNext && {
      nextPageToken: pages.issue({ calendar: settings.id, query: spelledQuery(parameters), at: rest }),
    }),
    ...(nextSyncToken !== undefined && { nextSyncToken }),
    items: items.map((event) => respelled(show(event), settings.timeZone, zone)),
  })
}
