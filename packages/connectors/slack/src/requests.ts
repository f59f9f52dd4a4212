import { ConnectorError, cursorPages, form, post } from '@mcpclient/core/define'
import type { Pages, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'

/**
 * Calls a method the way Slack's own SDK does: a POST with a form, in which objects and lists are JSON. Every method
 * accepts it, and nothing that a user wrote appears in a URL.
 */
export const call = (method: string, parameters: Readonly<Record<string, unknown>> = {}): RequestSpec =>
  post(method, form(Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, formValue(value)]))))

function formValue(value: unknown): string | number | boolean | undefined {
  const isScalar = value === undefined || ['string', 'number', 'boolean'].includes(typeof value)
  return isScalar ? (value as string | number | boolean | undefined) : JSON.stringify(value)
}

/** Returns how Slack pages a list: the cursor is empty on the last page, and a page may be empty before it. */
export const pagesOf = (items: string, max?: number): Pages =>
  cursorPages({
    items,
    next: 'response_metadata.next_cursor',
    param: 'cursor',
    place: 'body',
    ...(max !== undefined && { max }),
  })

/** Slack asks for fewer than 1,000 items a page, and recommends at most 200. */
export const pageSize = (items: string) =>
  z.number().int().min(1).max(999).default(200).describe(`${items} in one page; Slack may send fewer.`)

export const channelId = z.string().min(1).describe('Id of the channel, such as C024BE91L; list_channels tells it.')

/** The workspace to look in. */
export const teamId = z
  .string()
  .min(1)
  .optional()
  .describe('Id of a workspace, such as T024BE7LD. Required with a token of an Enterprise Grid organization.')

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
