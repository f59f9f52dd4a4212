import { cursorPages, valueAt } from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'
import * as z from 'zod'

/** The version of the Graph API that the connectors are made for. Meta keeps a version for about two years. */
export const GRAPH_VERSION = 'v25.0'

const VERSION = /^v\d{1,3}\.\d$/

/** The setting for another version of the Graph API. */
export const graphVersion = z.string().regex(VERSION, 'A version looks like v25.0.').default(GRAPH_VERSION)

/** Returns the version in the settings of a connection, which may be without defaults. */
export const versionIn = ({ version }: Readonly<Record<string, unknown>>): string =>
  typeof version === 'string' && VERSION.test(version) ? version : GRAPH_VERSION

/** Returns the URL of a path of the Graph API, for the version in the settings. */
export const graphUrl =
  (path: string) =>
  (settings: Readonly<Record<string, unknown>>): string =>
    `https://graph.facebook.com/${versionIn(settings)}/${path}`

/**
 * Pages a list by its cursor, while there is a next page. The last page has a cursor, too. The URL of the next page
 * is not followed, because it contains the access token.
 *
 * Source: https://developers.facebook.com/docs/graph-api/results
 */
export function graphPages(max?: number): Pages {
  const pages = cursorPages({ items: 'data', next: 'paging.cursors.after', param: 'after', max })
  return {
    ...pages,
    next: (reply, request) =>
      typeof valueAt(reply.body, 'paging.next') === 'string' ? pages.next(reply, request) : undefined,
  }
}

/** The number of items in one page of a list. */
export const pageSize = z.number().int().min(1).max(100).default(25).describe('Items in one page.')

/** A time in seconds since 1970. A time in milliseconds is refused. */
export const unixSeconds = z.number().int().positive().max(9_999_999_999, 'Seconds since 1970, not milliseconds.')

/** Returns the fields of a schema, as the Graph API asks for them. Without them, it returns the id and little else. */
export const fieldsOf = ({ shape }: z.ZodObject): { readonly fields: string } => ({
  fields: Object.keys(shape).join(','),
})

/** Returns the query of insights, with the names of the metrics as one string. */
export const metricQuery = <Filter extends { readonly metric: readonly string[] }>({ metric, ...filter }: Filter) => ({
  metric: metric.join(','),
  ...filter,
})
