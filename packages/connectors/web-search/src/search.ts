import { ConnectorError, mark, tool } from '@mcpclient/core/define'
import type { RequestSpec, Schema, Tool } from '@mcpclient/core/define'
import * as z from 'zod'

/** Brave's limits, the narrowest of the three: https://api-dashboard.search.brave.com/documentation */
const MAX_CHARACTERS = 400
const MAX_WORDS = 50
/** Google returns at most 10 results a page, and at most the first 100. */
const MAX_RESULTS = 10
const MAX_PAGES = 9

export const SearchInput = z.object({
  query: z
    .string()
    .trim()
    .min(1)
    .max(MAX_CHARACTERS)
    .refine((query) => query.split(/\s+/).length <= MAX_WORDS, `At most ${MAX_WORDS} words.`)
    .describe(`What to search for: at most ${MAX_CHARACTERS} characters and ${MAX_WORDS} words.`),
  count: z.number().int().min(1).max(MAX_RESULTS).default(MAX_RESULTS).describe('Results wanted; there may be fewer.'),
  page: z.number().int().min(1).max(MAX_PAGES).default(1).describe('Which page of that many results, from 1.'),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'Two letters of ISO 3166-1, such as DE.')
    .toUpperCase()
    .optional()
    .describe('Prefer results from this country: two letters of ISO 3166-1, such as DE.'),
  language: z
    .string()
    .regex(/^[A-Za-z]{2}$/, 'Two letters of ISO 639-1, such as de.')
    .toLowerCase()
    .optional()
    .describe('Only results in this language: two letters of ISO 639-1, such as de.'),
  freshness: z.enum(['day', 'week', 'month', 'year']).optional().describe('Only what is no older than this.'),
  safe: z
    .enum(['off', 'moderate', 'strict'])
    .optional()
    .describe("Filter for adult content; absent: the provider's own."),
})

export type SearchInput = z.output<typeof SearchInput>

/** Text of a page, which any author may have written. */
export const found = mark(z.string(), { untrusted: true })

export const SearchOutput = z.object({
  results: z.array(
    z.object({
      title: found,
      url: z.string(),
      /** A few sentences of the page, or about it. */
      snippet: found,
      /** The date of publication or last change in the provider's format, usually ISO 8601. */
      published: z.string().optional(),
    }),
  ),
  /** Whether there is another page. */
  more: z.boolean(),
})

export type SearchOutput = z.output<typeof SearchOutput>

/**
 * Describes the search tool, which is the same for every provider, under its two names.
 * @param provider.input the common input, with the options of this provider
 * @param provider.output reads the provider's response into the common output
 */
export function searchTools<In extends z.ZodType<SearchInput>, Out extends Schema<SearchOutput>, Settings>(provider: {
  readonly input: In
  readonly output: Out
  readonly request: (input: z.output<In>, context: { readonly settings: Settings }) => RequestSpec
}): { readonly [Name in 'search' | 'perform_search']: Tool<In, Out, 'read', Settings> } {
  const search = tool({
    description:
      'Search the web and get titles, addresses and snippets of pages. For what is newer than your knowledge, or needs a ' +
      'source. Short queries of key words find more than sentences.',
    effect: 'read',
    input: provider.input,
    output: provider.output,
    // Every input of a provider extends the common one.
    examples: [{ input: { query: 'tide table Wadden Sea', count: 5, country: 'DE' } as z.input<In> }],
    request: provider.request,
  })
  return { search, perform_search: { ...search, description: 'The same as search.' } }
}

/** Rejects an option that this provider lacks. Ignoring it would return the results of another query. */
export function refuse(option: keyof SearchInput, message: string, hint: string): never {
  throw new ConnectorError('INVALID_INPUT', message, { hint, issues: [{ path: option, message }] })
}
