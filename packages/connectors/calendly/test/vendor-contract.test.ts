import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { calendly } from '../src/index.ts'

const folder = vendorContracts()

/** Tools whose operations are not in the trimmed description. */
const ABSENT = new Set(['list_availability_schedules', 'mark_no_show', 'unmark_no_show'])
const fixtures = readFixtures(import.meta.dirname).filter(({ tool }) => !ABSENT.has(tool))

describe.skipIf(folder === undefined)("Calendly's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'calendly')

  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(calendly({ token: 'recorded' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const exchange of exchanges) {
        const { op, problems } = contract.check(exchange)
        expect(op).not.toBeNull()
        expect(problems).toEqual([])
      }
    },
  )

  it('detects a request that Calendly would refuse', async () => {
    const contract = await load()
    const url = 'https://api.calendly.com/scheduling_links'
    const problems = (requestBody: object) => contract.check({ method: 'POST', url, requestBody, status: 201 }).problems
    expect(problems({ max_event_count: 2, owner: 'https://api.calendly.com/event_types/A' }).join()).toContain(
      'owner_type',
    )
  })
})
