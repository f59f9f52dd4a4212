import { cursorPages, get, mark, post, put, valueAt } from '@mcpclient/core/define'
import type { Effect, Limit, Pages, Query, RequestSpec } from '@mcpclient/core/define'
import * as z from 'zod'

// The requests of a user that may be in flight at once. Source: https://developers.asana.com/docs/rate-limits
const READS: Limit = { scope: 'connection', concurrent: 50 }
const WRITES: Limit = { scope: 'connection', concurrent: 15 }

/** Returns the effect of a tool and its scopes. */
const facts =
  <E extends Effect>(effect: E) =>
  (...scopes: readonly string[]) => ({ effect, scopes, limit: effect === 'read' ? READS : WRITES })
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
/** A user in a write, who is notified. */
export const user = mark(z.string().min(1), { destination: 'recipient' })

/** The place of a task or a section among others. */
export const position = {
  insert_before: gid.optional().describe('Put it before this one.'),
  insert_after: gid.optional().describe('Put it after this one.'),
}
export const hasOnePosition = (input: {
  readonly insert_before?: string | undefined
  readonly insert_after?: string | undefined
}): boolean => input.insert_before === undefined || input.insert_after === undefined
export const ONE_POSITION = 'Pass either insert_before or insert_after.'

export const limit = z.number().int().min(1).max(100).default(50).describe('Items in one page.')
