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
      valueAt(reply.body, 'paging.next') === undefined ? undefined : pages.next(reply, request),
  }
}
