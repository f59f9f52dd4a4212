/**
 * `@mcpclient/web-search`: one `search` tool over Brave, Tavily, Google Programmable Search and search services of your own.
 */
export { webSearch } from './web-search.ts'
export type { SearchProvider, WebSearchOptions, WebSearchTypes } from './web-search.ts'
export { braveSearch } from './brave-search.ts'
export { googleSearch } from './google-search.ts'
export { proxySearch } from './proxy-search.ts'
export { tavilySearch } from './tavily-search.ts'
