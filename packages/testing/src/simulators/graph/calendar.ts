import type { SimulatedRecord } from '../simulated-provider.ts'
import type { Collection } from './collection.ts'
import type { GraphContext } from './context.ts'
import { createEvents } from './calendar/events.ts'
import type { Events, SimulatedOutlookCalendar, Window } from './calendar/events.ts'
import { scheduleOf } from './calendar/schedule.ts'
import { instantParameter } from './calendar/times.ts'
import { delta } from './delta.ts'
import { GraphFailure } from './failure.ts'
import { listParameters, listResponse } from './list.ts'
import type { Fields, GraphCall, GraphResource, GraphRoute } from './routes.ts'

export interface CalendarResource extends GraphResource {
  /** Returns the events of a calendar: by its id, or of the default one. */
  eventsOf(calendarId?: string): Events
}

/** Creates the calendars and events of a mailbox. The first calendar is the default one. */
export function createCalendars(
  settings: readonly SimulatedOutlookCalendar[],
  context: GraphContext,
): CalendarResource {
  const all = settings.map((calendar, index) => createEvents(calendar, index, context))
  const eventsOf = (id?: string): Events => {
    const found = id === undefined || id === '' ? all[0] : all.find(({ calendar }) => calendar.id === id)
    if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
    return found
  }
  /** Finds an event in whatever calendar it is. */
  const locate = (id: string): { readonly events: Events; readonly name: string; readonly record: SimulatedRecord } => {
    for (const events of all) {
      const name = nameIn(events.collection, id)
      const record = name === undefined ? undefined : events.find(name)
      if (name !== undefined && record !== undefined) return { events, name, record }
    }
    throw new GraphFailure('ErrorItemNotFound')
  }
  const one = ({ ids }: GraphCall, run: (found: ReturnType<typeof locate>) => Response | Promise<Response>) =>
    run(locate(ids.at(-1) ?? ''))

  const entity = ({ events, record }: { events: Events; record: SimulatedRecord }, call: GraphCall): Fields => ({
    '@odata.context': `${call.url.origin}/v1.0/$metadata#users('${context.user}')/events/$entity`,
    ...events.shown(record, call.preferences),
  })
  const respond = (response: string) => async (call: GraphCall) => {
    const { events, name, record } = locate(call.ids.at(-1) ?? '')
    if (record.item['isOrganizer'] === true) {
      const message =
        "Your request can't be completed. You can't respond to this meeting because you're the meeting organizer."
      throw new GraphFailure('ErrorInvalidRequest', { message })
    }
    await call.body()
    const responseStatus = { response, time: new Date(context.now()).toISOString() }
    await events.collection.asClient().update(name, { responseStatus })
    return new Response(null, { status: 202 })
  }

  const routes: readonly GraphRoute[] = [
    {
      operation: 'calendars.list',
      method: 'GET',
      path: /^me\/calendars$/,
      run: (call) =>
        listResponse(
          call,
          context,
          all.map((events) => calendarShown(events, context)),
        ),
    },
    {
      operation: 'calendars.get',
      method: 'GET',
      path: /^me\/calendar(?:s\/([^/]+))?$/,
      run: ({ ids: [id] }) => Response.json(calendarShown(eventsOf(id), context)),
    },
    {
      operation: 'events.list',
      method: 'GET',
      path: /^me\/(?:calendar\/|calendars\/([^/]+)\/)?events$/,
      run(call) {
        const { collection, shown } = eventsOf(call.ids[0])
        const listed = collection.provider.records().filter(({ item }) => item['series'] === undefined)
        return listResponse(
          call,
          context,
          listed.map((record) => shown(record, call.preferences)),
        )
      },
    },
    {
      operation: 'events.create',
      method: 'POST',
      path: /^me\/(?:calendar\/|calendars\/([^/]+)\/)?events$/,
      async run(call) {
        const events = eventsOf(call.ids[0])
        const record = await events.create(await call.body(), events.collection.asClient())
        return Response.json(entity({ events, record }, call), { status: 201 })
      },
    },
    {
      operation: 'events.get',
      method: 'GET',
      path: ONE_EVENT,
      run: (call) =>
        one(call, async ({ events, name, record }) => {
          const isStored = events.collection.provider.record(name) !== undefined
          return Response.json(entity({ events, record: isStored ? await events.collection.read(name) : record }, call))
        }),
    },
    {
      operation: 'events.update',
      method: 'PATCH',
      path: ONE_EVENT,
      run: (call) =>
        one(call, async ({ events, name }) => {
          const record = await events.update(name, await call.body(), events.collection.asClient(call.ifMatch))
          return Response.json(entity({ events, record }, call))
        }),
    },
    {
      operation: 'events.delete',
      method: 'DELETE',
      path: ONE_EVENT,
      run: (call) =>
        one(call, async ({ events, name }) => {
          await events.remove(name, events.collection.asClient(call.ifMatch))
          return new Response(null, { status: 204 })
        }),
    },
    {
      operation: 'events.instances',
      method: 'GET',
      path: /^me\/(?:calendars\/[^/]+\/)?events\/([^/]+)\/instances$/,
      run: (call) =>
        one(call, ({ events, record }) => {
          const found = events.instances(record, windowIn(listParameters(call, context)))
          return listResponse(
            call,
            context,
            found.map((each) => events.shown(each, call.preferences)),
          )
        }),
    },
    { operation: 'events.accept', method: 'POST', path: actionOf('accept'), run: respond('accepted') },
    { operation: 'events.decline', method: 'POST', path: actionOf('decline'), run: respond('declined') },
    {
      operation: 'events.tentativelyAccept',
      method: 'POST',
      path: actionOf('tentativelyAccept'),
      run: respond('tentativelyAccepted'),
    },
    {
      operation: 'calendarView.list',
      method: 'GET',
      path: /^me\/(?:calendar\/|calendars\/([^/]+)\/)?calendarView$/,
      run(call) {
        const events = eventsOf(call.ids[0])
        const found = events.within(windowIn(listParameters(call, context)))
        return listResponse(
          call,
          context,
          found.map((record) => events.shown(record, call.preferences)),
        )
      },
    },
    {
      operation: 'calendarView.delta',
      method: 'GET',
      path: /^me\/(?:calendar\/|calendars\/([^/]+)\/)?calendarView\/(?:microsoft\.graph\.)?delta(?:\(\))?$/,
      run(call) {
        const events = eventsOf(call.ids[0])
        const isFirst = !call.parameters.has('$skiptoken') && !call.parameters.has('$deltatoken')
        if (isFirst) windowIn(call.parameters)
        return delta(events.collection, call, context, {
          shown: (record, first) => events.changed(record, windowIn(call.parameters), call.preferences, first),
          fixed: ['startDateTime', 'endDateTime'],
        })
      },
    },
    {
      operation: 'calendar.getSchedule',
      method: 'POST',
      path: /^me\/calendar\/(?:microsoft\.graph\.)?getSchedule$/,
      run: async (call) => Response.json(scheduleOf(await call.body(), eventsOf(), context.user)),
    },
  ]
  return {
    routes,
    eventsOf,
    behave() {
      for (const { collection } of all) collection.provider.behave()
    },
    writes: () => all.reduce((sum, { collection }) => sum + collection.provider.writes(), 0),
  }
}

const ONE_EVENT = /^me\/(?:calendars\/[^/]+\/)?events\/([^/]+)$/
const actionOf = (name: string): RegExp => new RegExp(`^me/events/([^/]+)/(?:microsoft\\.graph\\.)?${name}$`)

/** Returns the name of an id, or undefined if it belongs to another calendar. */
function nameIn(collection: Collection, id: string): string | undefined {
  try {
    return collection.nameOf(id)
  } catch (error) {
    if (error instanceof GraphFailure && error.code === 'ErrorItemNotFound') return undefined
    throw error
  }
}

const windowIn = (parameters: URLSearchParams): Window => ({
  from: instantParameter(parameters, 'startDateTime'),
  to: instantParameter(parameters, 'endDateTime'),
})

const calendarShown = ({ calendar, collection }: Events, { user }: GraphContext): Fields => ({
  id: calendar.id,
  name: calendar.name,
  color: 'auto',
  hexColor: '',
  isDefaultCalendar: collection.settings.folder === 0,
  changeKey: 'DwAAABYAAAA=',
  canShare: true,
  canViewPrivateItems: true,
  canEdit: calendar.canEdit ?? true,
  allowedOnlineMeetingProviders: ['teamsForBusiness'],
  defaultOnlineMeetingProvider: 'teamsForBusiness',
  isTallyingResponses: true,
  isRemovable: collection.settings.folder !== 0,
  owner: { name: user, address: user },
})
