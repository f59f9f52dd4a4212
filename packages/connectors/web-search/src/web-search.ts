import { ConnectorError } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { braveSearch } from './brave-search.ts'
import { googleSearch } from './google-search.ts'
import { proxySearch } from './proxy-search.ts'
import { tavilySearch } from './tavily-search.ts'

/** The providers. Each has its own limits, errors and signature; only the tool is the same. */
const providers = { brave: braveSearch, tavily: tavilySearch, google: googleSearch, proxy: proxySearch }

type Providers = typeof providers
export type SearchProvider = keyof Providers

/** The provider and the options of its connector: `apiKey`, `baseUrl`, for Google `engineId`, for a proxy `endpoint`. */
export type WebSearchOptions = {
  readonly [P in SearchProvider]: { readonly provider: P } & NonNullable<Parameters<Providers[P]>[0]>
}[SearchProvider]

/** The types of the connector, which are the same for each provider, under one name for editors. */
export interface WebSearchTypes extends TypesOfFactory<typeof braveSearch> {}
type Composed = ReturnType<NamedFactory<typeof braveSearch, WebSearchTypes>>

/**
 * Searches the web with the provider of the options. The tool, its input and its output are the same for each.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { web: webSearch({ provider: 'brave', apiKey: env.BRAVE_API_KEY }) } })
 * const { results } = await mcp.as('ada').web.call('search', { query: 'tide table', country: 'DE' })
 *
 * @throws ConnectorError `CONFIGURATION_ERROR` for an unknown provider, for Google without `engineId`, and for a proxy without
 *   `endpoint`
 */
export const webSearch = Object.assign(
  (options?: WebSearchOptions): Composed => {
    const { provider, ...rest }: Partial<WebSearchOptions> = options ?? {}
    if (provider === undefined || !Object.hasOwn(providers, provider)) {
      throw new ConnectorError('CONFIGURATION_ERROR', `There is no search provider "${provider ?? ''}".`, {
        hint: 'Name one as `provider`.',
        choices: Object.keys(providers),
      })
    }
    // The options belong to this provider, which checks them; a union of functions takes no union of arguments.
    const compose = providers[provider] as (options: object) => Composed
    return compose(rest)
  },
  { type: 'web-search' },
)
