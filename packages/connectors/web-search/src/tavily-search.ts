import { apiKey, defineConnector, errorTable, get, mark, nullable, post, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { found, SearchInput, SearchOutput, refuse, searchTools } from './search.ts'
import { tavilyCountries } from './tavily-countries.ts'

const text = nullable(z.string())

const TavilyInput = SearchInput.extend({
  search_depth: z
    .enum(['basic', 'advanced'])
    .optional()
    .describe('advanced finds more of what is relevant, and costs two credits instead of one.'),
  include_answer: z
    .union([z.boolean(), z.enum(['basic', 'advanced'])])
    .optional()
    .describe('Also returns a summary that a model wrote from the results; advanced writes a longer one.'),
})

const TavilyOutput = SearchOutput.extend({
  /** Written by a model from the results, with include_answer. */
  answer: found.optional(),
})

const TavilyResponse = z
  .object({
    answer: text,
    results: z.array(z.object({ title: text, url: z.string(), content: text })),
  })
  .transform(({ answer, results }): z.output<typeof TavilyOutput> => ({
    results: results.map(({ title, url, content }) => ({ title: title ?? '', url, snippet: content ?? '' })),
    more: false,
    ...(answer && { answer }),
  }))
  .pipe(TavilyOutput)

/** Source: https://docs.tavily.com/documentation/api-reference/endpoint/extract */
const extract = tool({
  description:
    'Get the content of up to 20 web pages. Pages that cannot be read are listed in failed, with the reason.',
  effect: 'read',
  input: z.object({
    urls: mark(
      z
        .array(z.url({ protocol: /^https?$/ }))
        .min(1)
        .max(20),
      { destination: 'url' },
    ),
    extract_depth: z
      .enum(['basic', 'advanced'])
      .default('basic')
      .describe('advanced also reads tables and embedded content, and costs twice as much.'),
    format: z.enum(['markdown', 'text']).default('markdown'),
  }),
  output: z
    .object({
      results: z.array(z.object({ url: z.string(), raw_content: text })),
      failed_results: z.array(z.object({ url: z.string(), error: text })).nullish(),
    })
    .transform(({ results, failed_results }) => ({
      pages: results.map(({ url, raw_content }) => ({ url, content: raw_content ?? '' })),
      failed: (failed_results ?? []).map(({ url, error }) => ({ url, error: error ?? '' })),
    }))
    .pipe(
      z.object({
        pages: z.array(z.object({ url: z.string(), content: found })),
        failed: z.array(z.object({ url: z.string(), error: z.string() })),
      }),
    ),
  examples: [{ input: { urls: ['https://tides.example/table'] } }],
  request: (input) => post('extract', input),
})

function countryName(code: string): string {
  const name = tavilyCountries.get(code)
  if (name !== undefined) return name
  return refuse('country', `Tavily has no country "${code}".`, 'Leave the country out, and name it in the query.')
}

/** Tavily's own statuses for an exhausted plan, for which waiting does not help. */
const errors = errorTable(
  { message: 'detail.error' },
  {
    432: { hint: "Raise the plan's limit on Tavily's dashboard." },
    433: { hint: "Raise the pay-as-you-go limit on Tavily's dashboard." },
  },
)

/** Source: https://docs.tavily.com/documentation/api-reference/endpoint/search */
export const tavilySearch = defineConnector({
  id: 'tavily-search',
  name: 'Tavily',
  docs: 'https://docs.tavily.com/documentation/api-reference/endpoint/search',
  baseUrl: 'https://api.tavily.com/',
  auth: apiKey({ header: 'Authorization', prefix: 'Bearer ' }),
  // The limit of a production key. The 100 a minute of a development key are learned from its 429.
  limits: [{ scope: 'connection', requests: 1000, perMs: 60_000 }],
  errors,
  check: { request: get('usage') },
  tools: {
    extract,
    ...searchTools({
      input: TavilyInput,
      output: TavilyResponse,
      request: ({ query, count, page, country, language, freshness, safe, search_depth, include_answer }) => {
        if (page > 1) refuse('page', 'Tavily has one page only.', 'Ask for more results with count, or another query.')
        if (language) refuse('language', 'Tavily cannot search by language.', 'Write the query in that language.')
        return post('search', {
          query,
          max_results: count,
          country: country && countryName(country),
          time_range: freshness,
          safe_search: safe && safe !== 'off',
          search_depth,
          include_answer,
        })
      },
    }),
  },
})
