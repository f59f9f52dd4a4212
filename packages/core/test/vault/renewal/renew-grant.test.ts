import { describe, expect, it, test } from 'vitest'
import type { Grant } from '../../../src/auth/grant.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import { MINUTE, SmallWorld, type Spend } from '../../simulation/small-world.ts'

const SECOND = 1000
const expiring = { kind: 'expiring' } as const

/** A server that takes `ms` to answer. */
const answers =
  (world: SmallWorld, generation: number, ms = 500, but: Partial<Grant> = {}): Spend =>
  async () => {
    await world.waits(ms)
    return world.grant(generation, but)
  }
const mustNotSpend: Spend = () => Promise.reject(new Error('It was not to be spent.'))
const never: Spend = (_record, signal) =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error))
  })

describe('one refresh, whoever calls', () => {
  test('two workers that find the token expired make one refresh, and the loser adopts the winner’s grant', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const both = Promise.all([
      renewGrant(world.worker('one', answers(world, 1)), expiring),
      renewGrant(world.worker('two', mustNotSpend), expiring),
    ])
    const rows = await world.done(both)
    expect(rows.map(({ record }) => record.grant?.accessToken)).toEqual(['access1', 'access1'])
    expect(world.spent).toEqual(['one refresh0'])
    expect(await world.record()).toEqual({ credential: {}, grant: rows[0].record.grant, generation: 1 })
    expect(world.news).toEqual(['one renewed'])
  })

  test('a token that is still good is served while another worker renews it', async () => {
    const world = new SmallWorld()
    await world.connect()
    const slow = renewGrant(world.worker('one', answers(world, 1, 10 * SECOND)), expiring)
    await world.pass(SECOND)
    const before = world.time.now
    const row = await world.done(renewGrant(world.worker('two', mustNotSpend), expiring))
    expect(row.record.grant?.accessToken).toBe('access0')
    expect(world.time.now - before).toBeLessThan(SECOND)
    await world.done(slow)
  })

  test('a token that is not due is not renewed', async () => {
    const world = new SmallWorld()
    await world.connect({}, 50 * MINUTE)
    await world.done(renewGrant(world.worker('one', mustNotSpend), expiring))
    expect(world.spent).toEqual([])
  })

  test('after a 401 the token that another worker has put there meanwhile is used, without a refresh', async () => {
    const world = new SmallWorld()
    await world.connect({ grant: world.grant(1) })
    const refused = { kind: 'refused', accessToken: 'access0' } as const
    const row = await world.done(renewGrant(world.worker('one', mustNotSpend), refused))
    expect(row.record.grant?.accessToken).toBe('access1')
  })

  test('a token that is refused moments after it was given is not renewed again', async () => {
    const world = new SmallWorld()
    await world.connect({}, 5 * SECOND)
    const refused = { kind: 'refused', accessToken: 'access0' } as const
    expect(await world.failure(renewGrant(world.worker('one', mustNotSpend), refused))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'fresh_token_refused' },
    })
    expect((await world.record()).lease).toBeUndefined()
  })
})

describe('leases', () => {
  test('the token that is about to be spent is noted before it is spent', async () => {
    const world = new SmallWorld()
    await world.connect({ generation: 7 })
    let noted: unknown
    const spend: Spend = async () => {
      noted = (await world.record()).lease
      return world.grant(8)
    }
    await world.done(renewGrant(world.worker('one', spend), expiring))
    expect(noted).toEqual({ owner: 'one', until: world.now + 30 * SECOND, generation: 7 })
  })

  test('a worker that died with the lease holds the others up for the length of the lease, and no longer', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    // What ran in this process is gone, with all that it waited for.
    const dead = world.worker('dead', () => new Promise<Grant>(() => undefined))
    void renewGrant({ ...dead, clock: { ...dead.clock, schedule: () => () => undefined } }, expiring)
    await world.pass(0)
    const before = world.time.now
    const heir = world.worker('heir', answers(world, 1, 0))
    const row = await world.done(renewGrant(heir, expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(world.time.now - before).toBeGreaterThanOrEqual(30 * SECOND)
    expect(world.time.now - before).toBeLessThan(31 * SECOND)
  })

  it('gives up a request to the authorization server that ignores its signal', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const stuck = world.worker('stuck', () => new Promise<Grant>(() => undefined))
    expect(await world.failure(renewGrant(stuck, expiring))).toMatchObject({ code: 'TIMEOUT' })
    expect(await world.record()).toMatchObject({ state: 'degraded', unresolved: { how: 'no_reply' } })
  })

  test.for([-2 * MINUTE, 2 * MINUTE])(
    'a clock that is %i ms off neither takes a lease early nor late',
    async (skewMs) => {
      const world = new SmallWorld()
      await world.connect({}, 65 * MINUTE)
      const lease = { owner: 'dead', until: world.now + 30 * SECOND, generation: 0 }
      await world.force({ ...(await world.record()), lease })
      const before = world.time.now
      await world.done(renewGrant(world.worker('heir', answers(world, 1, 0), { skewMs }), expiring))
      expect(Math.round((world.time.now - before) / SECOND)).toBe(30)
    },
  )

  test('a lease that took too long to get is given back, since it may end before the answer comes', async () => {
    const world = new SmallWorld()
    await world.connect()
    world.moods.writeMs = 6 * SECOND
    void renewGrant(world.worker('one', mustNotSpend), expiring).catch(() => undefined)
    await world.pass(7 * SECOND)
    expect(world.spent).toEqual([])
    world.moods.writeMs = 0
    await world.pass(10 * SECOND)
    expect(world.spent).toEqual(['one refresh0'])
  })

  test('a lease that the store wrote although it said that it failed is used, not left lying', async () => {
    const world = new SmallWorld()
    await world.connect()
    world.moods.writes.push('forgets to say so')
    const row = await world.done(renewGrant(world.worker('one', answers(world, 1)), expiring))
    expect(row.record.grant?.accessToken).toBe('access1')
    expect(row.record.lease).toBeUndefined()
  })

  test('a server that hangs is given up well before the lease ends', async () => {
    const world = new SmallWorld()
    await world.connect({}, 61 * MINUTE)
    const before = world.time.now
    expect(await world.failure(renewGrant(world.worker('one', never), expiring))).toMatchObject({ code: 'TIMEOUT' })
    expect(world.time.now - before).toBe(20 * SECOND)
    expect((await world.record()).unresolved).toEqual({ since: world.now, how: 'no_reply' })
  })

  it.each([0, 4 * SECOND, 5 * SECOND])(
    'gives up a server that hangs 20 seconds after it began, of which taking the lease took %i ms',
    async (writeMs) => {
      const world = new SmallWorld()
      await world.connect({}, 61 * MINUTE)
      world.moods.writeMs = writeMs
      const before = world.time.now
      let endedMs = 0
      const hangs: Spend = (_record, signal) =>
        new Promise((_resolve, reject) => {
          world.moods.writeMs = 0
          signal.addEventListener('abort', () => {
            endedMs = world.time.now - before
            reject(signal.reason as Error)
          })
        })
      expect(await world.failure(renewGrant(world.worker('one', hangs), expiring))).toMatchObject({ code: 'TIMEOUT' })
      expect(endedMs).toBe(20 * SECOND)
    },
  )

  it('returns a lease that took more than 5 seconds to take', async () => {
    const world = new SmallWorld()
    await world.connect()
    world.moods.writeMs = 5 * SECOND + 1
    void renewGrant(world.worker('one', mustNotSpend), expiring).catch(() => undefined)
    await world.pass(6 * SECOND)
    expect(world.spent).toEqual([])
  })
})

describe('what may have been spent', () => {
  test('is not shown again at a single-use provider while its access token works', async () => {
    const world = new SmallWorld()
    await world.connect({ lease: { owner: 'one', until: 0, generation: 0 } })
    const row = await world.done(renewGrant(world.worker('one', mustNotSpend), expiring))
    expect(row.record).toMatchObject({ grant: { accessToken: 'access0' }, unresolved: { how: 'crashed' } })
    expect(row.record.lease).toBeUndefined()
    await world.pass(3 * MINUTE)
    await world.done(renewGrant(world.worker('one', answers(world, 1)), expiring))
    expect(await world.record()).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect((await world.record()).unresolved).toBeUndefined()
  })

  test('is shown again at once inside a reuse window, where that is safe and later is not', async () => {
    const world = new SmallWorld({ rotation: 'single_use', reuseWindowMs: 10 * MINUTE })
    await world.connect({ lease: { owner: 'one', until: 0, generation: 0 } })
    await world.done(renewGrant(world.worker('one', answers(world, 1)), expiring))
    expect(world.spent).toEqual(['one refresh0'])
  })
})

describe('people come first', () => {
  test('a user who reconnects during a refresh is not clobbered', async () => {
    const world = new SmallWorld()
    await world.connect()
    const renewing = renewGrant(world.worker('one', answers(world, 1, 5 * SECOND)), expiring)
    await world.pass(SECOND)
    const theirs = world.grant(100)
    await world.force({ credential: {}, grant: theirs, generation: 5 })
    const row = await world.done(renewing)
    expect(row.record.grant).toEqual(theirs)
    expect(await world.record()).toEqual({ credential: {}, grant: theirs, generation: 5 })
  })

  test('a user who reconnects while the old grant is being refused is not asked to connect again', async () => {
    const world = new SmallWorld()
    await world.connect()
    const theirs = world.grant(100)
    const spend: Spend = async () => {
      await world.force({ credential: {}, grant: theirs, generation: 1 })
      throw new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'No.', { reason: 'invalid_grant' })
    }
    const row = await world.done(renewGrant(world.worker('one', spend), expiring))
    expect(row.record).toEqual({ credential: {}, grant: theirs, generation: 1 })
    expect(world.news).toEqual([])
  })

  test('a connection that was given up during a refresh stays so, and what came of it is given back', async () => {
    const world = new SmallWorld()
    await world.connect()
    const renewing = renewGrant(world.worker('one', answers(world, 1, 5 * SECOND)), expiring)
    await world.pass(SECOND)
    await world.force(undefined)
    expect(await world.failure(renewing)).toMatchObject({ details: { reason: 'disconnected' } })
    expect(await world.row()).toBeUndefined()
    expect(world.discarded).toEqual(['access1'])
  })

  test('a token of a connection that was taken out of use is not served because its renewal failed', async () => {
    const world = new SmallWorld()
    await world.connect()
    const renewing = renewGrant(world.worker('one', never), expiring)
    await world.pass(SECOND)
    const revoked = {
      credential: {},
      grant: (await world.record()).grant,
      state: 'revoked',
      trouble: { reason: 'quarantined', since: world.now },
    } as const
    await world.force(revoked)
    expect(await world.failure(renewing)).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'quarantined' },
    })
    expect(await world.record()).toEqual(revoked)
  })

  test.for(['pending', 'revoked', 'needs_reauth'] as const)('what is %s is not renewed', async (state) => {
    const world = new SmallWorld()
    await world.connect({ state })
    expect(await world.failure(renewGrant(world.worker('one', mustNotSpend), expiring))).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: state, outcome: 'not_processed' },
    })
  })
})

it('notes that a token was shown twice when its lease was taken over because of a wrong clock', async () => {
  const world = new SmallWorld()
  await world.connect()
  const right = world.worker('right', () => {
    const refusal = new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'It was spent.', { reason: 'invalid_grant' })
    return world.waits(2 * SECOND).then(() => Promise.reject(refusal))
  })
  const ahead = world.worker('ahead', answers(world, 1), { skewMs: 24 * 60 * MINUTE })
  const both = Promise.allSettled([
    renewGrant(right, expiring),
    world.waits(100).then(() => renewGrant(ahead, expiring)),
  ])
  await world.done(both)
  expect(world.spent).toEqual(['right refresh0', 'ahead refresh0'])
  expect(await world.record()).toMatchObject({
    grant: { accessToken: 'access1' },
    unresolved: { how: 'shown_twice' },
  })
})
