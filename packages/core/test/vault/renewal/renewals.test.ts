import { expect, it } from 'vitest'
import { Renewals } from '../../../src/vault/renewal/renewals.ts'
import { RenewalFixture, type Exchange } from '../../simulation/renewal-fixture.ts'

const SECOND = 1000
const PLACE = 'here'
const expiring = { kind: 'expiring' } as const
const refused = { kind: 'refused', accessToken: 'access0' } as const
const mustNotExchange: Exchange = () => Promise.reject(new Error('The token must not be used.'))

it('renew() shares a running refresh among callers', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const renewals = new Renewals()
  const worker = fixture.worker('one', async () => {
    await fixture.delay(SECOND)
    return fixture.grant(1)
  })
  const all = Promise.all([1, 2, 3].map(() => renewals.renew(PLACE, expiring, () => Promise.resolve(worker))))
  expect(renewals.isRunning(PLACE)).toBe(true)
  const rows = await fixture.done(all)
  expect(rows.map(({ record }) => record.grant?.accessToken)).toEqual(['access1', 'access1', 'access1'])
  expect(fixture.exchanged).toEqual(['one refresh0'])
  expect(renewals.isRunning(PLACE)).toBe(false)
})

it('renew() refreshes again for a refused token if the running refresh left that token in use', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const lease = { owner: 'other', until: fixture.now + 30 * SECOND, generation: 0 }
  await fixture.force({ ...(await fixture.record()), lease })
  const renewals = new Renewals()
  const worker = () => Promise.resolve(fixture.worker('one', mustNotExchange))
  const first = renewals.renew(PLACE, expiring, worker)
  const second = renewals.renew(PLACE, refused, worker)
  fixture.time.after(5 * SECOND, () => void fixture.force({ credential: {}, grant: fixture.grant(1), generation: 1 }))
  expect((await fixture.done(first)).record.grant?.accessToken).toBe('access0')
  expect((await fixture.done(second)).record.grant?.accessToken).toBe('access1')
})

/** Returns a process that has access1 in memory and a store that has access0. */
async function withUnsaved() {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const renewals = new Renewals()
  const worker = fixture.worker('one', () => {
    fixture.faults.reads = 'fail'
    return Promise.resolve(fixture.grant(1))
  })
  const row = await fixture.done(renewals.renew(PLACE, expiring, () => Promise.resolve(worker)))
  fixture.faults.reads = 'succeed'
  const later = () => renewals.renew(PLACE, expiring, () => Promise.resolve(fixture.worker('one', mustNotExchange)))
  return { fixture, renewals, row, later }
}

it('renew() uses a grant that could not be written, and writes it with the next refresh', async () => {
  const { fixture, renewals, row, later } = await withUnsaved()
  expect(row).toMatchObject({ record: { grant: { accessToken: 'access1' } }, version: null })
  expect((await fixture.record()).grant?.accessToken).toBe('access0')
  await fixture.done(later())
  expect((await fixture.record()).grant?.accessToken).toBe('access1')
  expect(renewals.uncommitted(PLACE)).toBeUndefined()
  expect(fixture.exchanged).toEqual(['one refresh0'])
})

it('renew() revokes a grant that could not be written once its connection is gone', async () => {
  const { fixture, renewals, later } = await withUnsaved()
  await fixture.force(undefined)
  expect(await fixture.failure(later())).toMatchObject({ details: { reason: 'disconnected' } })
  expect(fixture.discarded).toEqual(['access1'])
  expect(renewals.uncommitted(PLACE)).toBeUndefined()
})

it('renew() forgets a grant that could not be written when the user connects again', async () => {
  const { fixture, renewals, later } = await withUnsaved()
  renewals.forget(PLACE)
  const theirs = { credential: {}, grant: fixture.grant(5), generation: 1 }
  await fixture.force(theirs)
  expect((await fixture.done(later())).record).toEqual(theirs)
  expect(fixture.discarded).toEqual([])
})

it('renew() drops a refresh whose read hung after a later call has started another', async () => {
  const fixture = new RenewalFixture()
  await fixture.connect()
  const renewals = new Renewals(fixture.clock())
  const stuck = Promise.withResolvers<undefined>()
  const first = fixture.worker('one', mustNotExchange)
  const left = renewals.renew(PLACE, expiring, () =>
    Promise.resolve({ ...first, read: () => stuck.promise.then(() => first.read()) }),
  )
  const failure = expect(left).rejects.toMatchObject({ details: { reason: 'store_unavailable' } })
  await fixture.pass(11 * SECOND)
  const second = fixture.worker('one', async () => {
    stuck.resolve(undefined)
    await fixture.delay(SECOND)
    return fixture.grant(1)
  })
  await fixture.done(renewals.renew(PLACE, expiring, () => Promise.resolve(second)))
  await failure
  expect(fixture.exchanged).toEqual(['one refresh0'])
  expect((await fixture.record()).grant?.accessToken).toBe('access1')
})
