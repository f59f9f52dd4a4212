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
  .optional()
  .describe("Id of the calendar: list_calendars returns it. Default: the account's own calendar.")
export const eventId = z.string().min(1).describe('Id of the event. An occurrence of a series has an id of its own.')
export const timeZone = z
  .string()
  .min(1)
  .optional()
  .describe('Zone of the times in the response: an IANA or Windows name. Default: UTC.')
export const instant = z.iso.datetime({ offset: true })

/** A time as Graph returns it. It stays a string, so that no conversion can move it. */
const When = z.object({
  dateTime: z.string().describe('Without an offset: it is in timeZone.'),
  timeZone: z.string(),
})
const Account = nullable(z.object({ emailAddress: nullable(z.object({ name: written, address: personal })) }))
const Response = nullable(
  z.object({ response: text.describe('none, organizer, accepted, declined, tentativelyAccepted or notResponded.') }),
)
const Place = nullable(z.object({ displayName: written }))
const Recurrence = nullable(
  z.object({
    pattern: nullable(z.record(z.string(), z.unknown())),
    range: nullable(z.record(z.string(), z.unknown())),
  }),
)

export const Event = z.object({
  id: z.string(),
  '@odata.etag': text.describe('Pass it as etag to update_event or delete_event to refuse a write to a newer version.'),
  subject: written.describe('The title.'),
  body: nullable(z.object({ contentType: text, content: written })),
  bodyPreview: written,
  start: nullable(When),
  end: nullable(When).describe('Exclusive.'),
  isAllDay: flag,
  location: Place,
  organizer: Account,
  isOrganizer: flag,
  attendees: nullable(
    z.array(
      z.object({
        type: text,
        status: Response,
        emailAddress: nullable(z.object({ name: written, address: personal })),
      }),
    ),
  ),
  responseStatus: Response,
  recurrence: Recurrence.describe('The pattern and range of a series.'),
  seriesMasterId: text.describe('The series that this occurrence belongs to.'),
  type: text.describe('singleInstance, seriesMaster, occurrence or exception.'),
  originalStart: text.describe('When the series put this occurrence.'),
  showAs: text.describe('free, tentative, busy, oof or workingElsewhere.'),
  sensitivity: text,
  importance: text,
  categories: nullable(z.array(z.string())),
  isCancelled: flag,
  hasAttachments: flag,
  onlineMeeting: nullable(z.object({ joinUrl: personal })),
  webLink: personal,
  iCalUId: text,
  transactionId: text,
  createdDateTime: text,
  lastModifiedDateTime: text,
})

export const Calendar = z.object({
  id: z.string(),
  name: written,
  color: text,
  canEdit: flag,
  isDefaultCalendar: flag,
  owner: nullable(z.object({ name: written, address: personal })),
})

export const Schedule = z.object({
  scheduleId: personal,
  availabilityView: text.describe(
    'A digit for each interval: 0 free, 1 tentative, 2 busy, 3 out of office, 4 elsewhere.',
  ),
  scheduleItems: nullable(z.array(z.object({ status: text, start: nullable(When), end: nullable(When) }))),
  error: nullable(z.object({ responseCode: text, message: written })).describe('Present if it could not be read.'),
})

export const Suggestions = z.object({
  emptySuggestionsReason: text.describe('Why there are none, such as AttendeesUnavailable.'),
  meetingTimeSuggestions: z.array(
    z.object({
      confidence: nullable(z.number()).describe('The chance that all attend, in percent.'),
      organizerAvailability: text,
      suggestionReason: written,
      meetingTimeSlot: nullable(z.object({ start: nullable(When), end: nullable(When) })),
    }),
  ),
})
