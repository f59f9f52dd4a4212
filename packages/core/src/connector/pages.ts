import { valueAt } from './reply.ts'
import type { Path, Reply } from './reply.ts'
import { form } from './request.ts'
import type { Query, RequestSpec } from './request.ts'

/**
 * How a provider cuts a list into pages. Pure: the runtime sends the requests, checks that links stay on declared
 * hosts, and ends a list whose provider returns the same page again.
 */
export interface Pages {
  /** Where the items of a page are; `''` if the answer is the list itself. */
  readonly items: Path
  /**
   * Pages that a `call` gathers before it returns `complete: false`.
   * @default 25
   */
  readonly max?: number | undefined
  /** The request for the page after `reply`, or undefined after the last one. */
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
 * A cursor in the answer names the next page. An empty page with a cursor is not the end.
 * @param options.next where the cursor is; absent, null or `''` there means the last page
 * @param options.param the parameter that takes the cursor
 * @param options.place where the parameter goes: `query` (the default), or `body` for a JSON or form body
 */
export const cursorPages = (
  options: Common & { readonly next: Path; readonly param: string; readonly place?: Place },
): Pages => ({
  ...options,
  next(reply, request) {
    const cursor = valueAt(reply.body, options.next)
    if ((typeof cursor !== 'string' || cursor === '') && typeof cursor !== 'number') return undefined
    return withParameter(request, options.place ?? 'query', options.param, cursor)
  },
})

/** The `Link` header with `rel="next"` names the next page (RFC 8288). */
export const linkPages = (options: Common): Pages => ({
  ...options,
  next: (reply, request) => linked(reply, request, nextLink(reply.headers.get('link') ?? '')),
})

/** A URL in the response is the next page. */
export const urlPages = (options: Common & { readonly next: Path }): Pages => ({
  ...options,
  next: (reply, request) => linked(reply, request, valueAt(reply.body, options.next)),
})

/** A relative link is relative to the URL of the request that returned it (RFC 8288, 3.1). */
function linked(reply: Reply, { query: _query, ...request }: RequestSpec, link: unknown): RequestSpec | undefined {
  if (typeof link !== 'string' || link.trim() === '') return undefined
  if (reply.url === undefined || !URL.canParse(link, reply.url)) return { ...request, path: link }
  const url = new URL(link, reply.url)
  url.hash = ''
  return { ...request, path: url.href }
}

/** The target of the first link whose `rel` holds `next`. Of several `rel` of one link only the first counts. */
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
 * Pages by the index of their first item.
 * @param options.place where the parameter goes: `query` (the default), or `body` for a JSON or form body
 * @param options.total where the number of all items is, if the provider tells
 * @param options.more where a boolean says that there is more, if the provider tells; with neither, a page without
 *   items is the last one
 */
export const offsetPages = (
  options: Common & { readonly param: string; readonly place?: Place; readonly total?: Path; readonly more?: Path },
): Pages => ({
  ...options,
  next(reply, request) {
    const count = countOf(reply, options.items)
    const place = options.place ?? 'query'
    const next = numberIn(request, place, options.param, 0) + count
    return more(reply, options, count, next) ? withParameter(request, place, options.param, next) : undefined
  },
})

/**
 * Pages by their number.
 * @param options.place where the parameter goes: `query` (the default), or `body` for a JSON or form body
 * @param options.first the number of the first page, 1 unless said otherwise
 * @param options.totalPages where the number of pages is, if the provider tells
 * @param options.more where a boolean says that there is more, if the provider tells
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
    return more(reply, known, countOf(reply, options.items), next - first)
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

/** What the provider says about more comes first. Where it says nothing, a page without items is the last one. */
function more(reply: Reply, known: { total?: Path | undefined; more?: Path | undefined }, count: number, next: number) {
  const said = known.more && valueAt(reply.body, known.more)
  if (typeof said === 'boolean') return said
  const total = known.total === undefined ? undefined : countIn(valueAt(reply.body, known.total))
  return total === undefined ? count > 0 : next < total
}

/** A count as a number or as digits; undefined for null, -1 and whatever else stands for an unknown one. */
function countIn(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof count === 'number' && count >= 0 ? count : undefined
}
