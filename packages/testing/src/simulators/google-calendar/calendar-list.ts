import { GoogleFailure, invalidParameter } from './failure.ts'
import { pageSizeOf } from './query.ts'
import type { SimulatedCalendarSettings } from './resource.ts'
import type { Tokens } from './tokens.ts'

const DEFAULT_PAGE_SIZE = 100
const MAX_PAGE_SIZE = 250

/** Returns the entry of a calendar in the user's list. */
export const calendarListEntry = (
  { id, summary, timeZone, accessRole = 'owner' }: SimulatedCalendarSettings,
  isPrimary: boolean,
): Readonly<Record<string, unknown>> => ({
  kind: 'calendar#calendarListEntry',
  etag: `"${id.length}${summary.length}"`,
  id,
  summary,
  timeZone,
  accessRole,
  selected: true,
  defaultReminders: [],
  ...(isPrimary && { primary: true }),
})

/** `calendarList.list`. The list never changes, so an incremental one is empty. */
export function listCalendars(
  calendars: readonly SimulatedCalendarSettings[],
  parameters: URLSearchParams,
  { pages, syncs }: { readonly pages: Tokens<number>; readonly syncs: Tokens<true> },
): Response {
  const size = pageSizeOf(parameters, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
  const token = parameters.get('pageToken')
  const from = token === null ? 0 : pages.read(token)
  if (from === undefined) throw invalidParameter('pageToken')
  const sync = parameters.get('syncToken')
  if (sync !== null && syncs.read(sync) === undefined) throw new GoogleFailure('fullSyncRequired')
  const all = sync === null ? calendars : []
  const isLast = from + size >= all.length
  return Response.json({
    kind: 'calendar#calendarList',
    etag: `"p${calendars.length}"`,
    ...(isLast ? { nextSyncToken: syncs.issue(true) } : { nextPageToken: pages.issue(from + size) }),
    items: all.slice(from, from + size).map((each, index) => calendarListEntry(each, from + index === 0)),
  })
}
