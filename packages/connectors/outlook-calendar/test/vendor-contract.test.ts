import { exchangesOf, loadVendorContract, readFixtures, vendorContracts } from '@mcpclient/testkit'
import type { Exchange, VendorContract } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { outlookCalendar } from '../src/index.ts'
import { eventNotifications } from '../src/sync.ts'
import { meeting, PARAMS, setUp } from './sync-scene.ts'

const fixtures = readFixtures(import.meta.dirname)
const folder = vendorContracts()
const GRAPH = 'https://graph.microsoft.com/v1.0/'
/** Tools whose operations the excerpt of the description leaves out. */
const UNDESCRIBED: ReadonlySet<string> = new Set([
  'get_calendar',
  'list_instances',
  'find_meeting_times',
  'respond_to_event',
])

/**
 * Returns whether a finding is an error of the description: it requires type names that Graph sends only with full metadata,
 * has no tokens of links, and requires a window beside them.
 */
const isQuirk = (problem: string): boolean =>
  problem.includes("must have required property '@odata.type'") ||
  /query parameter \$?(?:skiptoken|deltatoken|startDateTime|endDateTime)/.test(problem)

/** Returns the findings about an exchange. Every calendar is described like the default one. */
function findings(contract: VendorContract, { status, responseBody, url, ...request }: Exchange) {
  const response = status < 300 && responseBody !== undefined ? { status, responseBody } : {}
  const described = url
    .replace(/me\/calendar(?:s\/[^/]+)?\/(events|calendarView)/, 'me/$1')
    .replace(/\/delta(?=\?|$)/, '/delta()')
  const { op, problems } = contract.check({ ...request, url: described, ...response } as Exchange)
  return { op, problems: problems.flatMap((each) => each.split('; ')).filter((problem) => !isQuirk(problem)) }
}

describe.skipIf(folder === undefined)("Graph's own API description (skipped where it is absent)", () => {
  const load = () => loadVendorContract(folder ?? '', 'microsoft-graph')

  it.each(
    fixtures
      .filter(({ tool }) => !UNDESCRIBED.has(tool))
      .map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const),
  )('matches every request and response of %s', async (_name, fixture) => {
    const contract = await load()
    const exchanges = await exchangesOf(outlookCalendar({ token: 'eyJ0.fixture' }), fixture)
    expect(exchanges.length).toBeGreaterThan(0)
    for (const exchange of exchanges) {
      const { op, problems } = findings(contract, exchange)
      expect(op).not.toBeNull()
      expect(problems).toEqual([])
    }
  })

  it('matches every request and response of a sync', async () => {
    const contract = await load()
    const { events, table, rowOf, settle, sent, graph } = setUp()
    await events.insert(meeting('Egret'))
    await events.insert(meeting('Bittern', 6))
    const curlew = await events.insert(meeting('Curlew', 8))
    table.edit('mine', meeting('Heron', 7))
    await settle()
    table.edit(rowOf('Egret'), { subject: 'Great egret', location: null, showAs: null })
    table.drop(rowOf('Bittern'))
    await events.patch(String(events.all()[0]?.['id']), { importance: 'high' })
    await events.remove(curlew)
    await settle()
    graph.expireDeltaLinks()
    await settle()
    const seen = new Set<string | null>()
    for (const { method, url, body, status, response } of sent) {
      const exchange = {
        method,
        url: url.href,
        status,
        responseBody: response,
        ...(body !== undefined && { requestBody: body }),
      }
      const { op, problems } = findings(contract, exchange)
      expect(problems).toEqual([])
      seen.add(op)
    }
    expect(seen.has(null)).toBe(false)
    expect(seen.size).toBeGreaterThanOrEqual(5)
  })

  it('matches the requests for subscriptions', async () => {
    const contract = await load()
    const channel = {
      id: 'c1',
      token: 't1',
      address: 'https://app.example/hooks',
      expiresAt: 1_796_000_000_000,
      params: { ...PARAMS, timeZone: 'UTC' },
    }
    const { create, renew, stop } = eventNotifications.subscribe ?? {}
    const requests = [
      create?.(channel, {} as never),
      renew?.({ ...channel, handle: '7f105c7d' }, {} as never),
      stop?.({ id: 'c1', handle: '7f105c7d' }),
    ]
    for (const request of requests) {
      const requestBody = request?.body?.kind === 'json' ? { requestBody: request.body.value } : {}
      const exchange = {
        method: request?.method ?? '',
        url: GRAPH + (request?.path ?? ''),
        status: 500,
        ...requestBody,
      }
      const { op, problems } = findings(contract, exchange)
      expect(op).not.toBeNull()
      expect(problems).toEqual([])
    }
  })

  it('detects a body that Graph would refuse', async () => {
    const contract = await load()
    const exchange = { method: 'POST', url: `${GRAPH}me/events`, requestBody: { start: '2026-11-02' }, status: 201 }
    expect(findings(contract, exchange).problems).not.toEqual([])
  })
})
