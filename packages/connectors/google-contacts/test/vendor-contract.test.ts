import { discoveryMethods, exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange, Fixture } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { googleContacts } from '../src/index.ts'
import { includes } from '../src/scopes.ts'
import { setUp } from './sync-scene.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Returns whether the description has the operation. Of groups, it has the list alone; the tests beside Google's own client have all. */
const isDescribed = ({ tool }: Fixture): boolean => !tool.includes('group') || tool === 'list_contact_groups'

describe.skipIf(folder === undefined)("Google's own API description (skipped where it is absent)", () => {
  it.each(fixtures.filter(isDescribed).map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await loadVendorContract(folder ?? '', 'google-people')
      const exchanges = await exchangesOf(googleContacts({ token: 'ya29.fixture' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const { status, responseBody, ...request } of exchanges) {
        // It describes successful responses only.
        const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
        const { op, problems } = contract.check({ ...request, ...response } as Exchange)
        expect(op).not.toBeNull()
        expect(problems).toEqual([])
      }
    },
  )

  it('matches every request and response of a sync', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-people')
    const { google, table, settle, sent } = setUp()
    const name = (givenName: string) => ({ names: [{ givenName }] })
    google.insert({ ...name('Ada'), emailAddresses: [{ value: 'ada@marshes.example', type: 'work' }] })
    google.insert(name('Bo'))
    table.edit('mine', { ...name('Cy'), memberships: ['contactGroups/myContacts', 'contactGroups/starred'] })
    await settle()
    const idOf = (givenName: string) =>
      table.idWhere((row) => JSON.stringify(row).includes(`"givenName":"${givenName}"`))
    table.edit(idOf('Ada'), { ...name('Adah'), emailAddresses: null })
    table.drop(idOf('Bo'))
    google.expireSyncTokens()
    await settle()
    const seen = new Set<string | null>()
    for (const { method, url, body, status, response } of sent) {
      const described = status < 300 ? { status, responseBody: response } : {}
      const request = { method, url: url.href, ...(body !== undefined && { requestBody: body }) }
      const { op, problems } = contract.check({ ...request, ...described } as Exchange)
      expect(problems).toEqual([])
      seen.add(op)
    }
    const operations = ['connections.list', 'createContact', 'updateContact', 'deleteContact', 'get']
    expect(seen).toEqual(new Set(operations.map((operation) => `people.people.${operation}`)))
  })

  it('detects a request that Google would refuse', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-people')
    const url = 'https://people.googleapis.com/v1/people/me/connections?page=2'
    expect(contract.check({ method: 'GET', url, status: 200, responseBody: {} }).problems).toContain(
      'unknown query parameter page',
    )
  })

  it('accepts a wider scope wherever it accepts the scopes that it includes', () => {
    const methods = discoveryMethods(folder ?? '', 'google-people')
    for (const [wide, narrower] of Object.entries(includes)) {
      for (const scope of narrower) {
        const accepting = methods.filter(({ scopes = [] }) => scopes.includes(scope))
        expect(accepting.length).toBeGreaterThan(0)
        expect(accepting.filter(({ scopes = [] }) => !scopes.includes(wide))).toEqual([])
      }
    }
  })
})
