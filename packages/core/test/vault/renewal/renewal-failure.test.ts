import { describe, expect, it } from 'vitest'
import type { Rotation } from '../../../src/auth/grant-flow.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import type { ErrorCode } from '../../../src/errors/codes.ts'
import type { ErrorDetails } from '../../../src/errors/connector-error.ts'
import { MINUTE, RenewalFixture, type Exchange } from '../../simulation/renewal-fixture.ts'

const SECOND = 1000
const expiring = { kind: 'expiring' } as const
const fails =
  (code: ErrorCode, details: ErrorDetails = {}): Exchange =>
  () =>
    Promise.reject(new ConnectorError(code, 'The server said no.', details))
const invalidGrant = fails('MCP_AUTHENTICATION_FAILURE', { reason: 'invalid_grant' })
const mustNotExchange: Exchange = () => Promise.reject(new Error('The token must not be used.'))

describe('a temporary failure', () => {
  it('does not lead to needs_reauth after a 503, however long it lasts', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const worker = fixture.worker('one', fails('MCP_SERVER_ERROR', { status: 503 }))
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(await fixture.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'MCP_SERVER_ERROR' })
      await fixture.pass(MINUTE)
    }
    expect(await fixture.record()).toMatchObject({
      state: 'degraded',
      grant: { refreshToken: 'refresh0' },
      trouble: { reason: 'renewal_failed', failures: 12 },
    })
    expect(fixture.events).toEqual(['one degraded'])
    await fixture.done(
      renewGrant(
        fixture.worker('one', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect(await fixture.record()).toEqual({ credential: {}, grant: fixture.grant(1), generation: 1 })
    expect(fixture.events).toEqual(['one degraded', 'one renewed', 'one recovered'])
  })

  it('leaves a valid token in use while the server fails', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const row = await fixture.done(renewGrant(fixture.worker('one', fails('MCP_SERVER_ERROR')), expiring))
    expect(row.record).toMatchObject({ state: 'degraded', grant: { accessToken: 'access0' } })
  })

  it('is not retried before the recorded time', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const limited = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: 40 * SECOND, outcome: 'not_processed' })
    await fixture.failure(renewGrant(fixture.worker('one', limited), expiring))
    await fixture.pass(39 * SECOND)
    expect(await fixture.failure(renewGrant(fixture.worker('two', mustNotExchange), expiring))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { outcome: 'not_processed', retryAfterMs: SECOND },
    })
    await fixture.pass(SECOND)
    await fixture.done(
      renewGrant(
        fixture.worker('two', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
  })

  it('leaves no doubt whether the refresh token was used, if the server did not process it', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const limited = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: SECOND, outcome: 'not_processed' })
    await fixture.done(renewGrant(fixture.worker('one', limited), expiring))
    expect((await fixture.record()).unresolved).toBeUndefined()
  })

  const unexplained = fails('MCP_SERVER_ERROR', {
    status: 401,
    reason: 'refusal_unexplained',
    outcome: 'not_processed',
  })

  it('includes a refusal without a reason at first, until it lasts', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const worker = fixture.worker('one', unexplained)
    for (let minutes = 0; minutes < 10; minutes += 1) {
      expect(await fixture.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'MCP_SERVER_ERROR' })
      expect((await fixture.record()).state).toBe('degraded')
      await fixture.pass(MINUTE)
    }
    expect(await fixture.failure(renewGrant(worker, expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'refusal_unexplained' },
    })
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', grant: { refreshToken: 'refresh0' } })
    expect(fixture.events).toEqual(['one degraded', 'one needs_reauth'])

    await fixture.pass(59 * MINUTE)
    expect(await fixture.failure(renewGrant(fixture.worker('one', mustNotExchange), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    await fixture.pass(MINUTE)
    await fixture.done(
      renewGrant(
        fixture.worker('one', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect((await fixture.record()).state).toBeUndefined()
  })

  it.each([
    ['only three', 3, 60 * MINUTE],
    ['many within minutes', 8, 61 * SECOND],
  ])('includes refusals without a reason: %s', async (_name, times, passMs) => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    for (let count = 0; count < times; count += 1) {
      await fixture.failure(renewGrant(fixture.worker('one', unexplained), expiring))
      await fixture.pass(passMs)
    }
    expect((await fixture.record()).state).toBe('degraded')
  })

  it('ends after refusals without a reason although a clock a year ahead recorded the first one', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const ahead = fixture.worker('ahead', unexplained, { skewMs: 365 * 24 * 60 * MINUTE })
    await fixture.failure(renewGrant(ahead, expiring))
    for (let minutes = 0; minutes < 11; minutes += 1) {
      await fixture.failure(renewGrant(fixture.worker('one', unexplained), expiring))
      await fixture.pass(MINUTE)
    }
    expect((await fixture.record()).state).toBe('needs_reauth')
  })

  it('ends once the learnt life of a token without a known expiry is over', async () => {
    const fixture = new RenewalFixture()
    const { expiresAt: _unknown, ...grant } = fixture.grant(0)
    await fixture.connect({ grant: { ...grant, learntLifeMs: 60 * MINUTE } }, 61 * MINUTE)
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await fixture.done(renewGrant(fixture.worker('one', unexplained), expiring))
      expect((await fixture.record()).state).toBe('degraded')
      await fixture.pass(MINUTE)
    }
    expect(await fixture.failure(renewGrant(fixture.worker('one', unexplained), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    expect((await fixture.record()).state).toBe('needs_reauth')
  })

  it('resets the count of refusals without a reason after a different failure', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    for (let count = 0; count < 8; count += 1) {
      const exchange = count % 3 === 2 ? fails('MCP_SERVER_ERROR', { status: 503 }) : unexplained
      await fixture.failure(renewGrant(fixture.worker('one', exchange), expiring))
      await fixture.pass(10 * MINUTE)
    }
    expect((await fixture.record()).state).toBe('degraded')
  })

  it('bounds a Retry-After of days', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const days = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: 3 * 24 * 60 * MINUTE, outcome: 'not_processed' })
    await fixture.failure(renewGrant(fixture.worker('one', days), expiring))
    await fixture.pass(15 * MINUTE)
    const row = await fixture.done(
      renewGrant(
        fixture.worker('one', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect(row.record.grant).toEqual(fixture.grant(1))
  })

  it('does not lead to needs_reauth because of a wrong client secret', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const worker = fixture.worker('one', fails('CONFIGURATION_ERROR'))
    expect(await fixture.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const record = await fixture.record()
    expect(record).toMatchObject({
      state: 'degraded',
      trouble: { reason: 'app_refused' },
      grant: { refreshToken: 'refresh0' },
    })
    expect(record.unresolved).toBeUndefined()
  })

  it('is recorded after a lease if the store failed when it was recorded', async () => {
    const fixture = new RenewalFixture({ rotation: 'rotate' })
    await fixture.connect({}, 61 * MINUTE)
    const exchange: Exchange = (...args) => {
      fixture.faults.writes.push('fails')
      return fails('MCP_SERVER_ERROR')(...args)
    }
    await fixture.failure(renewGrant(fixture.worker('one', exchange), expiring))
    expect((await fixture.record()).lease).toMatchObject({ owner: 'one' })
    await fixture.done(
      renewGrant(
        fixture.worker('two', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect((await fixture.record()).grant?.accessToken).toBe('access1')
  })
})

describe('a permanent refusal', () => {
  it('is reported once with its reason, and the token is not used again', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const ended = fails('MCP_AUTHENTICATION_FAILURE', { reason: 'password_changed', hint: 'Sign in again.' })
    expect(await fixture.failure(renewGrant(fixture.worker('one', ended), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'password_changed', hint: 'Sign in again.' },
    })
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'password_changed' } })
    await fixture.failure(renewGrant(fixture.worker('two', mustNotExchange), expiring))
    expect(fixture.events).toEqual(['one needs_reauth'])
  })

  it('does not prevent a token from being obtained again with a key, because no user can consent', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const obtaining = (exchange: Exchange) => {
      const worker = fixture.worker('one', exchange)
      return { ...worker, flow: { ...worker.flow, renewal: 'obtain' as const } }
    }
    const refused = { code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'invalid_grant' } }
    expect(await fixture.failure(renewGrant(obtaining(invalidGrant), expiring))).toMatchObject(refused)
    expect(await fixture.failure(renewGrant(obtaining(mustNotExchange), expiring))).toMatchObject(refused)
    await fixture.pass(MINUTE)
    expect(await fixture.failure(renewGrant(obtaining(invalidGrant), expiring))).toMatchObject(refused)
    await fixture.pass(MINUTE)
    await fixture.done(
      renewGrant(
        obtaining(() => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect(await fixture.record()).toEqual({ credential: {}, grant: fixture.grant(1), generation: 1 })
    expect(fixture.events).toEqual(['one needs_reauth', 'one renewed', 'one recovered'])
  })

  it('does not delete the winning grant of another worker', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const theirs = fixture.grant(1)
    const exchange: Exchange = async (...args) => {
      // Another worker, considered dead, stores its grant while this one is refused.
      await fixture.force({ credential: {}, grant: theirs, generation: 1 })
      return invalidGrant(...args)
    }
    const row = await fixture.done(renewGrant(fixture.worker('loser', exchange), expiring))
    expect(row.record.grant).toEqual(theirs)
    expect(await fixture.record()).toEqual({ credential: {}, grant: theirs, generation: 1 })
  })

  it('waits for the worker that holds the lease now', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    const exchange: Exchange = async (...args) => {
      const lease = { owner: 'other', until: fixture.now + 30 * SECOND, generation: 0 }
      await fixture.force({ credential: {}, grant: fixture.grant(0, { expiresAt: fixture.now }), lease })
      fixture.time.after(
        5 * SECOND,
        () => void fixture.force({ credential: {}, grant: fixture.grant(1), generation: 1 }),
      )
      return invalidGrant(...args)
    }
    const row = await fixture.done(renewGrant(fixture.worker('one', exchange), expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(fixture.events).toEqual([])
  })

  it('is suspected inside a reuse window, and believed after it', async () => {
    const fixture = new RenewalFixture({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await fixture.connect({}, 61 * MINUTE)
    expect(await fixture.failure(renewGrant(fixture.worker('one', invalidGrant), expiring))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { reason: 'refusal_suspected', retryAfterMs: 10 * MINUTE },
    })
    expect(await fixture.record()).toMatchObject({ state: 'degraded' })
    await fixture.pass(10 * MINUTE - 1)
    await fixture.failure(renewGrant(fixture.worker('two', mustNotExchange), expiring))
    await fixture.pass(1)
    await fixture.failure(renewGrant(fixture.worker('two', invalidGrant), expiring))
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'invalid_grant' } })
    expect(fixture.events).toEqual(['one degraded', 'two needs_reauth'])
  })

  it('is reverted if a grant arrives inside the reuse window', async () => {
    const fixture = new RenewalFixture({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await fixture.connect({}, 61 * MINUTE)
    await fixture.failure(renewGrant(fixture.worker('one', invalidGrant), expiring))
    await fixture.pass(10 * MINUTE)
    await fixture.done(
      renewGrant(
        fixture.worker('one', () => Promise.resolve(fixture.grant(1))),
        expiring,
      ),
    )
    expect(fixture.events).toEqual(['one degraded', 'one renewed', 'one recovered'])
  })

  it('is reported although the store wrote it but reported a failure', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const exchange: Exchange = (...args) => {
      fixture.faults.writes.push('reports a failure')
      return invalidGrant(...args)
    }
    await fixture.failure(renewGrant(fixture.worker('one', exchange), expiring))
    expect(fixture.events).toEqual(['one needs_reauth'])
  })
})

describe('a lost grant', () => {
  const lease = { owner: 'dead', until: 0, generation: 0 }

  it.for<Rotation>(['single_use', 'rotate'])(
    'is reported with its reason after a crash between the response and its write (%s)',
    async (rotation) => {
      const fixture = new RenewalFixture({ rotation })
      await fixture.connect({ lease }, 66 * MINUTE)
      expect(await fixture.failure(renewGrant(fixture.worker('successor', invalidGrant), expiring))).toMatchObject({
        details: { reason: 'grant_lost', hint: expect.stringContaining('A process ended') },
      })
      expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'grant_lost' } })
      expect(fixture.events).toEqual(['successor grant_lost', 'successor needs_reauth'])
    },
  )

  it('is reported if no response arrived and the token turns out to be used', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({}, 61 * MINUTE)
    await fixture.failure(renewGrant(fixture.worker('one', fails('MCP_CONNECTION_ERROR')), expiring))
    await fixture.pass(MINUTE)
    expect(await fixture.failure(renewGrant(fixture.worker('one', invalidGrant), expiring))).toMatchObject({
      details: { reason: 'grant_lost', hint: expect.stringContaining('never arrived') },
    })
  })

  it('is not assumed if the refresh token does not rotate', async () => {
    const fixture = new RenewalFixture({ rotation: 'keep' })
    await fixture.connect({ lease }, 66 * MINUTE)
    await fixture.failure(renewGrant(fixture.worker('successor', invalidGrant), expiring))
    expect(await fixture.record()).toMatchObject({ trouble: { reason: 'invalid_grant' } })
    expect(fixture.events).toEqual(['successor needs_reauth'])
  })
})
