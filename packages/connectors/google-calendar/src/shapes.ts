import { mark, nullable } from '@mcpclient/core/define'
import * as z from 'zod'

const text = nullable(z.string())
const flag = nullable(z.boolean())
const personal = nullable(mark(z.string(), { private: true }))
/** A text that organizers, guests and owners of shared calendars write. */
const written = nullable(mark(z.string(), { untrusted: true, private: true }))

export const calendarId = z
  .string()
  .min(1)
  .default('primary')
  .describe("Id of the calendar: list_calendars returns it. 'primary' is the account's own.")
export const eventId = z.string().min(1).describe('Id of the event. An occurrence of a series has an id of its own.')
export const timeZone = z.string().min(1).describe('IANA name, such as Europe/Berlin.')
export const sendUpdates = z
  .enum(['none', 'externalOnly', 'all'])
  .default('none')
  .describe('Which guests get an e-mail about the change. Default: none.')
export const instant = z.iso.datetime({ offset: true })

/** A day or a time as Google returns it. It stays a string, so that no conversion can move it. */
const When = z.object({
  date: text.describe('A whole day. The end is exclusive: a day that ends on the 5th has no 5th.'),
  dateTime: text.describe('A time, with its offset.'),
  timeZone: text.describe('The zone in which a series repeats.'),
})

const Account = nullable(z.object({ email: personal, displayName: written, self: flag }))
const Attendee = z.object({
  email: personal,
  displayName: written,
  responseStatus: text.describe('needsAction, declined, tentative or accepted.'),
  comment: written,
  optional: flag,
  organizer: flag,
  resource: flag,
  self: flag,
})
const Properties = nullable(z.record(z.string(), z.string()))

export const Event = z.object({
  id: z.string(),
  etag: text.describe('Pass it to update_event or delete_event to refuse a write to a newer version.'),
  status: text.describe('confirmed, tentative or cancelled.'),
  htmlLink: text,
  created: text,
  updated: text,
  summary: written.describe('The title.'),
  description: written.describe('May contain HTML.'),
  location: written,
  creator: Account,
  organizer: Account,
  start: nullable(When),
  end: nullable(When).describe('Exclusive.'),
  recurrence: nullable(z.array(z.string())).describe('RRULE, EXRULE, RDATE and EXDATE lines of a series.'),
  recurringEventId: text.describe('The series that this occurrence belongs to.'),
  originalStartTime: nullable(When).describe('When the series put this occurrence.'),
  attendees: nullable(z.array(Attendee)),
  attendeesOmitted: flag,
  hangoutLink: nullable(mark(z.string(), { private: true })),
  transparency: text.describe('transparent: does not block time.'),
  visibility: text,
  colorId: text,
  eventType: text,
  iCalUID: text,
  extendedProperties: nullable(z.object({ private: Properties, shared: Properties })),
})

export const Calendar = z.object({
  id: z.string(),
  summary: written.describe('The name.'),
  description: written,
  location: written,
  timeZone: text,
})

export const ListedCalendar = Calendar.extend({
  summaryOverride: personal.describe('The name that this account gave it.'),
  accessRole: text.describe('freeBusyReader, reader, writer or owner.'),
  primary: flag,
  selected: flag,
  hidden: flag,
  deleted: flag,
})

export const FreeBusy = z.object({
  timeMin: text,
  timeMax: text,
  calendars: z.record(
    z.string(),
    z.object({
      busy: nullable(z.array(z.object({ start: z.string(), end: z.string() }))),
      errors: nullable(z.array(z.object({ domain: text, reason: text }))).describe('Present if it could not be read.'),
    }),
  ),
})
