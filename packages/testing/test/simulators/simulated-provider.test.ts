import { createFakeClock, errorOf, seededRandom } from '../../src/index.ts'
import { simulatedProvider } from '../../src/simulators.ts'
import type { SimulatedPage, SimulatedProvider, SimulatedProviderOptions } from '../../src/simulators.ts'
import { describe, expect, it } from 'vitest'

const clock = createFakeClock()

const provider = (options: Partial<SimulatedProviderOptions> = {}): SimulatedProvider =>
  simulatedProvider({
    now: clock.now,
    random: seededRandom('provider'),
    creates: 'ids',
    etags: true,
    tombstones: true,
    revisions: true,
    ...options,
  })

async function pages(of: SimulatedProvider, since?: string): Promise<readonly SimulatedPage[]> {
  const all: SimulatedPage[] = []
  let page: string | undefined
  do {
    const next = await of.pull({ since, page })
    if ('code' in next) throw new Error(next.code)
    all.push(next)
    page = next.page
  } while (page !== undefined)
  return all
}

const idsOf = (all: readonly SimulatedPage[]): readonly string[] =>
  all.flatMap(({ changed }) => changed.map(({ id }) => id))

describe('a simulated provider', () => {
  it('lists every record, and then what changed since the checkpoint', async () => {
    const calendar = provider()
    for (const id of ['a', 'b', 'c']) calendar.put(id, { title: id })
    const list = await pages(calendar)
    expect(idsOf(list)).toEqual(['a', 'b', 'c'])
    const checkpoint = list.at(-1)?.checkpoint
    calendar.put('b', { title: 'changed' })
    calendar.drop('c')
    expect(await pages(calendar, checkpoint)).toMatchObject([
      { changed: [{ id: 'b', item: { title: 'changed' } }], removed: ['c'] },
    ])
  })

  it('refuses checkpoints and page tokens that have expired', async () => {
    const calendar = provider()
    for (const id of ['a', 'b', 'c']) calendar.put(id, { title: id })
    const [first] = await pages(calendar)
    const last = (await pages(calendar)).at(-1)
    calendar.expire()
    expect(await calendar.pull({ since: last?.checkpoint })).toEqual({ code: 'expired' })
    const refused = await calendar.pull({ page: first?.page }).catch((error: unknown) => error)
    expect(refused).toSatisfy((answer) => JSON.stringify(answer).includes('expired') || answer instanceof Error)
  })

  it('checks the version of a write, unless it has no etags', async () => {
    const strict = provider()
    strict.put('a', { title: 'one' })
    expect(await strict.update('a', { title: 'two' }, { version: '"0"' })).toEqual({ code: 'conflict' })
    expect(await strict.remove('a', { version: '"1"' })).toBeUndefined()
    expect(await strict.get('a')).toEqual({ code: 'gone' })
    const lax = provider({ etags: false })
    lax.put('a', { title: 'one' })
    expect(await lax.update('a', { title: 'two' }, { version: '"0"' })).toEqual({
      id: 'a',
      item: { title: 'two' },
      revision: 2,
    })
  })

  it('recognizes a create that is repeated by its id, or finds it by its marker', async () => {
    const byId = provider()
    const id = byId.newId?.('seed') ?? ''
    await byId.create({ title: 'one' }, { id, marker: 'm' })
    expect(await byId.create({ title: 'one' }, { id, marker: 'm' })).toEqual({ code: 'exists' })
    const byMarker = provider({ creates: 'markers' })
    await byMarker.create({ title: 'one' }, { marker: 'm' })
    expect(await byMarker.find?.('m')).toMatchObject({ item: { title: 'one' } })
    expect(await byMarker.find?.('other')).toBeUndefined()
  })

  it('spells what it stores, and fails after the effect', async () => {
    const calendar = provider({ failAfter: 1, normalize: ({ title }) => ({ title: String(title).toUpperCase() }) })
    const error = await errorOf(calendar.create({ title: 'one' }, { id: 'a' }))
    expect(error.code).toBe('OUTCOME_UNKNOWN')
    expect(calendar.records()).toMatchObject([{ id: 'a', item: { title: 'ONE' } }])
    calendar.behave()
    expect(await calendar.update('a', { title: 'two' }, {})).toMatchObject({ item: { title: 'TWO' } })
    expect(calendar.failures).toBe(1)
  })

  it('shows an earlier state for as long as it lags', async () => {
    const calendar = provider({ lagMs: 1000, random: () => 0.999 })
    calendar.put('a', { title: 'one' })
    expect(await calendar.get('a')).toEqual({ code: 'gone' })
    await clock.advance(1000)
    expect(await calendar.get('a')).toMatchObject({ item: { title: 'one' } })
  })
})
