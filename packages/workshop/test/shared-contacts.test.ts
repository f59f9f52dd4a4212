import { createMcpClient, fetchTransport, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { googleContacts } from '@mcpclient/google-contacts'
import { contacts as fromGoogle } from '@mcpclient/google-contacts/mapping'
import { outlookContacts } from '@mcpclient/outlook-contacts'
import { contacts as fromOutlook } from '@mcpclient/outlook-contacts/mapping'
import type { Contact } from '@mcpclient/shapes'
import { syncs } from '@mcpclient/sync'
import { storeReplica } from '@mcpclient/sync/store-replica'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGooglePeople, simulatedGraph } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'

/** Composes a client with the contacts of Google and Outlook in one table. */
function setUp() {
  const clock = createFakeClock()
  const google = simulatedGooglePeople({ clock, random: seededRandom(7), accessToken: 'token-of-google' })
  const graph = simulatedGraph({ clock, random: seededRandom(8), accessToken: 'token-of-outlook' })
  const table = storeReplica<Contact>(memoryStore({ clock }), 'contacts')
  let writes = 0
  const transport = fetchTransport({
    fetch(url, init) {
      const request = new Request(url, init)
      if (request.method !== 'GET') writes++
      return new URL(request.url).hostname === 'people.googleapis.com' ? google.handle(request) : graph.handle(request)
    },
  })
  const plan = { sync: 'contacts', replica: () => table }
  const mcp = createMcpClient({
    connectors: {
      google: googleContacts({ token: 'token-of-google' }),
      outlook: outlookContacts({ token: 'token-of-outlook' }),
    },
    vault: vault({ store: memoryStore({ clock }) }),
    capabilities: [
      syncs({
        plans: [
          { connector: 'google', ...plan, mapping: fromGoogle },
          { connector: 'outlook', ...plan, mapping: fromOutlook },
        ],
        secret: 'a-secret-of-at-least-32-characters',
      }),
    ],
    transport,
    clock,
    random: () => 0.5,
  })
  const ada = mcp.as('ada')
  return {
    google,
    people: graph.contacts(),
    rows: async () => (await Array.fromAsync(table.rows())).map(({ item }) => item),
    /** Syncs until nothing changes, and returns how much was written at the providers. */
    async settle(): Promise<number> {
      const before = writes
      const options = { direction: 'both', first: 'merge' } as const
      for (let rounds = 0; rounds < 4; rounds++) {
        expect(await clock.until(ada.google.syncData('contacts', options))).toMatchObject({ success: true, errors: [] })
        const params = {}
        const outlook = ada.outlook.syncData('contacts', { ...options, params })
        expect(await clock.until(outlook)).toMatchObject({ success: true, errors: [] })
        await clock.advance(6 * 60_000)
      }
      return writes - before
    },
  }
}

describe('one table for the contacts of Google and Outlook', () => {
  it('keeps both equal, and what only one of them has stays there', async () => {
    const { google, people, rows, settle } = setUp()
    google.insert({
      names: [{ givenName: 'Ada', familyName: 'Reed', phoneticGivenName: 'Eida' }],
      emailAddresses: [{ value: 'ada@marshes.example', type: 'work', displayName: 'Ada at work' }],
      phoneNumbers: [{ value: '1', type: 'workFax' }],
      organizations: [{ name: 'Herons', startDate: { year: 2020 } }, { name: 'Marshes Trust' }],
    })
    await people.insert({
      givenName: 'Bo',
      homePhones: ['2'],
      categories: ['Ringers'],
      birthday: '1980-01-02T11:59:00Z',
    })
    await settle()
    expect(await settle()).toBe(0)
    const inOutlook = (name: string) => people.all().find(({ givenName }) => givenName === name)
    expect(inOutlook('Ada')).toMatchObject({ surname: 'Reed', companyName: 'Herons', businessPhones: ['1'] })
    expect(google.contacts()[1]).toMatchObject({
      phoneNumbers: [{ value: '2', type: 'home' }],
      birthdays: [{ date: { year: 1980, month: 1, day: 2 } }],
    })
    // Kinds that Outlook lacks stay in the table.
    const kinds = (await rows()).map(({ emails = [], phones = [] }) =>
      [...emails, ...phones].map(({ kind }) => kind).join(' '),
    )
    expect(new Set(kinds)).toEqual(new Set(['home', 'work workFax']))

    const emailAddresses = [{ address: 'ada@marshes.example' }, { address: 'ada@home.example' }]
    await people.patch(String(inOutlook('Ada')?.['id']), { companyName: 'Reserve', emailAddresses })
    google.insert({ names: [{ givenName: 'Cy' }] })
    await settle()
    expect(await settle()).toBe(0)
    expect(google.contacts()[0]).toMatchObject({
      names: [{ phoneticGivenName: 'Eida' }],
      emailAddresses: [
        { value: 'ada@marshes.example', type: 'work', displayName: 'Ada at work' },
        { value: 'ada@home.example' },
      ],
      organizations: [{ name: 'Reserve', startDate: { year: 2020 } }, { name: 'Marshes Trust' }],
    })
    expect(inOutlook('Bo')).toMatchObject({ categories: ['Ringers'] })
    expect([people.all().length, google.contacts().length, (await rows()).length]).toEqual([3, 3, 3])
  })
})
