import { urlPages } from '@mcpclient/core/define'
import type { Limit, Pages } from '@mcpclient/core/define'

/** The base URL of Graph. */
export const GRAPH_URL = 'https://graph.microsoft.com/v1.0/'

/**
 * The limits of one app for one mailbox: 10,000 requests in 10 minutes, and 4 at once.
 *
 * Source: https://learn.microsoft.com/graph/throttling-limits#outlook-service-limits
 */
export const MAILBOX_LIMITS: readonly Limit[] = [{ requests: 10_000, perMs: 600_000, concurrent: 4 }]

export interface Preferences {
  /** Whether ids stay the same when an item moves to another folder. @default true */
  readonly immutableIds?: boolean | undefined
  /** The number of items in one page. Graph may send fewer. */
  readonly pageSize?: number | undefined
  /** The time zone of the times in the response: a name of Windows or IANA. @default UTC */
  readonly timeZone?: string | undefined
  /** The format of bodies in the response. @default html */
  readonly body?: 'html' | 'text' | undefined
}

/**
 * Returns the `Prefer` header of requests to Outlook. A request with its own replaces the one of the connector.
 *
 * Source: https://learn.microsoft.com/graph/outlook-immutable-id
 */
export function prefer({ immutableIds = true, pageSize, timeZone, body }: Preferences = {}): {
  readonly prefer: string
} {
  const preferences = [
    immutableIds ? 'IdType="ImmutableId"' : undefined,
    pageSize === undefined ? undefined : `odata.maxpagesize=${pageSize}`,
    // A quote would end the value.
    timeZone === undefined ? undefined : `outlook.timezone="${timeZone.replaceAll(/["\\\r\n]/g, '')}"`,
    body === undefined ? undefined : `outlook.body-content-type="${body}"`,
  ]
  return { prefer: preferences.filter((preference) => preference !== undefined).join(', ') }
}

/** Returns the header of a write that fails with HTTP 412 if the item has another etag. */
export const ifMatch = (etag: string | undefined): Readonly<Record<string, string>> =>
  etag === undefined ? {} : { 'if-match': etag }

/** Paginates a list by `@odata.nextLink`. A page may be short or empty before the last one. */
export const odataPages = (max?: number): Pages => urlPages({ items: 'value', next: ['@odata.nextLink'], max })
