import { mark } from '@mcpclient/core/define'
import * as z from 'zod'

/** A time of an input. Graph takes the zone beside it, and no offset. */
export const When = z.object({
  dateTime: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,7})?)?$/, 'It is a time without an offset.')
    .describe('Without an offset: 2026-11-02T14:10:00. Midnight for whole days.'),
  timeZone: z.string().min(1).default('UTC').describe('IANA or Windows name, such as America/New_York.'),
})

const day = z.enum(['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'])

export const Recurrence = z.object({
  pattern: z.object({
    type: z.enum(['daily', 'weekly', 'absoluteMonthly', 'relativeMonthly', 'absoluteYearly', 'relativeYearly']),
    interval: z.number().int().min(1).describe('Units between occurrences: 2 with weekly is every second week.'),
    daysOfWeek: z.array(day).min(1).optional().describe('Weekly and relative patterns need it.'),
    firstDayOfWeek: day.optional(),
    dayOfMonth: z.number().int().min(1).max(31).optional().describe('Absolute patterns need it.'),
    month: z.number().int().min(1).max(12).optional().describe('Yearly patterns need it.'),
    index: z.enum(['first', 'second', 'third', 'fourth', 'last']).optional(),
  }),
  range: z.object({
    type: z.enum(['endDate', 'noEnd', 'numbered']),
    startDate: z.iso.date(),
    endDate: z.iso.date().optional(),
    numberOfOccurrences: z.number().int().min(1).optional(),
    recurrenceTimeZone: z.string().min(1).optional(),
  }),
})

const address = z.object({ address: z.email(), name: z.string().optional() })

export const attendees = mark(
  z
    .array(z.object({ emailAddress: address, type: z.enum(['required', 'optional', 'resource']).default('required') }))
    .describe('Outlook sends them invitations and updates.'),
  { destination: 'recipient' },
)

/** The fields that a new event may have, and that a change may set. */
export const fields = z.object({
  subject: z.string(),
  start: When,
  end: When,
  body: z.object({ contentType: z.enum(['text', 'html']), content: z.string() }).optional(),
  location: z.object({ displayName: z.string() }).optional(),
  isAllDay: z.boolean().optional().describe('Start and end have to be midnight.'),
  recurrence: Recurrence.optional().describe('Makes it a series.'),
  attendees: attendees.optional(),
  showAs: z.enum(['free', 'tentative', 'busy', 'oof', 'workingElsewhere']).optional(),
  sensitivity: z.enum(['normal', 'personal', 'private', 'confidential']).optional(),
  importance: z.enum(['low', 'normal', 'high']).optional(),
  categories: z.array(z.string()).optional(),
  isOnlineMeeting: z.boolean().optional().describe("Adds a meeting of the calendar's default provider."),
})

export const etag = z.string().min(1).optional().describe('Refuse the write if the event has another etag by now.')
