import { apiKey, defineConnector, get, post } from '@mcpclient/core/define'
import type { Failure, Reply } from '@mcpclient/core/define'
import * as z from 'zod'
import { SearchOutput, refuse, searchTool, text } from './search.ts'
import { tavilyCountries } from './tavily-countries.ts'

const Answer = z
  .object({ results: z.array(z.object({ title: text, url: z.string(), content: text })) })
  .transform(({ results }): SearchOutput => ({
    results: results.map(({ title, url, content }) => ({ title, url, snippet: content })),
    more: false,
  }))
  .pipe(SearchOutput)

function countryName(code: string): string {
  const name = tavilyCountries[code]
  if (name !== undefined) return name
  return refuse('country', `Tavily has no country "${code}".`, 'Leave the country out, and name it in the query.')
}

/** Tavily's own statuses for a plan that is used up: waiting a little does not help. */
const EXHAUSTED: Readonly<Record<number, string>> = { 432: "the plan's limit", 433: 'the pay-as-you-go limit' }

function refusal({ status }: Reply): Failure | undefined {
  const limit = EXHAUSTED[status]
  if (limit === undefined) return undefined
  return {
    code: 'MCP_CLIENT_ERROR',
    message: `Tavily says that ${limit} is used up: raise it on Tavily's dashboard.`,
    providerCode: String(status),
  }
}

/** Source: https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const tavilySearch = defineConnector({
  id: 'tavily-search',
  name: 'Tavily',
  docs: 'https://docs.tavily.com/documentation/api-reference/endpoint/search',
  baseUrl: 'https://api.tavily.com/',
  auth: apiKey({ header: 'Authorization', prefix: 'Bearer ' }),
  // Of a production key; a development key's 100 a minute are learnt from its 429.
  limits: [{ scope: 'connection', requests: 1000, perMs: 60_000 }],
  failure: refusal,
  check: { request: get('usage') },
  tools: {
    search: searchTool({
      answer: Answer,
      request: ({ query, count, page, country, language, freshness, safe }) => {
        if (page > 1) refuse('page', 'Tavily has one page only.', 'Ask for more results with count, or another query.')
        if (language) refuse('language', 'Tavily cannot search by language.', 'Write the query in that language.')
        return post('search', {
          query,
          max_results: count,
          country: country && countryName(country),
          time_range: freshness,
          safe_search: safe && safe !== 'off',
        })
      },
    }),
  },
})
