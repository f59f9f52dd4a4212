import { describe, expect, it, test } from 'vitest'
import type { Rotation } from '../../../src/auth/grant-flow.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import type { ErrorCode } from '../../../src/errors/codes.ts'
import type { ErrorDetails } from '../../../src/errors/connector-error.ts'
import { MINUTE, SmallWorld, type Spend } from '../../simulation/small-world.ts'

const SECOND = 1000
const expiring = { kind: 'expiring' } as const
const fails =
  (code: ErrorCode, details: ErrorDetails = {}): Spend =>
  () =>
    Promise.reject(new ConnectorError(code, 'The server said no.', details))
const invalidGrant = fails('MCP_AUTHENTICATION_FAILURE', { reason: 'invalid_grant' })
const mustNotSpend: Spend = () => Promise.reject(new Error('It was not to be spent.'))

describe('what may pass', () => {
  test('no account is flagged for re-login after a 503, however long it lasts', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const worker = world.worker('one', fails('MCP_SERVER_ERROR', { status: 503 }))
    for (let attempt = 1; attempt <= 12; attempt += 1) {
      expect(await world.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'MCP_SERVER_ERROR' })
      await world.pass(MINUTE)
    }
    expect(await world.record()).toMatchObject({
      state: 'degraded',
      grant: { refreshToken: 'refresh0' },
      trouble: { reason: 'renewal_failed', failures: 12 },
    })
    expect(world.news).toEqual(['one degraded'])
    await world.done(
      renewGrant(
        world.worker('one', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect(await world.record()).toEqual({ credential: {}, grant: world.grant(1), generation: 1 })
    expect(world.news).toEqual(['one degraded', 'one renewed', 'one recovered'])
  })

  test('while the server fails, a token that is still good goes on being served', async () => {
    const world = new SmallWorld()
    await world.connect()
    const row = await world.done(renewGrant(world.worker('one', fails('MCP_SERVER_ERROR')), expiring))
    expect(row.record).toMatchObject({ state: 'degraded', grant: { accessToken: 'access0' } })
  })

  test('an outage is no reason to hammer: nobody tries again before the time that was noted', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const limited = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: 40 * SECOND, outcome: 'not_processed' })
    await world.failure(renewGrant(world.worker('one', limited), expiring))
    await world.pass(39 * SECOND)
    expect(await world.failure(renewGrant(world.worker('two', mustNotSpend), expiring))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { outcome: 'not_processed', retryAfterMs: SECOND },
    })
    await world.pass(SECOND)
    await world.done(
      renewGrant(
        world.worker('two', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
  })

  test('what the server did not process leaves no doubt whether the token was spent', async () => {
    const world = new SmallWorld()
    await world.connect()
    const limited = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: SECOND, outcome: 'not_processed' })
    await world.done(renewGrant(world.worker('one', limited), expiring))
    expect((await world.record()).unresolved).toBeUndefined()
  })

  const unexplained = fails('MCP_SERVER_ERROR', {
    status: 401,
    reason: 'refusal_unexplained',
    outcome: 'not_processed',
  })

  test('a refusal without a reason is taken for an outage at first, and ends the connection when it lasts', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const worker = world.worker('one', unexplained)
    for (let minutes = 0; minutes < 10; minutes += 1) {
      expect(await world.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'MCP_SERVER_ERROR' })
      expect((await world.record()).state).toBe('degraded')
      await world.pass(MINUTE)
    }
    expect(await world.failure(renewGrant(worker, expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'refusal_unexplained' },
    })
    expect(await world.record()).toMatchObject({ state: 'needs_reauth', grant: { refreshToken: 'refresh0' } })
    expect(world.news).toEqual(['one degraded', 'one needs_reauth'])

    await world.pass(59 * MINUTE)
    expect(await world.failure(renewGrant(world.worker('one', mustNotSpend), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    await world.pass(MINUTE)
    await world.done(
      renewGrant(
        world.worker('one', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect((await world.record()).state).toBeUndefined()
  })

  test.each([
    ['only three', 3, 60 * MINUTE],
    ['many within minutes', 8, 61 * SECOND],
  ])('refusals without a reason leave the connection alone: %s', async (_name, times, passMs) => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    for (let count = 0; count < times; count += 1) {
      await world.failure(renewGrant(world.worker('one', unexplained), expiring))
      await world.pass(passMs)
    }
    expect((await world.record()).state).toBe('degraded')
  })

  it('ends a connection although a clock that is a year ahead noted the first refusal without a reason', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const ahead = world.worker('ahead', unexplained, { skewMs: 365 * 24 * 60 * MINUTE })
    await world.failure(renewGrant(ahead, expiring))
    for (let minutes = 0; minutes < 11; minutes += 1) {
      await world.failure(renewGrant(world.worker('one', unexplained), expiring))
      await world.pass(MINUTE)
    }
    expect((await world.record()).state).toBe('needs_reauth')
  })

  it('ends a connection whose token has no known end, once its learnt life is over', async () => {
    const world = new SmallWorld()
    const { expiresAt: _unknown, ...grant } = world.grant(0)
    await world.connect({ grant: { ...grant, learntLifeMs: 60 * MINUTE } }, 61 * MINUTE)
    for (let minutes = 0; minutes < 10; minutes += 1) {
      await world.done(renewGrant(world.worker('one', unexplained), expiring))
      expect((await world.record()).state).toBe('degraded')
      await world.pass(MINUTE)
    }
    expect(await world.failure(renewGrant(world.worker('one', unexplained), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
    })
    expect((await world.record()).state).toBe('needs_reauth')
  })

  test('another failure in between starts the count of refusals without a reason again', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    for (let count = 0; count < 8; count += 1) {
      const spend = count % 3 === 2 ? fails('MCP_SERVER_ERROR', { status: 503 }) : unexplained
      await world.failure(renewGrant(world.worker('one', spend), expiring))
      await world.pass(10 * MINUTE)
    }
    expect((await world.record()).state).toBe('degraded')
  })

  test('a wait of days that a server asks for is bounded', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const days = fails('MCP_RATE_LIMIT_EXCEEDED', { retryAfterMs: 3 * 24 * 60 * MINUTE, outcome: 'not_processed' })
    await world.failure(renewGrant(world.worker('one', days), expiring))
    await world.pass(15 * MINUTE)
    const row = await world.done(
      renewGrant(
        world.worker('one', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect(row.record.grant).toEqual(world.grant(1))
  })

  test('a wrong client secret does not log anybody out', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const worker = world.worker('one', fails('CONFIGURATION_ERROR'))
    expect(await world.failure(renewGrant(worker, expiring))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
    const record = await world.record()
    expect(record).toMatchObject({
      state: 'degraded',
      trouble: { reason: 'app_refused' },
      grant: { refreshToken: 'refresh0' },
    })
    expect(record.unresolved).toBeUndefined()
  })

  test('a store that fails when the failure is noted does not hide what the server said for longer than a lease', async () => {
    const world = new SmallWorld({ rotation: 'rotate' })
    await world.connect({}, 61 * MINUTE)
    const spend: Spend = (...asked) => {
      world.moods.writes.push('fails')
      return fails('MCP_SERVER_ERROR')(...asked)
    }
    await world.failure(renewGrant(world.worker('one', spend), expiring))
    expect((await world.record()).lease).toMatchObject({ owner: 'one' })
    await world.done(
      renewGrant(
        world.worker('two', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect((await world.record()).grant?.accessToken).toBe('access1')
  })
})

describe('what the server refuses for good', () => {
  test('a grant that was refused is reported once, with its reason, and not shown again', async () => {
    const world = new SmallWorld()
    await world.connect()
    const ended = fails('MCP_AUTHENTICATION_FAILURE', { reason: 'password_changed', hint: 'Sign in again.' })
    expect(await world.failure(renewGrant(world.worker('one', ended), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'password_changed', hint: 'Sign in again.' },
    })
    expect(await world.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'password_changed' } })
    await world.failure(renewGrant(world.worker('two', mustNotSpend), expiring))
    expect(world.news).toEqual(['one needs_reauth'])
  })

  test('what is obtained with a key is asked for again, for nobody can agree to it anew', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const obtaining = (spend: Spend) => {
      const worker = world.worker('one', spend)
      return { ...worker, flow: { ...worker.flow, renewal: 'obtain' as const } }
    }
    const refused = { code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'invalid_grant' } }
    expect(await world.failure(renewGrant(obtaining(invalidGrant), expiring))).toMatchObject(refused)
    expect(await world.failure(renewGrant(obtaining(mustNotSpend), expiring))).toMatchObject(refused)
    await world.pass(MINUTE)
    expect(await world.failure(renewGrant(obtaining(invalidGrant), expiring))).toMatchObject(refused)
    await world.pass(MINUTE)
    await world.done(
      renewGrant(
        obtaining(() => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect(await world.record()).toEqual({ credential: {}, grant: world.grant(1), generation: 1 })
    expect(world.news).toEqual(['one needs_reauth', 'one renewed', 'one recovered'])
  })

  test('a losing refresh does not delete the winning grant', async () => {
    const world = new SmallWorld()
    await world.connect()
    const theirs = world.grant(1)
    const spend: Spend = async (...asked) => {
      // Another worker, thought dead, brings its answer home while this one is refused.
      await world.force({ credential: {}, grant: theirs, generation: 1 })
      return invalidGrant(...asked)
    }
    const row = await world.done(renewGrant(world.worker('loser', spend), expiring))
    expect(row.record.grant).toEqual(theirs)
    expect(await world.record()).toEqual({ credential: {}, grant: theirs, generation: 1 })
  })

  test('a worker that was refused waits for the one that has the lease now', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const spend: Spend = async (...asked) => {
      const lease = { owner: 'other', until: world.now + 30 * SECOND, generation: 0 }
      await world.force({ credential: {}, grant: world.grant(0, { expiresAt: world.now }), lease })
      world.time.after(5 * SECOND, () => void world.force({ credential: {}, grant: world.grant(1), generation: 1 }))
      return invalidGrant(...asked)
    }
    const row = await world.done(renewGrant(world.worker('one', spend), expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(world.news).toEqual([])
  })

  test('inside a reuse window a refusal is suspected first, and believed when the window has passed', async () => {
    const world = new SmallWorld({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await world.connect({}, 61 * MINUTE)
    expect(await world.failure(renewGrant(world.worker('one', invalidGrant), expiring))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { reason: 'refusal_suspected', retryAfterMs: 10 * MINUTE },
    })
    expect(await world.record()).toMatchObject({ state: 'degraded' })
    await world.pass(10 * MINUTE - 1)
    await world.failure(renewGrant(world.worker('two', mustNotSpend), expiring))
    await world.pass(1)
    await world.failure(renewGrant(world.worker('two', invalidGrant), expiring))
    expect(await world.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'invalid_grant' } })
    expect(world.news).toEqual(['one degraded', 'two needs_reauth'])
  })

  test('what turns up inside the reuse window recovers the connection', async () => {
    const world = new SmallWorld({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await world.connect({}, 61 * MINUTE)
    await world.failure(renewGrant(world.worker('one', invalidGrant), expiring))
    await world.pass(10 * MINUTE)
    await world.done(
      renewGrant(
        world.worker('one', () => Promise.resolve(world.grant(1))),
        expiring,
      ),
    )
    expect(world.news).toEqual(['one degraded', 'one renewed', 'one recovered'])
  })

  test('a refusal that the store wrote although it said that it failed is told all the same', async () => {
    const world = new SmallWorld()
    await world.connect()
    const spend: Spend = (...asked) => {
      world.moods.writes.push('forgets to say so')
      return invalidGrant(...asked)
    }
    await world.failure(renewGrant(world.worker('one', spend), expiring))
    expect(world.news).toEqual(['one needs_reauth'])
  })
})

describe('what was lost', () => {
  const lease = { owner: 'dead', until: 0, generation: 0 }

  test.for<Rotation>(['single_use', 'rotate'])(
    'a crash between the answer and its writing is reported as a loss, not as a mystery (%s)',
    async (rotation) => {
      const world = new SmallWorld({ rotation })
      await world.connect({ lease }, 66 * MINUTE)
      expect(await world.failure(renewGrant(world.worker('heir', invalidGrant), expiring))).toMatchObject({
        details: { reason: 'grant_lost', hint: expect.stringContaining('A process ended') },
      })
      expect(await world.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'grant_lost' } })
      expect(world.news).toEqual(['heir grant_lost', 'heir needs_reauth'])
    },
  )

  test('an answer that never arrived is reported as a loss when the token turns out to be spent', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    await world.failure(renewGrant(world.worker('one', fails('MCP_CONNECTION_ERROR')), expiring))
    await world.pass(MINUTE)
    expect(await world.failure(renewGrant(world.worker('one', invalidGrant), expiring))).toMatchObject({
      details: { reason: 'grant_lost', hint: expect.stringContaining('never arrived') },
    })
  })

  test('a refresh token that stays the same cannot be lost, so its refusal has another reason', async () => {
    const world = new SmallWorld({ rotation: 'keep' })
    await world.connect({ lease }, 66 * MINUTE)
    await world.failure(renewGrant(world.worker('heir', invalidGrant), expiring))
    expect(await world.record()).toMatchObject({ trouble: { reason: 'invalid_grant' } })
    expect(world.news).toEqual(['heir needs_reauth'])
  })
})
