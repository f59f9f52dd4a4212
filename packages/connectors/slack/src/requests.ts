import { cursorPages, form, post } from '@mcpclient/core/define'
import type { Effect, FormValue, Limit, Pages, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'

/** Calls a method the way Slack's own SDK does. Every method accepts a form, and no user's input appears in a URL. */
export const call = (method: string, parameters: Readonly<Record<string, FormValue>> = {}): RequestSpec =>
  post(method, form(parameters, { lists: 'json' }))

// Slack counts a tier for each method, app and workspace; a full minute's worth may arrive at once. chat.postMessage has none:
// about one message a second in each channel, learned from the 429. Source: https://docs.slack.dev/apis/web-api/rate-limits
const perMinute = (requests: number): Limit => ({ requests, perMs: 60_000 })
const tiers = { 2: perMinute(20), 3: perMinute(50), 4: perMinute(100), none: undefined }

/** Returns the effect of a tool, its tier and its scopes. */
const facts = <E extends Effect>(effect: E) => {
  return (tier: keyof typeof tiers, ...scopes: readonly string[]) => ({ effect, scopes, limit: tiers[tier] })
}
export const [reads, writes, destroys] = [facts('read'), facts('write'), facts('destroy')]

/** Returns how Slack pages a list: the cursor is empty on the last page, and a page may be empty before it. */
export const pagesOf = (items: string, max?: number): Pages =>
  cursorPages({ items, next: 'response_metadata.next_cursor', param: 'cursor', place: 'body', max })

/** Slack asks for fewer than 1,000 items a page, and recommends at most 200. */
export const pageSize = (items: string) =>
  z.number().int().min(1).max(999).default(200).describe(`${items} in one page; Slack may send fewer.`)
