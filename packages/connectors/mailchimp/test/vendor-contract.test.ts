import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Fixture } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { mailchimp } from '../src/index.ts'

const folder = vendorContracts()

const quirks = [
  // Mailchimp's examples have an empty string where a time is unknown.
  /must match format "date-time"/,
  // An error has a default response, which the checker knows by its status.
  /^undocumented status 40[04]$/,
]

/** Tools of the operations that are in the description. The tests beside Mailchimp's own client have all. */
const absent = ['schedule', 'unschedule', 'delete_campaign', 'get_campaign', 'permanently', 'delete_webhook']
const isDescribed = ({ tool }: Fixture): boolean => !absent.some((part) => tool.includes(part))

describe.skipIf(folder === undefined)("Mailchimp's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'mailchimp')

  it.each(
    readFixtures(import.meta.dirname)
      .filter(isDescribed)
      .map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const),
  )('matches every request and response of %s', async (_name, fixture) => {
    const contract = await load()
    const exchanges = await exchangesOf(mailchimp({ token: 'token-1', dataCenter: 'us6' }), fixture)
    expect(exchanges.length).toBeGreaterThan(0)
    for (const exchange of exchanges) {
      const { op, problems } = contract.check(exchange)
      expect(op).not.toBeNull()
      expect(problems.filter((problem) => !quirks.some((quirk) => quirk.test(problem)))).toEqual([])
    }
  })

  it('detects a body that Mailchimp would refuse', async () => {
    const contract = await load()
    const url = 'https://us6.api.mailchimp.com/3.0/lists/l1/members/h'
    const exchange = { method: 'PUT', url, requestBody: { status_if_new: 'gone' }, status: 200, responseBody: {} }
    expect(contract.check(exchange).problems.length).toBeGreaterThan(1)
  })
})
