import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { braveSearch, tavilySearch } from '../src/index.ts'
import { SearchInput } from '../src/search.ts'
import { tavilyCountries } from '../src/tavily-countries.ts'

const folder = vendorContracts()

/** Google publishes no description of this API beside its reference, which the fixtures follow. */
const described = [
  // Derived from Brave's own client, which describes only successful responses.
  {
    provider: 'brave',
    connector: braveSearch({ apiKey: 'fixture' }),
    contract: 'brave-search.derived',
    quirks: [/^undocumented status 422$/],
  },
  // Tavily returns null where its description declares a string.
  {
    provider: 'tavily',
    connector: tavilySearch({ apiKey: 'fixture' }),
    contract: 'tavily',
    quirks: [/^response\/(?:answer|results\/\d+\/raw_content) must be string /],
  },
] as const
const cases = described.flatMap(({ provider, ...rest }) =>
  readFixtures(join(import.meta.dirname, provider)).map(
    (fixture) => [`${provider}: ${fixture.tool}: ${fixture.name}`, { ...rest, fixture }] as const,
  ),
)

describe.skipIf(folder === undefined)(
  'the API descriptions of Brave and Tavily (skipped where they are absent)',
  () => {
    it.each(cases)(
      'match every request and response of %s',
      async (_name, { connector, contract, quirks, fixture }) => {
        const { check } = await loadVendorContract(folder ?? '', contract)
        for (const exchange of await exchangesOf(connector, fixture)) {
          const { op, problems } = check(exchange)
          expect(op).not.toBeNull()
          expect(problems.filter((problem) => !quirks.some((quirk) => quirk.test(problem)))).toEqual([])
        }
      },
    )

    it('name every country of Tavily, each with a code', () => {
      const file = JSON.parse(readFileSync(join(folder ?? '', 'tavily.json'), 'utf8')) as TavilyDescription
      const { country } = file.paths['/search'].post.requestBody.content['application/json'].schema.properties
      expect([...tavilyCountries.values()].toSorted()).toEqual(country.enum.toSorted())
      expect([...tavilyCountries.keys()].every((code) => /^[A-Z]{2}$/.test(code))).toBe(true)
    })

    it.each([
      ['search_lang', ['ja', 'no', 'pt', 'zh', 'de'].map((language) => ({ language }))],
      ['freshness', ['day', 'week', 'month', 'year'].map((freshness) => ({ freshness }))],
      ['safesearch', ['off', 'moderate', 'strict'].map((safe) => ({ safe }))],
    ])("accept every value that is sent as Brave's %s", (name, options) => {
      const file = JSON.parse(readFileSync(join(folder ?? '', 'brave-search.derived.json'), 'utf8')) as BraveDescription
      const { schema } = file.paths['/res/v1/web/search'].get.parameters.find((each) => each.name === name) ?? {}
      const accepted = schema?.enum ?? schema?.anyOf?.[0]?.enum
      const sent = options.map((option) => {
        const input = SearchInput.parse({ query: 'tides', ...option })
        // The tools of a factory have no types: the schema that parsed the input is the one of this tool.
        return braveSearch.tools['search']?.request?.(input as never, { settings: {} } as never).query?.[name]
      })
      expect(accepted).toEqual(expect.arrayContaining(sent))
    })

    it('detect a request that Brave would refuse', async () => {
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
