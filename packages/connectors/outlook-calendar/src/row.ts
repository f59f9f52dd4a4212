import type { Schema } from '@mcpclient/core/define'
import * as z from 'zod'

/** An empty text or object says the same as none. */
const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined)
const When = z.object({ dateTime: z.string(), timeZone: z.string() }).optional()
const Part = z.record(z.string(), z.unknown())
const Guest = z.object({
  type: text,
  status: z.object({ response: text }).optional(),
  emailAddress: z.object({ name: text, address: text }).optional(),
})

/** The fields of a row. Attendees are read only: each write of them sends e-mails. */
export const EventItem = z.object({
  id: z.string().min(1),
  '@odata.etag': text,
  subject: text,
  body: z
    .object({ contentType: z.string(), content: text })
    .nullish()
    .transform((body) => (body?.content === undefined ? undefined : { ...body, content: body.content })),
  location: z
    .object({ displayName: text })
    .nullish()
    .transform((place) => (place?.displayName === undefined ? undefined : { displayName: place.displayName })),
  start: When,
  end: When,
  isAllDay: z.boolean().optional(),
  recurrence: z
    .object({ pattern: Part, range: Part })
    .nullish()
    .transform((value) => value ?? undefined),
  showAs: text,
  sensitivity: text,
  importance: text,
  categories: z.array(z.string()).optional(),
  attendees: z.array(Guest).optional(),
  seriesMasterId: text,
  originalStart: text,
  iCalUId: text,
  webLink: text,
})

/** A row of the sync. */
export type EventItem = z.output<typeof EventItem>

// `lastModifiedDateTime` orders what is read. It is no field of a row, so that a write does not change the row again.
export const Row: Schema<EventItem> = EventItem.loose()

/** The values that empty a field: Graph refuses null for most. */
const EMPTY: Readonly<Record<string, unknown>> = {
  subject: '',
  body: { contentType: 'text', content: '' },
  location: { displayName: '' },
  isAllDay: false,
  showAs: 'busy',
  sensitivity: 'normal',
  importance: 'normal',
  categories: [],
}
/** Returns changes with the value that empties a field in the place of null. */
export const emptied = (changes: object): object =>
  Object.fromEntries(
    Object.entries(changes).map(([name, value]: [string, unknown]) => [name, value ?? EMPTY[name] ?? null]),
  )
