import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { braveSearch, webSearch } from '../src/index.ts'
import { SearchInput } from '../src/search.ts'
import { tavilyCountries } from '../src/tavily-countries.ts'
import { fixturesOf } from './fixtures.ts'
import type { Fixture } from './fixtures.ts'
import { loadVendorContract, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'

const folder = vendorContracts()

/** Google publishes no description of this API beside its reference, which the fixtures follow. */
const described = [
  // Derived from Brave's own client, which describes only successful responses.
  { provider: 'brave', contract: 'brave-search.derived', quirks: [/^undocumented status 422$/] },
  // Tavily returns null where its description declares a string.
  {
    provider: 'tavily',
    contract: 'tavily',
    quirks: [/^response\/(?:answer|results\/\d+\/raw_content) must be string /],
  },
] as const

describe.skipIf(folder === undefined)(
  "every fixture against the vendors' API descriptions (skipped where they are absent)",
  () => {
    describe.each(described)('$provider', ({ provider, contract, quirks }) => {
      it.each(fixturesOf(provider).map((fixture) => [fixture.name, fixture] as const))('%s', async (_name, fixture) => {
        const { op, problems } = (await loadVendorContract(folder ?? '', contract)).check(
          await exchangeOf(provider, fixture),
        )
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !quirks.some((quirk) => quirk.test(problem)))).toEqual([])
      })
    })

    it('has a code for every country of Tavily', () => {
      const file = JSON.parse(readFileSync(join(folder ?? '', 'tavily.json'), 'utf8')) as TavilyDescription
      const { country } = file.paths['/search'].post.requestBody.content['application/json'].schema.properties
      expect([...tavilyCountries.values()].toSorted()).toEqual(country.enum.toSorted())
      expect([...tavilyCountries.keys()].every((code) => /^[A-Z]{2}$/.test(code))).toBe(true)
    })

    it.each([
      ['search_lang', ['ja', 'no', 'pt', 'zh', 'de'].map((language) => ({ language }))],
      ['freshness', ['day', 'week', 'month', 'year'].map((freshness) => ({ freshness }))],
      ['safesearch', ['off', 'moderate', 'strict'].map((safe) => ({ safe }))],
    ])("Brave's %s takes what we make of ours", (name, options) => {
      const file = JSON.parse(readFileSync(join(folder ?? '', 'brave-search.derived.json'), 'utf8')) as BraveDescription
      const { schema } = file.paths['/res/v1/web/search'].get.parameters.find((each) => each.name === name) ?? {}
      const taken = schema?.enum ?? schema?.anyOf?.[0]?.enum
      const made = options.map((option) => {
        const input = SearchInput.parse({ query: 'tides', ...option })
        // A factory's tools have no types any more: the schema that the input was parsed with is this tool's.
        return braveSearch.tools['search']?.request?.(input as never, { settings: {} } as never).query?.[name]
      })
      expect(taken).toEqual(expect.arrayContaining(made))
    })

    it('detects a request that Brave would refuse', async () => {
      const url = 'https://api.search.brave.com/res/v1/web/search?query=tide'
      const { problems } = (await loadVendorContract(folder ?? '', 'brave-search.derived')).check({
        method: 'GET',
        url,
        status: 200,
        responseBody: { type: 'search' },
      })
      expect(problems).toEqual(['unknown query parameter query', 'missing query parameter q'])
    })
  },
)

interface Values {
  readonly enum?: readonly string[]
}

interface BraveDescription {
  readonly paths: {
    readonly '/res/v1/web/search': {
      readonly get: {
        readonly parameters: readonly {
          readonly name: string
          readonly schema: Values & { readonly anyOf?: readonly Values[] }
        }[]
      }
    }
  }
}

interface TavilyDescription {
  readonly paths: {
    readonly '/search': {
      readonly post: {
        readonly requestBody: {
          readonly content: {
            readonly 'application/json': {
              readonly schema: { readonly properties: { readonly country: { readonly enum: readonly string[] } } }
            }
          }
        }
      }
    }
  }
}

/** Runs the call through the real pipeline and gives what went over the wire. */
async function exchangeOf(provider: 'brave' | 'tavily', { input, response }: Fixture): Promise<Exchange> {
  const transport = scriptedTransport([response])
  const connectors = { web: webSearch({ provider, apiKey: 'fixture' }) }
  const mcp = createMcpClient({ connectors, transport, clock: createFakeClock() })
  await mcp
    .as('ada')
    .web.call('search', input)
    .catch((error: unknown) => {
      // A fixture may be of a refusal; the exchange is what counts here.
      if (!ConnectorError.is(error)) throw error
    })
  transport.verify()
  const [request] = transport.requests
  return {
    method: request?.method ?? '',
    url: request?.url ?? '',
    ...(request?.json !== undefined && { requestBody: request.json }),
    status: response.status ?? 200,
    responseBody: response.json,
  }
}
