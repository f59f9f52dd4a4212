import { send, sendAll, valueAt } from '@mcpclient/core/define'
import type { RequestSpec, Run, SyncPage } from '@mcpclient/core/define'
import { deltaPage } from '@mcpclient/microsoft'
import * as z from 'zod'

const Page = deltaPage()
const isOccurrence = (event: unknown): boolean => valueAt(event, 'type') === 'occurrence'
const NOT_FOUND = 404

/**
 * Reads a page of changes. Graph lists an occurrence by its times only, and leaves out a series that began before the
 * interval, so series of occurrences are read by their ids.
 *
 * Source: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/34
 * @param series returns the request for a series
 */
export function* deltaPageWithSeries(request: RequestSpec, series: (id: string) => RequestSpec): Run<SyncPage> {
  const page = yield* send(request, Page)
  const listed = new Set(page.changed.map((event) => valueAt(event, 'id')))
  const wanted = page.changed.filter(isOccurrence).map((event) => valueAt(event, 'seriesMasterId'))
  const missing = [...new Set(wanted)].filter((id) => typeof id === 'string' && !listed.has(id))
  const read = yield* sendAll(
    missing.map((id) => series(String(id))),
    z.unknown(),
    { settle: true },
  )
  // A series that was deleted meanwhile is in the next page.
  const failed = read.find(({ error }) => error !== undefined && error.details.status !== NOT_FOUND)
  if (failed?.error !== undefined) throw failed.error
  const found = read.flatMap(({ value, error }) => (error === undefined ? [value] : []))
  return { ...page, changed: [...page.changed.filter((event) => !isOccurrence(event)), ...found] }
}
