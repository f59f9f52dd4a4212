import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { twilio } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()
const credential = { accountSid: 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001', authToken: 'recorded' }

/** Returns a form with the lists, numbers and booleans that its strings stand for. */
function described(form: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const types: Readonly<Record<string, (value: unknown) => unknown>> = {
    MediaUrl: (value) => [value].flat(),
    StatusCallbackEvent: (value) => [value].flat(),
    Record: (value) => value === 'true',
    Timeout: Number,
    TimeLimit: Number,
    ValidityPeriod: Number,
  }
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [name, types[name]?.(value) ?? value]))
}

/** A known error of the description: the links of a page are relative. */
const QUIRK = /^response\/(?:\w+_)?uri must (?:match (?:format "uri"|a schema in anyOf)|be null)/

describe.skipIf(folder === undefined)("Twilio's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'twilio')

  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(twilio({ ...credential, ...fixture.settings }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const { status, responseBody, requestBody, ...request } of exchanges) {
        const form = requestBody === undefined ? {} : { requestBody: described(requestBody as object as never) }
        // It describes no errors.
        const response = status < 300 ? { status, ...(responseBody !== undefined && { responseBody }) } : {}
        const { op, problems } = contract.check({ ...request, ...form, ...response } as Exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !QUIRK.test(problem))).toEqual([])
      }
    },
  )

  it('detects a request that Twilio would refuse', async () => {
    const contract = await load()
    const url = `https://api.twilio.com/2010-04-01/Accounts/${credential.accountSid}/Messages.json`
    const problems = (requestBody: object) =>
      contract.check({ method: 'POST', url, requestBody, status: 201 }).problems.join()
    expect(problems({ To: '+14155550100', MessagingServiceSid: 'MG1' })).toContain(
      'must NOT have fewer than 34 characters',
    )
    expect(problems({ From: '+15005550006' })).toContain("must have required property 'To'")
  })
})
