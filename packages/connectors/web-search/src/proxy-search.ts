import { apiKey, defineConnector, get, nullable } from '@mcpclient/core/define'
import * as z from 'zod'
import { SearchInput, SearchOutput, searchTools } from './search.ts'

const Settings = z.object({
  /** The URL of the proxy, to which `search` is appended. */
  endpoint: z
    .url({ protocol: /^https?$/ })
    .regex(/^[^?#]*$/, 'It has no query and no fragment.')
    .transform((url) => (url.endsWith('/') ? url : `${url}/`)),
})

const text = nullable(z.string())

const ProxyResponse = z
  .object({
    results: z.array(z.object({ title: text, url: z.string(), snippet: text, published: text })),
    more: z.boolean().nullish(),
  })
  .transform(({ results, more }): SearchOutput => ({
    results: results.map(({ title, url, snippet, published }) => ({
      title: title ?? '',
      url,
      snippet: snippet ?? '',
      ...(published && { published }),
    })),
    more: more ?? false,
  }))
  .pipe(SearchOutput)

/**
 * A search service of your own, such as an internal proxy. It gets `GET search` with the input of the tool as query
 * parameters and the key as bearer token, and returns the output of the tool as JSON.
 */
export const proxySearch = defineConnector({
  id: 'search-proxy',
  name: 'Search proxy',
  baseUrl: ({ settings }) => settings.endpoint,
  auth: apiKey({ header: 'Authorization', prefix: 'Bearer ' }),
  settings: Settings,
  check: { request: get('search', { query: 'status', count: 1, page: 1 }) },
  tools: searchTools({
    input: SearchInput,
    output: ProxyResponse,
    request: (input) => get('search', input),
  }),
})
