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

/**
 * An event of a calendar, or a series of events. Guests and links are not part of it: they belong to the event of one
 * provider, and a copy at another one must not invite them again.
 */
export const CalendarEvent = z.object({
  title: z.string().optional(),
  notes: z.string().optional().describe('May contain HTML.'),
  location: z.string().optional(),
  start: EventTime.optional(),
  end: EventTime.optional().describe('Exclusive: a day that ends on the 5th has no 5th.'),
  recurrence: z.array(z.string()).optional().describe('RRULE, EXRULE, RDATE and EXDATE lines (RFC 5545) of a series.'),
  busy: z.boolean().optional().describe('Whether it blocks time.'),
  visibility: z.enum(['default', 'public', 'private', 'confidential']).optional(),
})
export type CalendarEvent = z.output<typeof CalendarEvent>
