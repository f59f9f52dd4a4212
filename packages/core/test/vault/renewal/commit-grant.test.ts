import { describe, expect, it } from 'vitest'
import { commitGrant, UncommittedGrant } from '../../../src/vault/renewal/commit-grant.ts'
import { renewGrant } from '../../../src/vault/renewal/renew-grant.ts'
import { Renewals } from '../../../src/vault/renewal/renewals.ts'
import { ConnectorError } from '../../../src/errors/connector-error.ts'
import { MINUTE, RenewalFixture, type Exchange } from '../../simulation/renewal-fixture.ts'

const expiring = { kind: 'expiring' } as const
const mustNotExchange: Exchange = () => Promise.reject(new Error('The token must not be used.'))

it('commitGrant keeps a grant in memory if the store is down', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const worker = fixture.worker('one', () => {
    fixture.faults.reads = 'fail'
    return Promise.resolve(fixture.grant(1))
  })
  const error = await fixture.failure(renewGrant(worker, expiring))
  expect(error).toBeInstanceOf(UncommittedGrant)
  const { spent, grant } = error as UncommittedGrant
  expect(grant.accessToken).toBe('access1')

  fixture.faults.reads = 'succeed'
  await fixture.pass(MINUTE)
  await fixture.done(commitGrant(worker, spent, grant, expiring))
  const record = await fixture.record()
  expect(record).toEqual({ credential: {}, grant, generation: 1 })
  expect(fixture.events).toEqual(['one renewed'])
})

it('commitGrant retries a failed write within the lease', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const before = fixture.time.now
  const worker = fixture.worker('one', () => {
    fixture.faults.writes.push('fails', 'fails', 'fails')
    return Promise.resolve(fixture.grant(1))
  })
  await fixture.done(renewGrant(worker, expiring))
  expect((await fixture.record()).grant?.accessToken).toBe('access1')
  expect(fixture.time.now - before).toBeLessThan(10_000)
})

it('commitGrant keeps the secrets of a grant that could not be stored out of messages', async () => {
  const fixture = new RenewalFixture()
  const error = new UncommittedGrant({ credential: {}, grant: fixture.grant(0) }, fixture.grant(1), new Error('down'))
  expect(String(error)).not.toMatch(/access|refresh/)
})

describe('a late success', () => {
  const exchangedRecord = async (fixture: RenewalFixture) => ({
    credential: {},
    grant: (await fixture.record()).grant,
    lease: { owner: 'late', until: -1, generation: 0 },
  })
  const unresolved = { since: expect.any(Number), how: 'shown_twice' }

  it('recovers the connection after needs_reauth', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({ state: 'needs_reauth', trouble: { reason: 'grant_lost', since: 0 } })
    await fixture.done(
      commitGrant(fixture.worker('late', mustNotExchange), await exchangedRecord(fixture), fixture.grant(1), expiring),
    )
    expect(await fixture.record()).toEqual({ credential: {}, grant: fixture.grant(1), generation: 1, unresolved })
    expect(fixture.events).toEqual(['late renewed', 'late recovered'])
  })

  it('is written over the lease of the worker that took over', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({
      lease: { owner: 'successor', until: 0, generation: 0 },
      unresolved: { since: 0, how: 'crashed' },
    })
    await fixture.done(
      commitGrant(fixture.worker('late', mustNotExchange), await exchangedRecord(fixture), fixture.grant(1), expiring),
    )
    expect(await fixture.record()).toEqual({ credential: {}, grant: fixture.grant(1), generation: 1, unresolved })
  })

  it('reports grant_lost if the server refuses later because others used its token again', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect({ lease: { owner: 'successor', until: 0, generation: 0 } })
    await fixture.done(
      commitGrant(fixture.worker('late', mustNotExchange), await exchangedRecord(fixture), fixture.grant(1), expiring),
    )
    await fixture.pass(58 * MINUTE)
    const refuses: Exchange = () =>
      Promise.reject(new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'No.', { reason: 'invalid_grant' }))
    await fixture.failure(renewGrant(fixture.worker('one', refuses), expiring))
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'grant_lost' } })
    expect(fixture.events).toEqual(['late renewed', 'one grant_lost', 'one needs_reauth'])
  })

  it('clears the doubt if no other worker used the grant meanwhile', async () => {
    const fixture = new RenewalFixture()
    const lease = { owner: 'late', until: 0, generation: 0 }
    await fixture.connect({ lease })
    const spent = { ...(await exchangedRecord(fixture)), lease }
    await fixture.done(commitGrant(fixture.worker('late', mustNotExchange), spent, fixture.grant(1), expiring))
    expect(await fixture.record()).toEqual({ credential: {}, grant: fixture.grant(1), generation: 1 })
  })

  it('does not overwrite a grant that replaced the one that was refreshed', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const spent = { credential: {}, grant: (await fixture.record()).grant }
    const newer = { credential: {}, grant: fixture.grant(2), generation: 1 }
    await fixture.force(newer)
    const row = await fixture.done(
      commitGrant(fixture.worker('stale', mustNotExchange), spent, fixture.grant(1), expiring),
    )
    expect(row.record).toEqual(newer)
    expect(await fixture.record()).toEqual(newer)
    expect(fixture.events).toEqual([])
  })

  it.for([undefined, 'revoked', 'pending'] as const)('is revoked if the row is %s', async (state) => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const spent = { credential: {}, grant: (await fixture.record()).grant }
    const row = state && { ...spent, state }
    await fixture.force(row)
    const landing = commitGrant(fixture.worker('late', mustNotExchange), spent, fixture.grant(1), expiring)
    expect(await fixture.failure(landing)).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(fixture.discarded).toEqual(['access1'])
    expect((await fixture.row())?.record).toEqual(row)
  })
})

describe('a refresh token that does not rotate', () => {
  const keep = { rotation: 'keep' } as const

  it.for([
    { kept: 'theirs', oursMs: 30 * MINUTE },
    { kept: 'ours', oursMs: 90 * MINUTE },
  ])('keeps the longer-lived of two refreshed grants: $kept', async ({ kept, oursMs }) => {
    const fixture = new RenewalFixture(keep)
    await fixture.connect()
    const spent = { credential: {}, grant: (await fixture.record()).grant }
    const theirs = fixture.grant(0, { accessToken: 'theirs' })
    await fixture.force({ credential: {}, grant: theirs, generation: 1 })
    const ours = fixture.grant(0, { accessToken: 'ours', refreshToken: undefined, expiresAt: fixture.now + oursMs })
    const row = await fixture.done(commitGrant(fixture.worker('one', mustNotExchange), spent, ours, expiring))
    expect(row.record.grant).toMatchObject({ accessToken: kept, refreshToken: 'refresh0' })
    expect((await fixture.record()).grant).toEqual(row.record.grant)
  })

  it('emits a success once if the store reported a failure but wrote it', async () => {
    const fixture = new RenewalFixture(keep)
    await fixture.connect({ state: 'degraded', trouble: { reason: 'renewal_failed', since: 0 } })
    const worker = fixture.worker('one', () => {
      fixture.faults.writes.push('reports a failure')
      return Promise.resolve(fixture.grant(0, { accessToken: 'access1' }))
    })
    await fixture.done(renewGrant(worker, expiring))
    expect(await fixture.record()).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect(fixture.events).toEqual(['one renewed', 'one recovered'])
  })
})

it('emits a success once if the store reported a failure but wrote it and tokens rotate', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const worker = fixture.worker('one', () => {
    fixture.faults.writes.push('reports a failure')
    return Promise.resolve(fixture.grant(1))
  })
  await fixture.done(renewGrant(worker, expiring))
  expect(await fixture.record()).toEqual({ credential: {}, grant: expect.anything(), generation: 1 })
  expect(fixture.events).toEqual(['one renewed'])
})

describe('a grant that has to be verified', () => {
  const verified = (fixture: RenewalFixture, verify: (signal: AbortSignal) => Promise<void>) => ({
    ...fixture.worker('one', () => Promise.resolve(fixture.grant(1))),
    verify: () => verify,
  })
  const changed = new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'Another account.', { reason: 'account_changed' })

  it('is stored before it is verified', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    let storedThen: string | undefined
    const worker = verified(fixture, async () => {
      storedThen = (await fixture.record()).grant?.accessToken
    })
    expect((await fixture.done(renewGrant(worker, expiring))).record.grant?.accessToken).toBe('access1')
    expect(storedThen).toBe('access1')
  })

  it.for([
    ['the server is out of reach', () => Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'Down.'))],
    ['the app is refused', () => Promise.reject(new ConnectorError('CONFIGURATION_ERROR', 'No keys.'))],
    ['the verification throws', () => Promise.reject(new TypeError('broken'))],
    ['the verification never ends', () => new Promise<void>(() => {})],
  ] as const)('stays in use when %s', async ([, verify]) => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const { record } = await fixture.done(renewGrant(verified(fixture, verify), expiring))
    expect(record).toMatchObject({ grant: { accessToken: 'access1' }, generation: 1 })
    expect(await fixture.record()).toEqual(record)
    expect(record).not.toHaveProperty('state')
    expect(fixture.events).toEqual(['one renewed'])
  })

  it('leads to needs_reauth if it belongs to another account', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const error = await fixture.failure(
      renewGrant(
        verified(fixture, () => Promise.reject(changed)),
        expiring,
      ),
    )
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'account_changed' } })
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth', trouble: { reason: 'account_changed' } })
    expect(fixture.events).toEqual(['one renewed', 'one needs_reauth'])
  })

  it('is not used if it belongs to another account and cannot be stored', async () => {
    const fixture = new RenewalFixture()
    await fixture.connect()
    const renewals = new Renewals()
    const worker = {
      ...verified(fixture, () => Promise.reject(changed)),
      exchange: () => {
        fixture.faults.reads = 'fail'
        return Promise.resolve(fixture.grant(1))
      },
    }
    const renew = () => renewals.renew('here', expiring, () => Promise.resolve(worker))
    expect(await fixture.failure(renew())).toMatchObject({ details: { reason: 'account_changed' } })
    fixture.faults.reads = 'succeed'
    expect(await fixture.failure(renew())).toMatchObject({ details: { reason: 'account_changed' } })
    expect(await fixture.record()).toMatchObject({ state: 'needs_reauth' })
  })
})
