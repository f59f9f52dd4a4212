import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../src/auth/grant.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import { MINUTE, RenewalFixture, type Exchange } from '../../simulation/renewal-fixture.ts'

const SECOND = 1000
const expiring = { kind: 'expiring' } as const

/** Returns an exchange that responds after `ms`. */
const responds =
  (fixture: RenewalFixture, generation: number, ms = 500, but: Partial<Grant> = {}): Exchange =>
  async () => {
    await fixture.delay(ms)
    return fixture.grant(generation, but)
  }
const mustNotExchange: Exchange = () => Promise.reject(new Error('The token must not be used.'))
const never: Exchange = (_record, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe('renewGrant() in several workers', () => {
  it('refreshes an expired token once in two workers, and the loser adopts the winner’s grant', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const both = Promise.all([
      renewGrant(fixture.worker('one', responds(fixture, 1)), expiring),
      renewGrant(fixture.worker('two', mustNotExchange), expiring),
    ])
    const rows = await fixture.done(both)
    expect(rows.map(({ record }) => record.grant?.accessToken)).toEqual(['access1', 'access1'])
    expect(fixture.exchanged).toEqual(['one refresh0'])
    expect(await fixture.record()).toEqual({ credential: {}, grant: rows[0].record.grant, generation: 1 })
    expect(fixture.events).toEqual(['one renewed'])
  })

  it('uses a valid token while another worker refreshes it', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const slow = renewGrant(fixture.worker('one', responds(fixture, 1, 10 * SECOND)), expiring)
    await fixture.pass(SECOND)
    const before = fixture.time.now
    const row = await fixture.done(renewGrant(fixture.worker('two', mustNotExchange), expiring))
    expect(row.record.grant?.accessToken).toBe('access0')
    expect(fixture.time.now - before).toBeLessThan(SECOND)
    await fixture.done(slow)
  })

  it('does not refresh a token that is not due', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 50 * MINUTE)
    await fixture.done(renewGrant(fixture.worker('one', mustNotExchange), expiring))
    expect(fixture.exchanged).toEqual([])
  })

  it('uses a token that another worker stored after a 401, without a refresh', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({ grant: fixture.grant(1) })
    const refused = { kind: 'refused', accessToken: 'access0' } as const
    const row = await fixture.done(renewGrant(fixture.worker('one', mustNotExchange), refused))
    expect(row.record.grant?.accessToken).toBe('access1')
  })

  it('does not refresh a token that is refused moments after it was issued', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 5 * SECOND)
    const refused = { kind: 'refused', accessToken: 'access0' } as const
    expect(await fixture.failure(renewGrant(fixture.worker('one', mustNotExchange), refused))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'fresh_token_refused' },
    })
    expect((await fixture.record()).lease).toBeUndefined()
  })
})

describe('leases', () => {
  it('record the token before it is used', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({ generation: 7 })
    let noted: unknown
    const exchange: Exchange = async () => {
      noted = (await fixture.record()).lease
      return fixture.grant(8)
    }
    await fixture.done(renewGrant(fixture.worker('one', exchange), expiring))
    expect(noted).toEqual({ owner: 'one', until: fixture.now + 30 * SECOND, generation: 7 })
  })

  it('delay other workers for the length of the lease after a crash, and no longer', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    // The requests and timers of this process are gone.
    const dead = fixture.worker('dead', () => new Promise<Grant>(() => undefined))
    void renewGrant({ ...dead, clock: { ...dead.clock, schedule: () => () => undefined } }, expiring)
    await fixture.pass(0)
    const before = fixture.time.now
    const successor = fixture.worker('successor', responds(fixture, 1, 0))
    const row = await fixture.done(renewGrant(successor, expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(fixture.time.now - before).toBeGreaterThanOrEqual(30 * SECOND)
    expect(fixture.time.now - before).toBeLessThan(31 * SECOND)
  })

  it('are released if the authorization server ignores the abort signal', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const stuck = fixture.worker('stuck', () => new Promise<Grant>(() => undefined))
    expect(await fixture.failure(renewGrant(stuck, expiring))).toMatchObject({ code: 'TIMEOUT' })
    expect(await fixture.record()).toMatchObject({ state: 'degraded', unresolved: { how: 'no_reply' } })
  })

  it.for([-2 * MINUTE, 2 * MINUTE])('are taken neither early nor late by a clock that is %i ms off', async (skewMs) => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 65 * MINUTE)
    const lease = { owner: 'dead', until: fixture.now + 30 * SECOND, generation: 0 }
    await fixture.force({ ...(await fixture.record()), lease })
    const before = fixture.time.now
    await fixture.done(renewGrant(fixture.worker('successor', responds(fixture, 1, 0), { skewMs }), expiring))
    expect(Math.round((fixture.time.now - before) / SECOND)).toBe(30)
  })

  it('are released if they took too long to get, because they may expire before the response', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    fixture.faults.writeMs = 6 * SECOND
    void renewGrant(fixture.worker('one', mustNotExchange), expiring).catch(() => undefined)
    await fixture.pass(7 * SECOND)
    expect(fixture.exchanged).toEqual([])
    fixture.faults.writeMs = 0
    await fixture.pass(10 * SECOND)
    expect(fixture.exchanged).toEqual(['one refresh0'])
  })

  it('are used if the store wrote them but reported a failure', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    fixture.faults.writes.push('reports a failure')
    const row = await fixture.done(renewGrant(fixture.worker('one', responds(fixture, 1)), expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(row.record.lease).toBeUndefined()
  })

  it('outlast a request to a server that hangs', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const before = fixture.time.now
    expect(await fixture.failure(renewGrant(fixture.worker('one', never), expiring))).toMatchObject({ code: 'TIMEOUT' })
    expect(fixture.time.now - before).toBe(20 * SECOND)
    expect((await fixture.record()).unresolved).toEqual({ since: fixture.now, how: 'no_reply' })
  })

  it.each([0, 4 * SECOND, 5 * SECOND])(
    'outlast a request to a hanging server, aborted after 20 seconds, with a write of %i ms',
    async (writeMs) => {
      const fixture = new RenewalFixture()
      await fixture.connect({}, 61 * MINUTE)
      fixture.faults.writeMs = writeMs
      const before = fixture.time.now
      let endedMs = 0
      const hangs: Exchange = (_record, signal) =>
        new Promise((_resolve, reject) => {
          fixture.faults.writeMs = 0
          signal.addEventListener('abort', () => {
            endedMs = fixture.time.now - before
            reject(signal.reason as Error)
          })
        })
      expect(await fixture.failure(renewGrant(fixture.worker('one', hangs), expiring))).toMatchObject({
        code: 'TIMEOUT',
      })
      expect(endedMs).toBe(20 * SECOND)
    },
  )

  it('are released if they took more than 5 seconds to take', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    fixture.faults.writeMs = 5 * SECOND + 1
    void renewGrant(fixture.worker('one', mustNotExchange), expiring).catch(() => undefined)
    await fixture.pass(6 * SECOND)
    expect(fixture.exchanged).toEqual([])
  })
})

describe('a refresh token that may have been used', () => {
  it('is not used again at a single-use provider while its access token works', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({ lease: { owner: 'one', until: 0, generation: 0 } })
    const row = await fixture.done(renewGrant(fixture.worker('one', mustNotExchange), expiring))
    expect(row.record).toMatchObject({ grant: { accessToken: 'access0' }, unresolved: { how: 'crashed' } })
    expect(row.record.lease).toBeUndefined()
    await fixture.pass(3 * MINUTE)
    await fixture.done(renewGrant(fixture.worker('one', responds(fixture, 1)), expiring))
    expect(await fixture.record()).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect((await fixture.record()).unresolved).toBeUndefined()
  })

  it('is used again at once inside a reuse window, where that is safe and later is not', async () => {
    const fixture = new RenewalFixture({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await fixture.connect({ lease: { owner: 'one', until: 0, generation: 0 } })
    await fixture.done(renewGrant(fixture.worker('one', responds(fixture, 1)), expiring))
    expect(fixture.exchanged).toEqual(['one refresh0'])
  })
})

describe('a change by the user', () => {
  it('is not overwritten by a refresh if the user reconnects', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const renewing = renewGrant(fixture.worker('one', responds(fixture, 1, 5 * SECOND)), expiring)
    await fixture.pass(SECOND)
    const theirs = fixture.grant(100)
    await fixture.force({ credential: {}, grant: theirs, generation: 5 })
    const row = await fixture.done(renewing)
    expect(row.record.grant).toEqual(theirs)
    expect(await fixture.record()).toEqual({ credential: {}, grant: theirs, generation: 5 })
  })

  it('does not lead to needs_reauth if the user reconnects while the old grant is refused', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const theirs = fixture.grant(100)
    const exchange: Exchange = async () => {
      await fixture.force({ credential: {}, grant: theirs, generation: 1 })
      throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'No.', { reason: 'invalid_grant' })
    }
    const row = await fixture.done(renewGrant(fixture.worker('one', exchange), expiring))
    expect(row.record).toEqual({ credential: {}, grant: theirs, generation: 1 })
    expect(fixture.events).toEqual([])
  })

  it('stays disconnected after a refresh, whose new grant is revoked', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const renewing = renewGrant(fixture.worker('one', responds(fixture, 1, 5 * SECOND)), expiring)
    await fixture.pass(SECOND)
    await fixture.force(undefined)
    expect(await fixture.failure(renewing)).toMatchObject({ details: { reason: 'disconnected' } })
    expect(await fixture.row()).toBeUndefined()
    expect(fixture.discarded).toEqual(['access1'])
  })

  it('prevents a revoked token from being used because its refresh failed', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const renewing = renewGrant(fixture.worker('one', never), expiring)
    await fixture.pass(SECOND)
    const revoked = {
      credential: {},
      grant: (await fixture.record()).grant,
      state: 'revoked',
      trouble: { reason: 'quarantined', since: fixture.now },
    } as const
    await fixture.force(revoked)
    expect(await fixture.failure(renewing)).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'quarantined' },
    })
    expect(await fixture.record()).toEqual(revoked)
  })

  it.for(['pending', 'revoked', 'needs_reauth'] as const)(
    'keeps a grant that is %s from being refreshed',
    async (state) => {
      const fixture = new RenewalFixture()
      await fixture.connect({ state })
      expect(await fixture.failure(renewGrant(fixture.worker('one', mustNotExchange), expiring))).toMatchObject({
        code: 'MCP_AUTHENTICATION_FAILURE',
        details: { reason: state, outcome: 'not_processed' },
      })
    },
  )
})

it('records that a token was used twice if its lease was taken over because of a wrong clock', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const right = fixture.worker('right', () => {
    const refusal = new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The token was used.', { reason: 'invalid_grant' })
    return fixture.delay(2 * SECOND).then(() => Promise.reject(refusal))
  })
  const ahead = fixture.worker('ahead', responds(fixture, 1), { skewMs: 24 * 60 * MINUTE })
  const both = Promise.allSettled([
    renewGrant(right, expiring),
    fixture.delay(100).then(() => renewGrant(ahead, expiring)),
  ])
  await fixture.done(both)
  expect(fixture.exchanged).toEqual(['right refresh0', 'ahead refresh0'])
  expect(await fixture.record()).toMatchObject({
    grant: { accessToken: 'access1' },
    unresolved: { how: 'shown_twice' },
  })
})
