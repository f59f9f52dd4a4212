import { cursorPages, get, post, put, valueAt } from '@mcpclient/core/define'
import type { Effect, Limit, Pages, Query, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'

// The requests of a user that may be in flight at once. Source: https://developers.asana.com/docs/rate-limits
const concurrent: Readonly<Record<Effect, Limit>> = (() => {
  const writes: Limit = { scope: 'connection', concurrent: 15 }
  return { read: { scope: 'connection', concurrent: 50 }, write: writes, destroy: writes }
})()

/** Returns the effect of a tool and its scopes. */
const facts =
  <E extends Effect>(effect: E) =>
  (...scopes: readonly string[]) => ({ effect, scopes, limit: concurrent[effect] })
export const [reads, writes, destroys] = [facts('read'), facts('write'), facts('destroy')]

/** Reads a resource with these fields, besides its gid. Others are not sent. */
export const read = (path: string, fields: string, query: Query = {}): RequestSpec =>
  get(path, { ...query, opt_fields: fields })

/** Creates a resource, or does something with it. Asana wraps what it reads and returns in `data`. */
export const create = (path: string, data: object, fields?: string): RequestSpec =>
  post(path, { data }, { query: { opt_fields: fields } })

export const update = (path: string, data: object, fields: string): RequestSpec =>
  put(path, { data }, { query: { opt_fields: fields } })

/** Returns the schema of a response whose `data` matches the schema. */
export const wrapped = <S extends z.ZodType>(schema: S) => z.preprocess((body) => valueAt(body, 'data'), schema)

/** Returns the schema of a page. */
export const listOf = <S extends z.ZodType>(schema: S) => z.object({ data: z.array(schema) })

export const pages: Pages = cursorPages({ items: 'data', next: 'next_page.offset', param: 'offset' })

export const gid = z.string().regex(/^\d+$/, 'A gid has digits only.')
export const limit = z.number().int().min(1).max(100).default(50).describe('Items in one page.')
