import { expect, it, test } from 'vitest'
import { Renewals } from '../../../src/vault/renewal/renewals.ts'
import { SmallWorld, type Spend } from '../../simulation/small-world.ts'

const SECOND = 1000
const PLACE = 'here'
const expiring = { kind: 'expiring' } as const
const refused = { kind: 'refused', accessToken: 'access0' } as const
const mustNotSpend: Spend = () => Promise.reject(new Error('It was not to be spent.'))

test('whoever asks while a renewal is under way gets what comes of it', async () => {
  const world = new SmallWorld()
  await world.connect()
  const renewals = new Renewals()
  const worker = world.worker('one', async () => {
    await world.waits(SECOND)
    return world.grant(1)
  })
  const all = Promise.all([1, 2, 3].map(() => renewals.renew(PLACE, expiring, () => Promise.resolve(worker))))
  expect(renewals.isRunning(PLACE)).toBe(true)
  const rows = await world.done(all)
  expect(rows.map(({ record }) => record.grant?.accessToken)).toEqual(['access1', 'access1', 'access1'])
  expect(world.spent).toEqual(['one refresh0'])
  expect(renewals.isRunning(PLACE)).toBe(false)
})

test('whose token was refused is not content with a renewal that left that very token in use', async () => {
  const world = new SmallWorld()
  await world.connect()
  const lease = { owner: 'other', until: world.now + 30 * SECOND, generation: 0 }
  await world.force({ ...(await world.record()), lease })
  const renewals = new Renewals()
  const worker = () => Promise.resolve(world.worker('one', mustNotSpend))
  const first = renewals.renew(PLACE, expiring, worker)
  const second = renewals.renew(PLACE, refused, worker)
  world.time.after(5 * SECOND, () => void world.force({ credential: {}, grant: world.grant(1), generation: 1 }))
  expect((await world.done(first)).record.grant?.accessToken).toBe('access0')
  expect((await world.done(second)).record.grant?.accessToken).toBe('access1')
})

/** The process has access1, and the store has access0. */
async function withUnsaved() {
  const world = new SmallWorld()
  await world.connect()
  const renewals = new Renewals()
  const spending = world.worker('one', () => {
    world.moods.reads = 'fail'
    return Promise.resolve(world.grant(1))
  })
  const row = await world.done(renewals.renew(PLACE, expiring, () => Promise.resolve(spending)))
  world.moods.reads = 'answer'
  const later = () => renewals.renew(PLACE, expiring, () => Promise.resolve(world.worker('one', mustNotSpend)))
  return { world, renewals, row, later }
}

test('a grant that could not be written is used all the same, and written with the next renewal', async () => {
  const { world, renewals, row, later } = await withUnsaved()
  expect(row).toMatchObject({ record: { grant: { accessToken: 'access1' } }, version: null })
  expect((await world.record()).grant?.accessToken).toBe('access0')
  await world.done(later())
  expect((await world.record()).grant?.accessToken).toBe('access1')
  expect(renewals.uncommitted(PLACE)).toBeUndefined()
  expect(world.spent).toEqual(['one refresh0'])
})

test('a grant that could not be written is given back once its connection is gone, and offered no more', async () => {
  const { world, renewals, later } = await withUnsaved()
  await world.force(undefined)
  expect(await world.failure(later())).toMatchObject({ details: { reason: 'disconnected' } })
  expect(world.discarded).toEqual(['access1'])
  expect(renewals.uncommitted(PLACE)).toBeUndefined()
})

test('a grant that could not be written is forgotten when a person connects again', async () => {
  const { world, renewals, later } = await withUnsaved()
  renewals.forget(PLACE)
  const theirs = { credential: {}, grant: world.grant(5), generation: 1 }
  await world.force(theirs)
  expect((await world.done(later())).record).toEqual(theirs)
  expect(world.discarded).toEqual([])
})

it('does not go on with a renewal that a later call has left because its read was stuck', async () => {
  const world = new SmallWorld()
  await world.connect()
  const renewals = new Renewals(world.clock())
  const stuck = Promise.withResolvers<undefined>()
  const first = world.worker('one', mustNotSpend)
  const left = renewals.renew(PLACE, expiring, () =>
    Promise.resolve({ ...first, read: () => stuck.promise.then(() => first.read()) }),
  )
  const failure = expect(left).rejects.toMatchObject({ details: { reason: 'store_unavailable' } })
  await world.pass(11 * SECOND)
  const second = world.worker('one', async () => {
    stuck.resolve(undefined)
    await world.waits(SECOND)
    return world.grant(1)
  })
  await world.done(renewals.renew(PLACE, expiring, () => Promise.resolve(second)))
  await failure
  expect(world.spent).toEqual(['one refresh0'])
  expect((await world.record()).grant?.accessToken).toBe('access1')
})
