import { exchangesOf, loadVendorContract, loadVendorSchemas, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange, VendorContract } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { whatsappCloud } from '../src/index.ts'

const folder = vendorContracts()
const options = { token: 'EAAJ.fixture', phoneNumberId: '106853218861309', businessAccountId: '102290129340398' }
const fixtures = readFixtures(import.meta.dirname)
/** The description has no read receipts: see vendor-sdk.test.ts. */
const described = fixtures.filter(({ tool }) => tool !== 'mark_message_read')

/**
 * Most operations are described without errors, and lists without the paging of the Graph API. The path of a number is that
 * of a file, which is found instead of it and has no fields.
 */
const isQuirk = (problem: string): boolean =>
  /^undocumented status 4|^unknown query parameter (limit|after|fields)$/.test(problem)
const isMessage = ({ url }: Exchange): boolean => url.endsWith('/messages')

function findings(contract: VendorContract, { requestBody, ...exchange }: Exchange) {
  // No message fits the schema of messages: it is `allOf` of two schemas that forbid each other's fields.
  const checked = isMessage(exchange) ? exchange : { ...exchange, ...(requestBody !== undefined && { requestBody }) }
  const { op, problems } = contract.check(checked)
  return { op, problems: problems.filter((problem) => !isQuirk(problem)) }
}

describe.skipIf(folder === undefined)("Meta's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'whatsapp-cloud')

  it.each(described.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await load()
      const exchanges = await exchangesOf(whatsappCloud(options), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      // Files are on another host.
      for (const exchange of exchanges.filter(({ url }) => url.startsWith('https://graph.facebook.com/'))) {
        const { op, problems } = findings(contract, exchange)
        expect(op).not.toBeNull()
        expect(problems).toEqual([])
      }
    },
  )

  it.each(described.filter(({ tool }) => tool.startsWith('send_')).map((each) => [`${each.tool}: ${each.name}`, each]))(
    'matches the two schemas of the message of %s',
    async (_name, fixture) => {
      const problemsAt = await loadVendorSchemas(folder ?? '', 'whatsapp-cloud')
      const [exchange] = await exchangesOf(whatsappCloud(options), fixture)
      const message = exchange?.requestBody as Readonly<Record<string, unknown>> & { readonly type: string }
      const { type } = message
      expect(problemsAt('components/schemas/BaseMessageProperties', message)).toEqual([])
      const name = `${type[0]?.toUpperCase()}${type.slice(1)}Message`
      const problems = problemsAt(`components/schemas/${name}/allOf/1/properties/${type}`, message[type])
      // The pattern of an index is a mistake: it has no "0", although the first button has that index.
      expect(problems.filter((problem) => !problem.includes('index must match pattern'))).toEqual([])
    },
  )

  it('detects what Meta would refuse', async () => {
    const problemsAt = await loadVendorSchemas(folder ?? '', 'whatsapp-cloud')
    expect(problemsAt('components/schemas/TextMessage/allOf/1/properties/text', { text: 'Hello' })).toHaveLength(1)
    const contract = await load()
    const url = 'https://graph.facebook.com/v25.0/102290129340398/phone_numbers'
    const exchange = { method: 'GET', url, status: 200, responseBody: { data: [{ id: 1 }] } }
    expect(findings(contract, exchange).problems.join()).toContain('must be string')
  })
})
