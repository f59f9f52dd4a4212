import {
  exchangesOf,
  GRAPH_TOKEN,
  graphScene,
  loadVendorContract,
  readFixtures,
  vendorContracts,
} from '@mcpclient/testkit'
import type { Exchange, VendorContract } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { outlookContacts } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Graph does not ask for `@odata.type`, and returns it only where a type is not the declared one. */
const isQuirk = (problem: string): boolean => problem.includes("must have required property '@odata.type'")

/** Returns the findings about an exchange. A folder of contacts is described like the default one, which alone is in the file. */
function findings(contract: VendorContract, { status, responseBody, url, ...request }: Exchange) {
  const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
  const described = url
    .replace(/me\/contactFolders\/[^/]+\/contacts/, 'me/contacts')
    .replace(/\/delta(?=\?|$)/, '/delta()')
  const { op, problems } = contract.check({ ...request, url: described, ...response } as Exchange)
  return { op, problems: problems.filter((problem) => !isQuirk(problem)) }
}

describe.skipIf(folder === undefined)("Graph's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'microsoft-graph')

  it.each(
    fixtures
      .filter(({ tool }) => tool !== 'list_contact_folders')
      .map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const),
  )('matches every request and response of %s', async (_name, fixture) => {
    const contract = await load()
    const exchanges = await exchangesOf(outlookContacts({ token: 'eyJ0.fixture' }), fixture)
    expect(exchanges.length).toBeGreaterThan(0)
    for (const exchange of exchanges) {
      const { op, problems } = findings(contract, exchange)
      expect(op).not.toBeNull()
      expect(problems).toEqual([])
    }
  })

  it('matches every request and response of a sync', async () => {
    const contract = await load()
    const { graph, table, settle, sent } = graphScene(outlookContacts({ token: GRAPH_TOKEN }), { sync: 'contacts' })
    const people = graph.contacts()
    const address = { city: 'Ely' }
    await people.insert({ givenName: 'Ada', homeAddress: address, homePhones: ['+1 918 555 0101'] })
    const gone = await people.insert({ givenName: 'Bo' })
    await people.insert({ givenName: 'Cy' })
    table.edit('mine', {
      givenName: 'Di',
      emailAddresses: [{ address: 'di@marshes.example' }],
      businessAddress: address,
    })
    await settle()
    table.edit(
      table.idWhere((row) => row['givenName'] === 'Ada'),
      { homeAddress: null, homePhones: null, surname: 'Reed', birthday: '1974-07-22T00:00:00Z' },
    )
    table.drop(table.idWhere((row) => row['givenName'] === 'Cy'))
    await people.remove(gone)
    graph.expireDeltaLinks()
    await settle()
    const seen = new Set<string | null>()
    for (const { method, url, body, status, response } of sent) {
      const exchange = { method, url: url.href, ...(body !== undefined && { requestBody: body }), status }
      const { op, problems } = findings(contract, { ...exchange, responseBody: response })
      expect(problems).toEqual([])
      seen.add(op)
    }
    const operations = ['contacts.delta', 'CreateContacts', 'GetContacts', 'UpdateContacts', 'DeleteContacts']
    expect(new Set([...seen].map((op) => op?.replace(/^me\./, '')))).toEqual(new Set(operations))
  })

  it('detects a body that Graph would refuse', async () => {
    const contract = await load()
    const url = 'https://graph.microsoft.com/v1.0/me/contacts'
    const exchange = { method: 'POST', url, requestBody: { birthday: 'May' }, status: 201 }
    expect(findings(contract, exchange).problems.join()).toContain('request/birthday must match pattern')
  })
})
