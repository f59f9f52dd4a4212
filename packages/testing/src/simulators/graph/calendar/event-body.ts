import { GraphFailure } from '../failure.ts'
import { isObject } from '../routes.ts'
import type { Fields } from '../routes.ts'
import { recurrenceIn } from './recurrence.ts'
import { instantAt, timeIn } from './times.ts'

/** Fields that Graph ignores in a body, or refuses. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  '@odata.etag',
  '@odata.context',
  'changeKey',
  'createdDateTime',
  'lastModifiedDateTime',
  'iCalUId',
  'webLink',
  'organizer',
  'isOrganizer',
  'isCancelled',
  'responseStatus',
  'seriesMasterId',
  'type',
  'originalStart',
  'originalStartTimeZone',
  'originalEndTimeZone',
  'bodyPreview',
  'hasAttachments',
])

/** The fields of a new event that a body leaves out. */
const DEFAULTS: Fields = {
  subject: '',
  body: { contentType: 'html', content: '' },
  importance: 'normal',
  sensitivity: 'normal',
  showAs: 'busy',
  categories: [],
  isAllDay: false,
  isReminderOn: true,
  reminderMinutesBeforeStart: 15,
  location: { displayName: '' },
  locations: [],
  attendees: [],
  recurrence: null,
  responseRequested: true,
  allowNewTimeProposals: true,
  isOnlineMeeting: false,
  onlineMeetingProvider: 'unknown',
  transactionId: null,
}

/** Returns the content of an event that a body describes completely. */
export const contentOf = (body: Fields): Fields => validated({ ...DEFAULTS, ...writable(body) }, body)

/** Returns the fields of an event with the changes of a body, which replace whole fields. */
export function changesOf(event: Fields, body: Fields): Fields {
  const changes = writable(body)
  const emptied = Object.fromEntries(
    Object.entries(changes).map(([name, value]) => [name, value === null ? (DEFAULTS[name] ?? null) : value]),
  )
  return validated({ ...event, ...emptied }, body)
}

const writable = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY.has(name) && name !== 'transactionId'))

function validated(content: Fields, body: Fields): Fields {
  const isAllDay = content['isAllDay'] === true
  const times = Object.fromEntries(
    (['start', 'end'] as const).map((name) => [name, timeIn(content, name, isAllDay)] as const),
  )
  if (instantAt(times['end'] as never) < instantAt(times['start'] as never)) {
    throw new GraphFailure('ErrorPropertyValidationFailure', { message: 'The end is before the start.' })
  }
  if (content['recurrence'] !== null) recurrenceIn(content)
  const { body: text, location, attendees } = content
  return {
    ...content,
    ...times,
    body: htmlOf(text),
    location: isObject(location) ? location : DEFAULTS['location'],
    attendees: Array.isArray(attendees) ? attendees.filter(isObject).map(invited) : [],
    ...(isObject(body['start']) && { originalStartTimeZone: body['start']['timeZone'] }),
    ...(isObject(body['end']) && { originalEndTimeZone: body['end']['timeZone'] }),
  }
}

const invited = (attendee: Fields): Fields => ({
  type: 'required',
  status: { response: 'none', time: '0001-01-01T00:00:00Z' },
  ...attendee,
})

/** Returns a body as Outlook stores it: as HTML. */
function htmlOf(body: unknown): Fields {
  if (!isObject(body)) return { contentType: 'html', content: '' }
  const content = typeof body['content'] === 'string' ? body['content'] : ''
  if (String(body['contentType']).toLowerCase() !== 'text') return { contentType: 'html', content }
  const escaped = content.replaceAll(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
  return { contentType: 'html', content: content === '' ? '' : `<html><body>\r\n${escaped}\r\n</body></html>` }
}

/** Returns a body as a client that prefers text gets it. */
export function textOf(body: unknown): Fields {
  const content = isObject(body) && typeof body['content'] === 'string' ? body['content'] : ''
  const text = content
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
    .trim()
  return { contentType: 'text', content: text }
}
