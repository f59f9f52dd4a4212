import { describe, expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { includes } from '../src/scopes.ts'
import { eventChannels } from '../src/sync.ts'
import { setUp } from './sync-scene.ts'
import { discoveryMethods, exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange } from '@mcpclient/testkit'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()

/** Returns whether a finding is an error of the description: in a patch, null removes a field. */
const isQuirk = (problem: string): boolean => /^request\/\S+ must be string /.test(problem)

describe.skipIf(folder === undefined)("Google's own API description (skipped where it is absent)", () => {
  it.each(fixtures.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'matches every request and response of %s',
    async (_name, fixture) => {
      const contract = await loadVendorContract(folder ?? '', 'google-calendar')
      const exchanges = await exchangesOf(googleCalendar({ token: 'ya29.fixture' }), fixture)
      expect(exchanges.length).toBeGreaterThan(0)
      for (const { status, responseBody, ...request } of exchanges) {
        // It describes successful responses only.
        const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
        const { op, problems } = contract.check({ ...request, ...response } as Exchange)
        expect(op).not.toBeNull()
        expect(problems.filter((problem) => !(request.method === 'PATCH' && isQuirk(problem)))).toEqual([])
      }
    },
  )

  it('matches every request and response of a sync', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-calendar')
    const { google, table, settle, sent } = setUp()
    const times = { start: { date: '2026-11-05' }, end: { date: '2026-11-06' } }
    await google.insert({ id: 'egret', summary: 'Egret', ...times })
    await google.insert({ id: 'bittern', summary: 'Bittern', ...times })
    // A create whose response is lost is read by its id.
    google.failNext({ reason: 'backendError', operation: 'events.insert', after: true })
    table.edit('mine', { summary: 'Heron', recurrence: ['RRULE:FREQ=DAILY;COUNT=3'], ...times })
    await settle()
    table.edit(table.idOf('Egret'), { summary: 'Great egret', location: null })
    table.drop(table.idOf('Bittern'))
    google.expireSyncTokens()
    await settle()
    const seen = new Set<string | null>()
    for (const { method, url, body, status, response } of sent) {
      const described = status < 300 && response !== undefined ? { status, responseBody: response } : {}
      const request = { method, url: url.href, ...(body !== undefined && { requestBody: body }) }
      const { op, problems } = contract.check({ ...request, ...described } as Exchange)
      expect(problems.filter((problem) => !(method === 'PATCH' && isQuirk(problem)))).toEqual([])
      seen.add(op)
    }
    const operations = ['list', 'insert', 'patch', 'delete', 'get'].map((name) => `calendar.events.${name}`)
    expect(seen).toEqual(new Set(operations))
  })

  it('matches the requests for channels', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-calendar')
    const channel = { id: 'c1', token: 't1', address: 'https://app.example/hooks', expiresAt: 1_796_000_000_000 }
    const { create, stop } = eventChannels.subscribe ?? {}
    const requests = [
      create?.({ ...channel, params: { calendarId: 'primary', sendUpdates: 'none' } }, { settings: {} }),
      stop?.({ id: 'c1', handle: 'r1' }),
    ]
    const operations = requests.map((request) => {
      const url = `https://www.googleapis.com/calendar/v3/${request?.path}`
      const requestBody = request?.body?.kind === 'json' ? request.body.value : undefined
      const { op, problems } = contract.check({ method: 'POST', url, requestBody } as Exchange)
      expect(problems).toEqual([])
      return op
    })
    expect(operations).toEqual(['calendar.events.watch', 'calendar.channels.stop'])
  })

  it('detects a request that Google would refuse', async () => {
    const contract = await loadVendorContract(folder ?? '', 'google-calendar')
    const url = 'https://www.googleapis.com/calendar/v3/calendars/primary/events?page=2'
    expect(contract.check({ method: 'GET', url, status: 200, responseBody: {} }).problems).toContain(
      'unknown query parameter page',
    )
  })

  it('accepts a wider scope wherever it accepts the scopes that it includes', () => {
    const methods = discoveryMethods(folder ?? '', 'google-calendar')
    for (const [wide, narrower] of Object.entries(includes)) {
      for (const scope of narrower) {
        const accepting = methods.filter(({ scopes = [] }) => scopes.includes(scope))
        expect(accepting.length).toBeGreaterThan(0)
        expect(accepting.filter(({ scopes = [] }) => !scopes.includes(wide))).toEqual([])
      }
    }
  })
})
