import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { googleCalendar, googleCalendarServiceAccount } from '../src/index.ts'
import type { GoogleCalendarTypes } from '../src/index.ts'

const connectors = {
  calendar: googleCalendar({ clientId: 'c', clientSecret: 's' }),
  rooms: googleCalendarServiceAccount({ clientEmail: 'heron@marshes.iam.gserviceaccount.com', privateKey: 'k' }),
}
const ada = createMcpClient({ connectors }).as('ada')
const day = { start: { date: '2026-11-05' }, end: { date: '2026-11-06' } }

it('types calls from the schemas', () => {
  type Event = Awaited<ReturnType<typeof created>>
  expectTypeOf<Event['id']>().toEqualTypeOf<string>()
  expectTypeOf<Event['start']>().toEqualTypeOf<
    { date?: string | undefined; dateTime?: string | undefined; timeZone?: string | undefined } | undefined
  >()
  expectTypeOf(ada.calendar.call('delete_event', { eventId: 'e1' })).resolves.toEqualTypeOf<{ deleted: true }>()
  expectTypeOf(ada.rooms.call('list_events', {})).resolves.toHaveProperty('complete')
})

const created = () => ada.calendar.call('create_event', { ...day, summary: 'Egret' })

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  googleCalendar({ clientID: 'c' })
  // @ts-expect-error the end is required
  void ada.calendar.call('create_event', { summary: 'Egret', start: { date: '2026-11-05' } })
  // @ts-expect-error a Date has no time zone
  void ada.calendar.call('create_event', { ...day, summary: 'Egret', start: new Date() })
  // @ts-expect-error deleting is no reading
  void ada.calendar.getData('delete_event', { eventId: 'e1' })
  // @ts-expect-error an unknown choice
  void ada.calendar.call('delete_event', { eventId: 'e1', sendUpdates: 'some' })
})

it('types the sync and its rows', () => {
  void ada.calendar.syncData('events', { direction: 'both', params: { calendarId: 'primary' } })
  void ada.rooms.syncData('events', { direction: 'pull', params: {} })
  // @ts-expect-error there is no such sync
  void ada.calendar.syncData('calendars', { direction: 'pull' })
  // @ts-expect-error a wrong parameter
  void ada.calendar.syncData('events', { direction: 'pull', params: { calendar: 'primary' } })
  type Row = GoogleCalendarTypes['syncs']['events']['item']
  expectTypeOf<Row['summary']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('updated')
})
