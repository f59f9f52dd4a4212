import { describe, expect, it, test } from 'vitest'
import { commitGrant, UncommittedGrant } from '../../../src/vault/renewal/commit-grant.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { Renewals } from '../../../src/vault/renewal/renewals.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import { MINUTE, SmallWorld, type Spend } from '../../simulation/small-world.ts'

const expiring = { kind: 'expiring' } as const
const mustNotSpend: Spend = () => Promise.reject(new Error('It was not to be spent.'))

test('a store that is down for the write does not lose the grant', async () => {
  const world = new SmallWorld()
  await world.connect()
  const worker = world.worker('one', () => {
    world.moods.reads = 'fail'
    return Promise.resolve(world.grant(1))
  })
  const error = await world.failure(renewGrant(worker, expiring))
  expect(error).toBeInstanceOf(UncommittedGrant)
  const { spent, grant } = error as UncommittedGrant
  expect(grant.accessToken).toBe('access1')

  world.moods.reads = 'answer'
  await world.pass(MINUTE)
  await world.done(commitGrant(worker, spent, grant, expiring))
  const record = await world.record()
  expect(record).toEqual({ credential: {}, grant, generation: 1 })
  expect(world.news).toEqual(['one renewed'])
})

test('a store that fails for a moment is asked again, within the lease', async () => {
  const world = new SmallWorld()
  await world.connect()
  const before = world.time.now
  const worker = world.worker('one', () => {
    world.moods.writes.push('fails', 'fails', 'fails')
    return Promise.resolve(world.grant(1))
  })
  await world.done(renewGrant(worker, expiring))
  expect((await world.record()).grant?.accessToken).toBe('access1')
  expect(world.time.now - before).toBeLessThan(10_000)
})

test('the secrets of a grant that could not be stored are in no message', async () => {
  const world = new SmallWorld()
  const error = new UncommittedGrant({ credential: {}, grant: world.grant(0) }, world.grant(1), new Error('down'))
  expect(String(error)).not.toMatch(/access|refresh/)
})

describe('a success that comes late', () => {
  const spentOf = async (world: SmallWorld) => ({
    credential: {},
    grant: (await world.record()).grant,
    lease: { owner: 'late', until: -1, generation: 0 },
  })
  const unresolved = { since: expect.any(Number), how: 'shown_twice' }

  test('after needs_reauth recovers the connection', async () => {
    const world = new SmallWorld()
    await world.connect({ state: 'needs_reauth', trouble: { reason: 'grant_lost', since: 0 } })
    await world.done(commitGrant(world.worker('late', mustNotSpend), await spentOf(world), world.grant(1), expiring))
    expect(await world.record()).toEqual({ credential: {}, grant: world.grant(1), generation: 1, unresolved })
    expect(world.news).toEqual(['late renewed', 'late recovered'])
  })

  test('lands over the lease of the worker that took over', async () => {
    const world = new SmallWorld()
    await world.connect({ lease: { owner: 'heir', until: 0, generation: 0 }, unresolved: { since: 0, how: 'crashed' } })
    await world.done(commitGrant(world.worker('late', mustNotSpend), await spentOf(world), world.grant(1), expiring))
    expect(await world.record()).toEqual({ credential: {}, grant: world.grant(1), generation: 1, unresolved })
  })

  test('and is refused later because others showed its token again, is reported as grant_lost, not as a mystery', async () => {
    const world = new SmallWorld()
    await world.connect({ lease: { owner: 'heir', until: 0, generation: 0 } })
    await world.done(commitGrant(world.worker('late', mustNotSpend), await spentOf(world), world.grant(1), expiring))
    await world.pass(58 * MINUTE)
    const refuses: Spend = () =>
      Promise.reject(new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'No.', { reason: 'invalid_grant' }))
    await world.failure(renewGrant(world.worker('one', refuses), expiring))
    expect(await world.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'grant_lost' } })
    expect(world.news).toEqual(['late renewed', 'one grant_lost', 'one needs_reauth'])
  })

  test('leaves no doubt where nobody has been at the grant meanwhile', async () => {
    const world = new SmallWorld()
    const lease = { owner: 'late', until: 0, generation: 0 }
    await world.connect({ lease })
    const spent = { ...(await spentOf(world)), lease }
    await world.done(commitGrant(world.worker('late', mustNotSpend), spent, world.grant(1), expiring))
    expect(await world.record()).toEqual({ credential: {}, grant: world.grant(1), generation: 1 })
  })

  test('does not overwrite what has taken the place of what it was got for', async () => {
    const world = new SmallWorld()
    await world.connect()
    const spent = { credential: {}, grant: (await world.record()).grant }
    const newer = { credential: {}, grant: world.grant(2), generation: 1 }
    await world.force(newer)
    const row = await world.done(commitGrant(world.worker('stale', mustNotSpend), spent, world.grant(1), expiring))
    expect(row.record).toEqual(newer)
    expect(await world.record()).toEqual(newer)
    expect(world.news).toEqual([])
  })

  test.for([undefined, 'revoked', 'pending'] as const)('is given back where the row is %s', async (state) => {
    const world = new SmallWorld()
    await world.connect()
    const spent = { credential: {}, grant: (await world.record()).grant }
    const row = state && { ...spent, state }
    await world.force(row)
    const landing = commitGrant(world.worker('late', mustNotSpend), spent, world.grant(1), expiring)
    expect(await world.failure(landing)).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(world.discarded).toEqual(['access1'])
    expect((await world.row())?.record).toEqual(row)
  })
})

describe('a refresh token that stays the same', () => {
  const keep = { rotation: 'keep' } as const

  test.for([
    { kept: 'theirs', oursMs: 30 * MINUTE },
    { kept: 'ours', oursMs: 90 * MINUTE },
  ])('of two grants that were got for it, the one that lasts longer is kept: $kept', async ({ kept, oursMs }) => {
    const world = new SmallWorld(keep)
    await world.connect()
    const spent = { credential: {}, grant: (await world.record()).grant }
    const theirs = world.grant(0, { accessToken: 'theirs' })
    await world.force({ credential: {}, grant: theirs, generation: 1 })
    const ours = world.grant(0, { accessToken: 'ours', refreshToken: undefined, expiresAt: world.now + oursMs })
    const row = await world.done(commitGrant(world.worker('one', mustNotSpend), spent, ours, expiring))
    expect(row.record.grant).toMatchObject({ accessToken: kept, refreshToken: 'refresh0' })
    expect((await world.record()).grant).toEqual(row.record.grant)
  })

  test('a success that the store wrote although it said that it failed is told once', async () => {
    const world = new SmallWorld(keep)
    await world.connect({ state: 'degraded', trouble: { reason: 'renewal_failed', since: 0 } })
    const worker = world.worker('one', () => {
      world.moods.writes.push('forgets to say so')
      return Promise.resolve(world.grant(0, { accessToken: 'access1' }))
    })
    await world.done(renewGrant(worker, expiring))
    expect(await world.record()).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect(world.news).toEqual(['one renewed', 'one recovered'])
  })
})

test('a success that the store wrote although it said that it failed is told once where tokens rotate', async () => {
  const world = new SmallWorld()
  await world.connect()
  const worker = world.worker('one', () => {
    world.moods.writes.push('forgets to say so')
    return Promise.resolve(world.grant(1))
  })
  await world.done(renewGrant(worker, expiring))
  expect(await world.record()).toEqual({ credential: {}, grant: expect.anything(), generation: 1 })
  expect(world.news).toEqual(['one renewed'])
})

describe('a grant that has to be verified', () => {
  const verified = (world: SmallWorld, verify: (signal: AbortSignal) => Promise<void>) => ({
    ...world.worker('one', () => Promise.resolve(world.grant(1))),
    verify: () => verify,
  })
  const changed = new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'Another account.', { reason: 'account_changed' })

  it('is stored before it is verified', async () => {
    const world = new SmallWorld()
    await world.connect()
    let storedThen: string | undefined
    const worker = verified(world, async () => {
      storedThen = (await world.record()).grant?.accessToken
    })
    expect((await world.done(renewGrant(worker, expiring))).record.grant?.accessToken).toBe('access1')
    expect(storedThen).toBe('access1')
  })

  it.for([
    ['the server is out of reach', () => Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'Down.'))],
    ['the app is refused', () => Promise.reject(new ConnectorError('CONFIGURATION_ERROR', 'No keys.'))],
    ['the verification throws', () => Promise.reject(new TypeError('broken'))],
    ['the verification never ends', () => new Promise<void>(() => {})],
  ] as const)('stays in use when %s', async ([, verify]) => {
    const world = new SmallWorld()
    await world.connect()
    const { record } = await world.done(renewGrant(verified(world, verify), expiring))
    expect(record).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect(await world.record()).toEqual(record)
    expect(record).not.toHaveProperty('state')
    expect(world.news).toEqual(['one renewed'])
  })

  it('needs the user again when it belongs to another account', async () => {
    const world = new SmallWorld()
    await world.connect()
    const error = await world.failure(
      renewGrant(
        verified(world, () => Promise.reject(changed)),
        expiring,
      ),
    )
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'account_changed' } })
    expect(await world.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'account_changed' } })
    expect(world.news).toEqual(['one renewed', 'one needs_reauth'])
  })

  it('is not used when it belongs to another account and cannot be stored', async () => {
    const world = new SmallWorld()
    await world.connect()
    const renewals = new Renewals()
    const worker = {
      ...verified(world, () => Promise.reject(changed)),
      exchange: () => {
        world.moods.reads = 'fail'
        return Promise.resolve(world.grant(1))
      },
    }
    const renew = () => renewals.renew('here', expiring, () => Promise.resolve(worker))
    expect(await world.failure(renew())).toMatchObject({ details: { reason: 'account_changed' } })
    world.moods.reads = 'answer'
    expect(await world.failure(renew())).toMatchObject({ details: { reason: 'account_changed' } })
    expect(await world.record()).toMatchObject({ state: 'needs_reauth' })
  })
})
