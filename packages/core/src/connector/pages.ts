import { valueAt } from './reply.ts'
import type { Path, Reply } from './reply.ts'
import { form } from './request.ts'
import type { Query, RequestSpec } from './request.ts'

/**
 * The pagination of a list. Pure: the runtime sends the requests, rejects links to undeclared hosts, and stops if the
 * provider returns the same page again.
 */
export interface Pages {
  /** The path of the items in a response. `''` if the response is the list itself. */
  readonly items: Path
  /**
   * Maximum number of pages that a `call` gathers before it returns `complete: false`.
   * @default 25
   */
  readonly max?: number | undefined
  /** Returns the request for the page after `reply`, or undefined after the last page. */
  next(reply: Reply, request: RequestSpec): RequestSpec | undefined
}

interface Common {
  readonly items: Path
  readonly max?: number | undefined
}

const withQuery = (request: RequestSpec, query: Query): RequestSpec => ({
  ...request,
  query: { ...request.query, ...query },
})

type Place = 'query' | 'body'

const withParameter = (request: RequestSpec, place: Place, param: string, value: string | number): RequestSpec => {
  if (place === 'query') return withQuery(request, { [param]: value })
  const { body } = request
  if (body?.kind === 'form') return { ...request, body: form({ ...body.fields, [param]: value }) }
  return { ...request, body: { kind: 'json', value: { ...jsonOf(request), [param]: value } } }
}

const jsonOf = (request: RequestSpec): object =>
  request.body?.kind === 'json' && typeof request.body.value === 'object' ? (request.body.value ?? {}) : {}

const countOf = (reply: Reply, items: Path): number => {
  const list = valueAt(reply.body, items)
  return Array.isArray(list) ? list.length : 0
}

/**
 * Paginates by a cursor in the response. An empty page with a cursor is not the last page.
 * @param options.next the path of the cursor; absent, null or `''` means the last page
 * @param options.param the request parameter of the cursor
 * @param options.place `query`, or `body` for a JSON or form body. @default 'query'
 * @param options.more the path of a boolean that is false on the last page, if that page has a cursor as well
 */
export const cursorPages = (
  options: Common & { readonly next: Path; readonly param: string; readonly place?: Place; readonly more?: Path },
): Pages => ({
  ...options,
  next(reply, request) {
    if (options.more !== undefined && valueAt(reply.body, options.more) === false) return undefined
    const cursor = valueAt(reply.body, options.next)
    if ((typeof cursor !== 'string' || cursor === '') && typeof cursor !== 'number') return undefined
    return withParameter(request, options.place ?? 'query', options.param, cursor)
  },
})

/** Paginates by the `Link` header with `rel="next"` (RFC 8288). */
export const linkPages = (options: Common): Pages => ({
  ...options,
  next: (reply, request) => linked(reply, request, nextLink(reply.headers.get('link') ?? '')),
})

/**
 * Paginates by a URL in the response.
 * @param options.next the path of the URL; absent, null or `''` means the last page
 */
export const urlPages = (options: Common & { readonly next: Path }): Pages => ({
  ...options,
  next: (reply, request) => linked(reply, request, valueAt(reply.body, options.next)),
})

/** Returns the request for a link. A relative link is resolved against the URL that returned it (RFC 8288, 3.1). */
function linked(reply: Reply, { query: _query, ...request }: RequestSpec, link: unknown): RequestSpec | undefined {
  if (typeof link !== 'string' || link.trim() === '') return undefined
  if (reply.url === undefined || !URL.canParse(link, reply.url)) return { ...request, path: link }
  const url = new URL(link, reply.url)
  url.hash = ''
  return { ...request, path: url.href }
}

/** Returns the target of the first link whose `rel` contains `next`. Only the first `rel` of a link counts. */
function nextLink(header: string): string | undefined {
  const target = /[^<]*<([^>]*)>/y
  const parameter = /\s*;\s*([^\s=;,"]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y
  for (let link = target.exec(header); link !== null; link = target.exec(header)) {
    let rel: string | undefined
    parameter.lastIndex = target.lastIndex
    for (let found = parameter.exec(header); found !== null; found = parameter.exec(header)) {
      target.lastIndex = parameter.lastIndex
      const [, name = '', quoted, token] = found
      if (name.toLowerCase() === 'rel') rel ??= (quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '').toLowerCase()
    }
    if (rel?.split(/\s+/).includes('next')) return link[1]
  }
  return undefined
}

/**
 * Paginates by the index of a page's first item. Without `total` and `more`, a page without items is the last one.
 * @param options.param the request parameter of the index
 * @param options.place `query`, or `body` for a JSON or form body. @default 'query'
 * @param options.total the path of the number of all items, if the provider returns it
 * @param options.more the path of a boolean that is true if there are more items, if the provider returns it
 */
export const offsetPages = (
  options: Common & { readonly param: string; readonly place?: Place; readonly total?: Path; readonly more?: Path },
): Pages => ({
  ...options,
  next(reply, request) {
    const count = countOf(reply, options.items)
    const place = options.place ?? 'query'
    const next = numberIn(request, place, options.param, 0) + count
    return hasMore(reply, options, count, next) ? withParameter(request, place, options.param, next) : undefined
  },
})

/**
 * Paginates by page number. Without `totalPages` and `more`, a page without items is the last one.
 * @param options.param the request parameter of the page number
 * @param options.place `query`, or `body` for a JSON or form body. @default 'query'
 * @param options.first the number of the first page. @default 1
 * @param options.totalPages the path of the number of pages, if the provider returns it
 * @param options.more the path of a boolean that is true if there are more pages, if the provider returns it
 */
export const numberedPages = (
  options: Common & {
    readonly param: string
    readonly place?: Place
    readonly first?: number
    readonly totalPages?: Path
    readonly more?: Path
  },
): Pages => ({
  ...options,
  next(reply, request) {
    const first = options.first ?? 1
    const place = options.place ?? 'query'
    const next = numberIn(request, place, options.param, first) + 1
    const known = { total: options.totalPages, more: options.more }
    return hasMore(reply, known, countOf(reply, options.items), next - first)
      ? withParameter(request, place, options.param, next)
      : undefined
  },
})

function numberIn(request: RequestSpec, place: Place, param: string, otherwise: number): number {
  const { body, query } = request
  const inBody: Readonly<Record<string, unknown>> =
    body?.kind === 'form' ? body.fields : (jsonOf(request) as Readonly<Record<string, unknown>>)
  const value = place === 'query' ? query?.[param] : inBody[param]
  return value === undefined ? otherwise : Number(value)
}

/** Returns whether there is another page: by the provider's flag or total, else by whether this page has items. */
function hasMore(
  reply: Reply,
  known: { total?: Path | undefined; more?: Path | undefined },
  count: number,
  next: number,
): boolean {
  const flag = known.more && valueAt(reply.body, known.more)
  if (typeof flag === 'boolean') return flag
  const total = known.total === undefined ? undefined : countIn(valueAt(reply.body, known.total))
  return total === undefined ? count > 0 : next < total
}

/** Parses a count that is a number or a string of digits. Returns undefined for null, -1 and any other value. */
function countIn(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof count === 'number' && count >= 0 ? count : undefined
}
