import { ConnectorError, cursorPages, post } from '@mcpclient/core/define'
import type { Pages, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'

/** A write. Slack warns of JSON without a charset, and takes the parameters of a read from the query only. */
export const write = (method: string, body: object): RequestSpec =>
  post(method, body, { headers: { 'content-type': 'application/json; charset=utf-8' } })

/** Slack's pages: the cursor is empty on the last one, and a page may be empty before it. */
export const pagesOf = (items: string, max?: number): Pages =>
  cursorPages({ items, next: 'response_metadata.next_cursor', param: 'cursor', ...(max !== undefined && { max }) })

/** Slack asks for fewer than 1,000 items a page, and recommends at most 200. */
export const pageSize = (items: string) =>
  z.number().int().min(1).max(999).default(200).describe(`${items} in one page; Slack may send fewer.`)

export const channelId = z.string().min(1).describe('Id of the channel, such as C024BE91L; list_channels tells it.')

/** A message's id, which is also the time it was sent: seconds and microseconds since 1970. */
export const timestamp = z.string().regex(/^\d+\.\d+$/, 'A ts looks like 1503435956.000247.')

export function channelOr(defaultChannel: string | undefined, channel: string | undefined): string {
  const known = channel ?? defaultChannel
  if (known !== undefined) return known
  throw new ConnectorError('INVALID_INPUT', 'No channel was named, and Slack was composed without defaultChannel.', {
    hint: 'Pass channel, or compose slack({ defaultChannel }).',
    issues: [{ path: 'channel', message: 'Required here.' }],
  })
}
