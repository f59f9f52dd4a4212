import type { Tokens } from '../google-calendar/tokens.ts'
import type { Book } from './book.ts'
import { maskOf } from './contact.ts'
import { invalidArgument, PeopleFailure } from './failure.ts'
import { nameOf, shown, shownDeleted } from './shown.ts'

/** The place of a list that a token stands for. */
export interface ListPlace {
  /** Every parameter but the tokens, which later requests have to repeat. */
  readonly query: string
  /** The time of the full list that the changes follow. */
  readonly fullAt: number
  readonly since?: string | undefined
  readonly page?: string | undefined
}

export interface ConnectionsContext {
  readonly book: Book
  readonly now: () => number
  readonly pages: Tokens<ListPlace>
  readonly syncs: Tokens<ListPlace>
  /** Milliseconds after the full list in which its sync tokens are valid. */
  readonly syncTokenLifeMs: number
}

const DEFAULT_PAGE_SIZE = 100
const MAX_PAGE_SIZE = 1000
const TOKENS = ['pageToken', 'syncToken']
/** Parameters that change neither the contacts nor their order. */
const IGNORED = new Set([...TOKENS, 'alt', 'key', 'prettyPrint', 'quotaUser', 'access_token', '$.xgafv'])

/** `people.connections.list`: all contacts, or those that changed since a sync token. */
export async function listConnections(parameters: URLSearchParams, context: ConnectionsContext): Promise<Response> {
  const { book, now, pages, syncs } = context
  const mask = maskOf(parameters.get('personFields'), 'personFields')
  const size = pageSizeOf(parameters)
  if (parameters.has('sortOrder')) {
    throw new PeopleFailure('notSimulated', 'The simulator lists contacts in one order only.')
  }
  const query = spelledQuery(parameters)
  const sync = placeOf(parameters, 'syncToken', syncs)
  if (sync !== undefined && now() - sync.fullAt >= context.syncTokenLifeMs)
    throw new PeopleFailure('EXPIRED_SYNC_TOKEN')
  const page = placeOf(parameters, 'pageToken', pages)
  if (page !== undefined && page.since !== sync?.since) throw invalidArgument('The page token has another sync token.')
  for (const place of [sync, page]) {
    if (place !== undefined && place.query !== query) {
      throw invalidArgument('Request parameters must match the first call that provided the token.')
    }
  }
  const { since } = sync ?? {}
  const fullAt = sync?.fullAt ?? page?.fullAt ?? now()
  const answer = await book.provider.pull({ since, page: page?.page, size })
  if ('code' in answer) throw new PeopleFailure('EXPIRED_SYNC_TOKEN')
  const former = new Set([...book.previous.values()].flat())
  const connections = [
    ...answer.changed.map((record) => shown(record, mask, since === undefined ? [] : book.previous.get(record.id))),
    // A contact with a new name is not deleted.
    ...answer.removed.filter((id) => !former.has(nameOf(id))).map(shownDeleted),
  ]
  const wantsToken = parameters.get('requestSyncToken') === 'true'
  const total = book.provider.records().length
  return Response.json({
    ...(connections.length > 0 && { connections }),
    ...(answer.page !== undefined && { nextPageToken: pages.issue({ query, fullAt, since, page: answer.page }) }),
    ...(wantsToken &&
      answer.checkpoint !== undefined && { nextSyncToken: syncs.issue({ query, fullAt, since: answer.checkpoint }) }),
    ...(since === undefined && { totalPeople: total, totalItems: total }),
  })
}

function placeOf(parameters: URLSearchParams, name: string, tokens: Tokens<ListPlace>): ListPlace | undefined {
  const token = parameters.get(name)
  if (token === null) return undefined
  const place = tokens.read(token)
  if (place !== undefined) return place
  if (name === 'syncToken') throw new PeopleFailure('EXPIRED_SYNC_TOKEN')
  throw invalidArgument('Invalid page token.')
}

/** Returns the number of entries of a page. */
export function pageSizeOf(parameters: URLSearchParams, fallback = DEFAULT_PAGE_SIZE): number {
  const size = Number(parameters.get('pageSize') ?? 0)
  if (!Number.isInteger(size) || size < 0 || size > MAX_PAGE_SIZE) throw invalidArgument('Invalid page size.')
  return size === 0 ? fallback : size
}

const spelledQuery = (parameters: URLSearchParams): string =>
  JSON.stringify(
    [...parameters]
      .filter(([name]) => !IGNORED.has(name))
      .map((pair) => pair.join('='))
      .toSorted(),
  )
