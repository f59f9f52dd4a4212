import { apiKey, defineConnector, errorTable, get, nullable } from '@mcpclient/core/define'
import type { ErrorRow } from '@mcpclient/core/define'
import * as z from 'zod'
import { SearchInput, SearchOutput, searchTools } from './search.ts'

const FRESHNESS = { day: 'pd', week: 'pw', month: 'pm', year: 'py' } as const
/** The languages whose code at Brave differs from ISO 639-1. */
const LANGUAGES: ReadonlyMap<string, string> = new Map(
  Object.entries({ ja: 'jp', no: 'nb', pt: 'pt-br', zh: 'zh-hans' }),
)

const text = nullable(z.string())

const BraveResponse = z
  .object({
    query: z.object({ more_results_available: z.boolean().nullish() }).nullish(),
    web: z
      .object({
        results: z.array(z.object({ title: text, url: z.string(), description: text, page_age: text })),
      })
      .nullish(),
  })
  .transform(({ query, web }): SearchOutput => ({
    results: (web?.results ?? []).map(({ title, url, description, page_age }) => ({
      title: title ?? '',
      url,
      snippet: description ?? '',
      ...(page_age && { published: page_age }),
    })),
    more: query?.more_results_available ?? false,
  }))
  .pipe(SearchOutput)

/** Brave returns 422 for an unknown key: https://github.com/nearai/ironclaw/issues/2780 */
const unknownKey: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE' }

/** Sources: github.com/brave/brave-search-mcp-server, api-dashboard.search.brave.com/documentation/guides/rate-limiting */
export const braveSearch = defineConnector({
  id: 'brave-search',
  name: 'Brave Search',
  docs: 'https://api-dashboard.search.brave.com/documentation',
  baseUrl: 'https://api.search.brave.com/res/v1/',
  auth: apiKey({ header: 'X-Subscription-Token' }),
  // The maximum of any plan. For a smaller plan, every response reports the remaining quota.
  limits: [{ scope: 'connection', requests: 50, perMs: 1000 }],
  limitHeaders: { reset: 'seconds' },
  errors: errorTable(
    { code: 'error.code' },
    { SUBSCRIPTION_TOKEN_INVALID: unknownKey, SUBSCRIPTION_NOT_FOUND: unknownKey },
  ),
  // There is no cheaper request: verifying a key costs one search.
  check: { request: get('web/search', { q: 'brave', count: 1 }) },
  tools: searchTools({
    input: SearchInput,
    output: BraveResponse,
    request: ({ query, count, page, country, language, freshness, safe }) =>
      get('web/search', {
        q: query,
        count,
        offset: page - 1,
        country,
        search_lang: language && (LANGUAGES.get(language) ?? language),
        freshness: freshness && FRESHNESS[freshness],
        safesearch: safe,
        text_decorations: false,
        result_filter: 'web,query',
      }),
  }),
})
