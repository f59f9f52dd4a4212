import * as z from 'zod'

/** A whole day, or a time. It stays a string, so that no conversion can move it. */
export const EventTime = z.union([
  z.object({ date: z.iso.date().describe('A whole day.') }),
  z.object({
    dateTime: z.iso.datetime({ offset: true }).describe('A time, with its offset.'),
    timeZone: z.string().optional().describe('IANA name. A series repeats in the wall time of its zone.'),
  }),
])
export type EventTime = z.output<typeof EventTime>

/** An event of a calendar, or a series of events. */
export const CalendarEvent = z.object({
  title: z.string().optional(),
  notes: z.string().optional().describe('May contain HTML.'),
  location: z.string().optional(),
  start: EventTime.optional(),
  end: EventTime.optional().describe('Exclusive: a day that ends on the 5th has no 5th.'),
  recurrence: z.array(z.string()).optional().describe('RRULE, EXRULE, RDATE and EXDATE lines (RFC 5545) of a series.'),
  busy: z.boolean().optional().describe('Whether it blocks time.'),
  visibility: z.enum(['default', 'public', 'private', 'confidential']).optional(),
  attendees: z
    .array(
      z.object({
        email: z.string().optional(),
        name: z.string().optional(),
        response: z.enum(['none', 'tentative', 'accepted', 'declined']).optional(),
      }),
    )
    .optional()
    .describe('Read only: a sync sends no invitations.'),
  link: z.string().optional().describe('The page of the event at the provider. Read only.'),
})
export type CalendarEvent = z.output<typeof CalendarEvent>
