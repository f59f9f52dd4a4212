import { apiKey, defineConnector, errorTable, get, nullable } from '@mcpclient/core/define'
import type { ErrorRow, ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'
import { SearchInput, SearchOutput, searchTools } from './search.ts'

const Settings = z.object({
  /** The search engine's own id, `cx` on its control panel; the engine selects the sites. */
  engineId: z.string().min(1),
})
type Context = ToolContext<z.output<typeof Settings>>

/** The languages whose code at Google differs from ISO 639-1. */
const LANGUAGES: ReadonlyMap<string, string> = new Map(Object.entries({ he: 'iw', nb: 'no', zh: 'zh-CN' }))

const text = nullable(z.string())

const GoogleResponse = z
  .object({
    items: z
      .array(
        z.object({
          title: text,
          link: z.string(),
          snippet: text,
          // The metadata of the page: any name, any value.
          pagemap: z
            .object({ metatags: z.array(z.record(z.string(), z.unknown())).nullish() })
            .nullish()
            .catch(null),
        }),
      )
      .nullish(),
    queries: z.object({ nextPage: z.array(z.unknown()).nullish() }).nullish(),
  })
  .transform(({ items, queries }): SearchOutput => ({
    results: (items ?? []).map(({ title, link, snippet, pagemap }) => {
      const published = pagemap?.metatags?.[0]?.['article:published_time']
      return {
        title: title ?? '',
        url: link,
        snippet: snippet ?? '',
        ...(typeof published === 'string' && { published }),
      }
    }),
    more: (queries?.nextPage ?? []).length > 0,
  }))
  .pipe(SearchOutput)

const unauthenticated: ErrorRow = { code: 'MCP_AUTHENTICATION_FAILURE' }
const limited: ErrorRow = { code: 'MCP_RATE_LIMIT_EXCEEDED' }

/** Google's reasons that are not visible in the status: https://cloud.google.com/apis/design/errors */
const errors = errorTable(
  { code: ['error.details.0.reason', 'error.errors.0.reason'] },
  {
    API_KEY_INVALID: unauthenticated,
    keyInvalid: unauthenticated,
    keyExpired: unauthenticated,
    rateLimitExceeded: limited,
    userRateLimitExceeded: limited,
    RATE_LIMIT_EXCEEDED: limited,
  },
)

/** Source: https://developers.google.com/custom-search/v1/reference/rest/v1/cse/list */
export const googleSearch = defineConnector({
  id: 'google-search',
  name: 'Google Programmable Search',
  docs: 'https://developers.google.com/custom-search/v1/overview',
  baseUrl: 'https://customsearch.googleapis.com/customsearch/',
  // Not the parameter `key`, which would be part of URLs. Source: https://docs.cloud.google.com/apis/docs/system-parameters
  auth: apiKey({ header: 'X-Goog-Api-Key' }),
  settings: Settings,
  errors,
  // There is no cheaper request: verifying a key costs one search.
  check: { request: ({ settings }) => get('v1', { cx: settings.engineId, q: 'google', num: 1 }) },
  tools: searchTools({
    input: SearchInput,
    output: GoogleResponse,
    request: ({ query, count, page, country, language, freshness, safe }, { settings }: Context) =>
      get('v1', {
        cx: settings.engineId,
        q: query,
        num: count,
        start: (page - 1) * count + 1,
        gl: country?.toLowerCase(),
        lr: language && `lang_${LANGUAGES.get(language) ?? language}`,
        dateRestrict: freshness && `${freshness[0]}1`,
        safe: safe && (safe === 'off' ? 'off' : 'active'),
      }),
  }),
})
