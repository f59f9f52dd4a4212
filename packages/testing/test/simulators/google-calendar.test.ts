import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/index.ts'
import type { SimulatedEvent } from '../../src/simulators.ts'
import { account, checked, EVENTS, meeting, series } from './google-calendar/account.ts'
import type { Account, Answer } from './google-calendar/account.ts'
import { vendorContract } from './google-calendar/vendor-contract.ts'

describe('a simulated Google Calendar', () => {
  it('rejects a request without its token', async () => {
    const { call, google } = account()
    const refused = { status: 401, reason: 'authError' }
    expect(await call('GET', EVENTS, { headers: { authorization: 'Bearer other' } })).toMatchObject(refused)
    google.useAccessToken('next')
    expect(await call('GET', EVENTS)).toMatchObject(refused)
    expect(await call('GET', EVENTS, { headers: { authorization: 'Bearer next' } })).toMatchObject({ status: 200 })
  })

  it("sends failures in Google's form", async () => {
    const { call } = account()
    expect((await call('GET', EVENTS, { query: { syncToken: 'unknown' } })).body).toEqual({
      error: {
        errors: [
          {
            domain: 'calendar',
            reason: 'fullSyncRequired',
            message: 'Sync token is no longer valid, a full sync is required.',
            locationType: 'parameter',
            location: 'syncToken',
          },
        ],
        code: 410,
        message: 'Sync token is no longer valid, a full sync is required.',
      },
    })
  })

  it('fails the next requests as planned, before their effect', async () => {
    const { call, google } = account()
    google.failNext({ reason: 'userRateLimitExceeded', count: 2 })
    google.failNext({ reason: 'backendError', status: 503, operation: 'events.insert' })
    expect(await call('GET', EVENTS)).toMatchObject({ status: 403, reason: 'userRateLimitExceeded' })
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({ status: 403 })
    expect(await call('GET', EVENTS)).toMatchObject({ status: 200 })
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({ status: 503, reason: 'backendError' })
    expect(google.events()).toEqual([])
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({ status: 200 })
  })

  it('fails a request after its effect as planned', async () => {
    const { call, google } = account()
    google.failNext({ reason: 'backendError', after: true, operation: 'events.insert' })
    const body = meeting(5, { id: 'event1' })
    expect(await call('POST', EVENTS, { body })).toMatchObject({ status: 500 })
    expect(await call('POST', EVENTS, { body })).toMatchObject({ status: 409, reason: 'duplicate' })
    expect(google.events()).toHaveLength(1)
  })

  it('fails at random until its faults are switched off', async () => {
    const { call, google } = account({ failBefore: 1 })
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({ status: 500, reason: 'backendError' })
    expect(google.events()).toEqual([])
    google.behave()
    expect(await call('POST', EVENTS, { body: meeting(5) })).toMatchObject({ status: 200 })
  })

  it('counts requests by operation, and writes of clients', async () => {
    const { call, google } = account()
    await google.insert(meeting(5, { id: 'event1' }))
    await call('PATCH', `${EVENTS}/event1`, { body: { summary: 'New' } })
    await call('PATCH', `${EVENTS}/unknown`, { body: {} })
    await call('GET', EVENTS)
    expect(google.requests).toEqual({ 'events.patch': 2, 'events.list': 1 })
    expect(google.writes()).toBe(1)
  })

  it('finds calendars by any id, and no calendar by a malformed one', async () => {
    const { call } = account({ calendars: [{ id: 'größe/1@東京', summary: 'Size', timeZone: 'UTC' }] })
    const path = `/calendars/${encodeURIComponent('größe/1@東京')}/events`
    expect(await call('GET', path)).toMatchObject({ status: 200 })
    const body = { id: 'channel', type: 'web_hook', address: 'https://app.example/' }
    expect(await call('POST', `${path}/watch`, { body })).toMatchObject({ status: 200 })
    expect(await call('GET', '/calendars/%zz/events')).toMatchObject({ status: 404 })
  })

  it.each([
    ['POST', `${EVENTS}/quickAdd`],
    ['GET', '/colors'],
    ['GET', `${EVENTS}?fields=items(id)&`],
  ])('says that it does not have %s %s', async (method, path) => {
    const { call } = account()
    expect(await call(method, path)).toMatchObject({ status: 501, reason: 'notSimulated' })
  })

  it.skipIf(vendorContract === undefined)(
    "sends responses that Google's description allows (skipped without the folder of vendors' descriptions)",
    async () => {
      checked.clear()
      const { call, google } = account()
      await google.insert(series())
      await call('POST', EVENTS, { body: meeting(5, { id: 'event1' }) })
      await call('PATCH', `${EVENTS}/event1`, { body: { summary: 'New' } })
      await call('PUT', `${EVENTS}/event1`, { body: meeting(6) })
      await call('GET', `${EVENTS}/event1`)
      await call('GET', `${EVENTS}/series/instances`)
      await call('DELETE', `${EVENTS}/event1`)
      await call('GET', EVENTS, { query: { showDeleted: 'true' } })
      const body = { id: 'channel', type: 'web_hook', address: 'https://app.example/' }
      const { resourceId } = (await call('POST', `${EVENTS}/watch`, { body })).body
      await call('POST', '/channels/stop', { body: { id: 'channel', resourceId } })
      const window = { timeMin: '2026-01-05T00:00:00Z', timeMax: '2026-01-13T00:00:00Z' }
      await call('POST', '/freeBusy', { body: { ...window, items: [{ id: 'primary' }, { id: 'other' }] } })
      await call('GET', '/users/me/calendarList')
      // Every call in these tests is checked. Here, each operation of the description is.
      expect([...checked].map((operation) => operation.replace('calendar.', '')).toSorted()).toEqual([
        'calendarList.list',
        'channels.stop',
        'events.delete',
        'events.get',
        'events.insert',
        'events.instances',
        'events.list',
        'events.patch',
        'events.update',
        'events.watch',
        'freebusy.query',
      ])
    },
  )
})

/** A client that does what Google's guide for sync says, and nothing else. */
class GuideClient {
  readonly store = new Map<string, SimulatedEvent>()
  #syncToken: string | undefined
  readonly #account: Account

  constructor(account: Account) {
    this.#account = account
  }

  /** Runs one round. `request` may lose a response. */
  async round(request: (query: Readonly<Record<string, string>>) => Promise<Answer | undefined>): Promise<boolean> {
    let pageToken: string | undefined
    if (this.#syncToken === undefined) this.store.clear()
    for (;;) {
      const answer = await request({
        maxResults: '2',
        ...(this.#syncToken !== undefined && { syncToken: this.#syncToken }),
        ...(pageToken !== undefined && { pageToken }),
      })
      if (answer?.status === 410) {
        this.#syncToken = undefined
        return false
      }
      if (answer?.status !== 200) return false
      for (const event of answer.body.items) this.#apply(event)
      const { nextPageToken, nextSyncToken } = answer.body
      if (typeof nextSyncToken === 'string') this.#syncToken = nextSyncToken
      if (typeof nextPageToken !== 'string') return true
      pageToken = nextPageToken
    }
  }

  /** Removes a deleted event with its exceptions. Stores a cancelled occurrence, as long as its series lives. */
  #apply(event: SimulatedEvent): void {
    const { id = '', status, recurringEventId } = event
    if (status !== 'cancelled' || recurringEventId !== undefined) this.store.set(id, event)
    else {
      this.store.delete(id)
      for (const [key, each] of this.store) if (each.recurringEventId === id) this.store.delete(key)
    }
  }

  /** Returns what the client has, without cancelled occurrences of a series that it does not have. */
  events(): readonly SimulatedEvent[] {
    return [...this.store.values()].filter(
      ({ status, recurringEventId = '' }) => status !== 'cancelled' || this.store.has(recurringEventId),
    )
  }

  get account(): Account {
    return this.#account
  }
}

const byId = (events: readonly SimulatedEvent[]): readonly SimulatedEvent[] =>
  events.toSorted((a, b) => (a.id ?? '').localeCompare(b.id ?? ''))

async function edit({ google, clock }: Account, random: () => number): Promise<void> {
  const pick = (count: number): number => Math.floor(random() * count)
  const events = google.events().filter(({ status }) => status !== 'cancelled')
  const id = events[pick(events.length)]?.id
  const occurrence = `series${pick(3)}_202601${['05', '12', '19'][pick(3)]}T090000Z`
  const action = pick(6)
  await clock.advance(pick(2000))
  if (action === 0) await google.insert(meeting(1 + pick(28)))
  else if (action === 1) await google.insert(series({ id: `series${pick(3)}` })).catch(() => {})
  else if (action === 2 && id !== undefined) await google.remove(id)
  else if (action === 3) await google.remove(occurrence).catch(() => {})
  else if (action === 4) await google.patch(occurrence, { summary: `Moved ${pick(99)}` }).catch(() => {})
  else if (id !== undefined) await google.patch(id, { summary: `Renamed ${pick(99)}` })
}

describe("a client that follows Google's guide", () => {
  it('ends equal with the calendar under random edits, lost pages and expired tokens', async () => {
    let wiped = 0
    let lost = 0
    for (let seed = 0; seed < 300; seed++) {
      const random = seededRandom(seed)
      const faults = { failBefore: 0.1, stalePages: 0.1, repeatedPages: 0.2, emptyPages: 0.2, lagMs: 500 }
      const client = new GuideClient(account({ random, ...faults }))
      const { call, google, clock } = client.account
      const request = async (query: Readonly<Record<string, string>>): Promise<Answer | undefined> => {
        if (random() < 0.2) await edit(client.account, random)
        if (random() < 0.05) google.expireSyncTokens()
        if (random() < 0.05) google.expirePageTokens()
        const answer = await call('GET', EVENTS, { query })
        if (answer.status === 410) wiped++
        if (random() >= 0.1) return answer
        lost++
        return undefined
      }
      for (let step = 0; step < 30; step++) {
        await edit(client.account, random)
        if (step % 3 === 0) await client.round(request)
      }
      google.behave()
      await clock.advance(500)
      const calm = (query: Readonly<Record<string, string>>): Promise<Answer> => call('GET', EVENTS, { query })
      for (let round = 0; round < 2; round++) await client.round(calm)
      expect(byId(client.events()), `seed ${seed}`).toEqual(byId(google.events()))
    }
    expect(wiped).toBeGreaterThan(100)
    expect(lost).toBeGreaterThan(100)
  })
})
