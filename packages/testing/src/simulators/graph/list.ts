import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { linkTo } from './routes.ts'
import type { Fields, GraphCall } from './routes.ts'

const MAX_PAGE_SIZE = 1000
const DEFAULT_PAGE_SIZE = 10

/** Responds with one page of a list, in the size of `$top` or of the preference. */
export function listResponse(call: GraphCall, { listPages }: GraphContext, items: readonly Fields[]): Response {
  const { parameters, preferences, url } = call
  const token = parameters.get('$skiptoken')
  const place = token === null ? undefined : listPages.read(token)
  if (token !== null && place?.path !== url.pathname)
    throw new GraphFailure('BadRequest', { message: 'Invalid $skiptoken.' })
  const query = new URLSearchParams(place?.query ?? parameters)
  const size = sizeIn(query) ?? preferences.pageSize ?? DEFAULT_PAGE_SIZE
  const from = place?.at ?? Number(query.get('$skip') ?? 0)
  const next = from + size
  return Response.json({
    '@odata.context': `${url.origin}/v1.0/$metadata`,
    value: items.slice(from, next),
    ...(next < items.length && {
      '@odata.nextLink': linkTo(
        call,
        '$skiptoken',
        listPages.issue({ path: url.pathname, query: query.toString(), at: next }),
      ),
    }),
  })
}

/** Returns the parameters of a list: those of its first request, which a link stands for. */
export function listParameters({ parameters }: GraphCall, { listPages }: GraphContext): URLSearchParams {
  const token = parameters.get('$skiptoken')
  return token === null ? parameters : new URLSearchParams(listPages.read(token)?.query ?? '')
}

function sizeIn(query: URLSearchParams): number | undefined {
  const top = query.get('$top')
  if (top === null) return undefined
  const size = Number(top)
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE_SIZE) {
    throw new GraphFailure('ErrorInvalidRequest', { message: 'Invalid value for $top.' })
  }
  return size
}
