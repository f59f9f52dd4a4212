import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { anthropic } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Returns whether a finding is about the status that is documented on a page only. */
const isQuirk = (problem: string): boolean => problem === 'undocumented status 529'

const load = () => loadVendorContract(folder ?? '', 'anthropic')

describe.skipIf(folder === undefined)("Anthropic's own API description (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(anthropic({ apiKey: 'sk-fixture', ...fixture.settings }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const exchange of exchanges) {
        const { op, problems } = contract.check(exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !isQuirk(problem))).toEqual([])
      }
    },
  )

  it('detects a request that Anthropic would refuse', async () => {
    const contract = await load()
    const wrong = {
      method: 'POST',
      url: 'https://api.anthropic.com/v1/messages',
      requestBody: { model: 'claude-sonnet-5-5', messages: [{ role: 'user', content: 'Hi' }] },
      status: 200,
    }
    expect(contract.check(wrong).problems[0]).toContain("must have required property 'max_tokens'")
  })
})
