const scope = <Name extends string>(name: Name): `https://www.googleapis.com/auth/${Name}` =>
  `https://www.googleapis.com/auth/${name}`

/** The narrowest scope of each kind of call. Source: https://developers.google.com/workspace/calendar/api/auth */
export const scopes = {
  events: scope('calendar.events'),
  readEvents: scope('calendar.events.readonly'),
  readCalendars: scope('calendar.calendars.readonly'),
  readCalendarList: scope('calendar.calendarlist.readonly'),
  freeBusy: scope('calendar.freebusy'),
} as const

const { events, readEvents, ...others } = scopes

/** The scopes that a wider one includes. */
export const includes: Readonly<Record<string, readonly string[]>> = {
  [scope('calendar')]: Object.values(scopes),
  [scope('calendar.readonly')]: [readEvents, ...Object.values(others)],
  [events]: [readEvents],
}
