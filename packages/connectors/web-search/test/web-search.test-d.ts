import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { webSearch } from '../src/index.ts'
import type { SearchProvider, WebSearchOptions } from '../src/index.ts'

type Output = {
  results: { title: string; url: string; snippet: string; published?: string | undefined }[]
  more: boolean
}

it('types the call the same for every provider', () => {
  const { web } = createMcpClient({ connectors: { web: webSearch({ provider: 'brave', apiKey: 'x' }) } }).as('ada')
  expectTypeOf(web.call('search', { query: 'tides' })).resolves.toEqualTypeOf<Output>()
  expectTypeOf(web.call('perform_search', { query: 'tides' })).resolves.toEqualTypeOf<Output>()
  const { any } = createMcpClient({ connectors: { any: webSearch({} as WebSearchOptions) } }).as('ada')
  expectTypeOf(any.call('search', { query: 'tides', freshness: 'week' })).resolves.toEqualTypeOf<Output>()
  expectTypeOf<SearchProvider>().toEqualTypeOf<'brave' | 'tavily' | 'google' | 'proxy'>()
})

it('rejects wrong options', () => {
  // @ts-expect-error no such provider
  webSearch({ provider: 'bing', apiKey: 'x' })
  // Each tenant may bring the engine.
  webSearch({ provider: 'google' })
  // @ts-expect-error Brave has no engine
  webSearch({ provider: 'brave', apiKey: 'x', engineId: 'x' })
  const { web } = createMcpClient({ connectors: { web: webSearch({ provider: 'tavily', apiKey: 'x' }) } }).as('ada')
  // @ts-expect-error a query is text
  void web.call('search', { query: 1 })
  // @ts-expect-error searching changes nothing
  void web.sendData('search', { query: 'tides' })
})
