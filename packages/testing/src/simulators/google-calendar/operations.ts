import { calendarListEntry, listCalendars } from './calendar-list.ts'
import type { Calendar } from './calendar.ts'
import type { Channels } from './channels.ts'
import { readBody } from './event-body.ts'
import { respelled, zoneParameter } from './event-times.ts'
import { GoogleFailure } from './failure.ts'
import { queryFreeBusy } from './free-busy.ts'
import { listEvents, listInstances } from './list.ts'
import type { PagePlace, SyncPlace } from './list.ts'
import { isCancelled } from './resource.ts'
import type { SimulatedEvent } from './resource.ts'
import type { Call, SimulatedOperation } from './routes.ts'
import type { Tokens } from './tokens.ts'

export interface OperationsContext {
  /** The first one is the primary calendar. */
  readonly calendars: readonly Calendar[]
  readonly channels: Channels
  readonly pages: Tokens<PagePlace>
  readonly syncs: Tokens<SyncPlace>
  readonly calendarPages: Tokens<number>
  readonly calendarSyncs: Tokens<true>
  /** Whether responses have the details of deleted events. */
  readonly deletedDetails: boolean
}

export interface Operations {
  run(call: Call): Promise<Response>
  /** Returns a calendar by its id or `primary`, or throws `notFound`. */
  calendarOf(id: string): Calendar
  /** Returns an event as responses show it: of a deleted one, the fields that Google guarantees. */
  show(event: SimulatedEvent): SimulatedEvent
}

/** Creates the operations of an account. */
export function createOperations({ calendars, channels, deletedDetails, ...tokens }: OperationsContext): Operations {
  const find = (id: string): Calendar | undefined =>
    id === 'primary' ? calendars[0] : calendars.find((each) => each.settings.id === id)
  const calendarOf = (id: string): Calendar => {
    const calendar = find(id)
    if (calendar === undefined) throw new GoogleFailure('notFound')
    return calendar
  }
  const show = (event: SimulatedEvent): SimulatedEvent => {
    if (!isCancelled(event) || deletedDetails) return event
    const { kind, etag, id, status, recurringEventId, originalStartTime } = event
    return { kind, etag, id, status, ...(recurringEventId !== undefined && { recurringEventId, originalStartTime }) }
  }
  const lists = { ...tokens, show }
  const respond = ({ settings }: Calendar, event: SimulatedEvent, { parameters }: Call): Response => {
    const zone = zoneParameter(parameters, settings.timeZone)
    return Response.json(respelled(show(event), settings.timeZone, zone))
  }

  const operations: Readonly<Record<SimulatedOperation, (call: Call) => Response | Promise<Response>>> = {
    'events.list': ({ calendarId, parameters }) => listEvents(calendarOf(calendarId), parameters, lists),
    'events.instances': ({ calendarId, eventId, parameters }) =>
      listInstances(calendarOf(calendarId), eventId, parameters, lists),
    async 'events.get'(call) {
      const calendar = calendarOf(call.calendarId)
      const event = await calendar.read(call.eventId)
      if (event === undefined) throw new GoogleFailure('notFound')
      if (call.request.headers.get('if-none-match') === event.etag) return new Response(null, { status: 304 })
      return respond(calendar, event, call)
    },
    async 'events.insert'(call) {
      const calendar = calendarOf(call.calendarId)
      return respond(calendar, await calendar.insert(await readBody(call.request), calendar.asClient(null)), call)
    },
    async 'events.patch'(call) {
      const calendar = calendarOf(call.calendarId)
      const by = calendar.asClient(call.request.headers.get('if-match'))
      return respond(calendar, await calendar.patch(call.eventId, await readBody(call.request), by), call)
    },
    async 'events.update'(call) {
      const calendar = calendarOf(call.calendarId)
      const by = calendar.asClient(call.request.headers.get('if-match'))
      return respond(calendar, await calendar.replace(call.eventId, await readBody(call.request), by), call)
    },
    async 'events.delete'({ calendarId, eventId, request }) {
      const calendar = calendarOf(calendarId)
      await calendar.remove(eventId, calendar.asClient(request.headers.get('if-match')))
      return new Response(null, { status: 204 })
    },
    async 'events.watch'({ calendarId, request }) {
      return channels.watch(calendarOf(calendarId).settings.id, await readBody(request))
    },
    'channels.stop': async ({ request }) => channels.stop(await readBody(request)),
    'freebusy.query': async ({ request }) => queryFreeBusy(await readBody(request), find),
    'calendarList.list': ({ parameters }) =>
      listCalendars(
        calendars.map(({ settings }) => settings),
        parameters,
        { pages: tokens.calendarPages, syncs: tokens.calendarSyncs },
      ),
    'calendarList.get'({ calendarId }) {
      const calendar = calendarOf(calendarId)
      return Response.json(calendarListEntry(calendar.settings, calendar === calendars[0]))
    },
  }
  return { run: async (call) => operations[call.operation](call), calendarOf, show }
}
