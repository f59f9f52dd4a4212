import { ProtocolError, SdkHttpError } from '@modelcontextprotocol/client'
import type { Clock } from '@mcpclient/core'
import { notesIn } from '../wire/notes.ts'
import type { Listed, Omitted } from '../wire/notes.ts'

const MAX_PAGES = 1000
const MAX_ITEMS = 10_000
/** Limit for all pages together. Each page has the time limit of a request. */
const MAX_LIST_MS = 5 * 60_000
const METHOD_NOT_FOUND = -32_601

interface Page {
  readonly nextCursor?: string | undefined
}

export interface PagedListOptions<P extends Page, Item> {
  readonly clock: Clock
  /** Requests one page. */
  readonly page: (params: { readonly cursor?: string }) => Promise<P>
  readonly itemsOf: (page: P) => readonly Item[]
  /** Called after each page, to restart the time limit of a request. */
  readonly onPage: () => void
  /** @default 1000 */
  readonly maxPages?: number | undefined
}

/** Reads a list to its end, to a limit, or to a cursor that repeats. */
export async function pagedList<P extends Page, Item>({
  clock,
  page,
  itemsOf,
  onPage,
  maxPages = MAX_PAGES,
}: PagedListOptions<P, Item>): Promise<Listed<Item>> {
  const items: Item[] = []
  const omitted: Omitted[] = []
  const cursors = new Set<string>()
  const endMs = clock.monotonic() + MAX_LIST_MS
  for (let cursor: string | undefined; ;) {
    const found = await page(cursor === undefined ? {} : { cursor })
    onPage()
    for (const item of itemsOf(found)) items.push(item)
    for (const each of notesIn(found).omitted) omitted.push(each)
    cursor = found.nextCursor
    if (cursor === undefined) return { items, omitted }
    if (cursors.has(cursor)) return { items, omitted, cut: 'the server repeats a cursor' }
    cursors.add(cursor)
    if (cursors.size >= maxPages) return { items, omitted, cut: `the list has more than ${maxPages} pages` }
    if (items.length >= MAX_ITEMS) return { items, omitted, cut: `the list has more than ${MAX_ITEMS} items` }
    if (clock.monotonic() >= endMs) return { items, omitted, cut: `the list takes longer than ${MAX_LIST_MS} ms` }
  }
}

/** Returns an empty list if the server has no such method. Some servers have one without announcing it. */
export async function emptyIfUnknown<Item>(
  isAnnounced: boolean,
  list: () => Promise<Listed<Item>>,
): Promise<Listed<Item>> {
  if (isAnnounced) return list()
  return list().catch((error: unknown) => {
    if (isUnknownMethod(error)) return { items: [], omitted: [] }
    throw error
  })
}

/** Newer servers send the JSON-RPC error with an HTTP status of its own. */
function isUnknownMethod(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.code === METHOD_NOT_FOUND
  if (!(error instanceof SdkHttpError)) return false
  const { text } = error.data
  return typeof text === 'string' && /"code"\s*:\s*-32601\b/.test(text)
}
