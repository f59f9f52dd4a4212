import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { openai } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** The gaps of the description. */
const QUIRKS: readonly RegExp[] = [
  // Only the statuses 200 and 429 are described.
  /^undocumented status [45]\d\d$/,
  // The service sends null where there is none.
  /^response\/system_fingerprint must be string /,
  // A failed response has no usage.
  /^response\/usage must be object /,
]
const isQuirk = (problem: string): boolean => QUIRKS.some((quirk) => quirk.test(problem))

const load = (name: string) => loadVendorContract(folder ?? '', name)
const fileOf = (tool: string): string => (tool.endsWith('_response') ? 'openai-responses' : 'openai')

describe.skipIf(folder === undefined)("OpenAI's own API description (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches the request and response of %s',
    async (_name, fixture) => {
      const contract = await load(fileOf(fixture.tool))
      const exchanges = await exchangesOf(openai({ apiKey: 'sk-fixture', ...fixture.settings }), fixture)
      expect(exchanges).toHaveLength(1)
      for (const exchange of exchanges) {
        const { op, problems } = contract.check(exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
      }
    },
  )

  it('detects a request that OpenAI would refuse', async () => {
    const contract = await load('openai')
    const wrong = {
      method: 'POST',
      url: 'https://api.openai.com/v1/embeddings',
      requestBody: { input: 'Reed', model: 'text-embedding-3-small', size: 3 },
      status: 200,
    }
    expect(contract.check(wrong).problems).toHaveLength(1)
  })
})
