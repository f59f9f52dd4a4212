import { afterEach, describe, expect, it } from 'vitest'
import type { Fields } from '../src/index.ts'
import { createScene } from './scene.ts'

const zoneOfThisProcess = process.env['TZ']

afterEach(() => {
  if (zoneOfThisProcess === undefined) delete process.env['TZ']
  else process.env['TZ'] = zoneOfThisProcess
})

const FIELDS = ['title', 'start', 'end', 'recurrence']

/** Creates a scene whose provider writes down what it receives. */
function calendar() {
  const sent: Fields[] = []
  const scene = createScene({
    traits: { fields: FIELDS },
    remote: (remote) => ({
      ...remote,
      create: async (item, call) => {
        sent.push(item)
        return remote.create?.(item, call) ?? { code: 'exists' }
      },
      update: async (id, changes, call) => {
        sent.push(changes)
        return remote.update?.(id, changes, call) ?? { code: 'gone' }
      },
    }),
  })
  return { ...scene, sent }
}

const weekly = {
  title: 'Stand-up',
  start: { dateTime: '2026-10-27T14:10:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-10-27T14:30:00', timeZone: 'America/New_York' },
  recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z'],
}
const allDay = {
  title: 'Holiday',
  start: { date: '2026-03-29' },
  end: { date: '2026-03-30' },
  recurrence: null,
}

describe('values', () => {
  it('S15: writes nothing to an event with guests in the first sync, nor for its echo', async () => {
    const { provider, replica, sent, run } = calendar()
    provider.put('r1', { ...weekly, attendees: [{ email: 'grace@example.com' }] })
    await run()
    provider.put('r1', { attendees: [{ email: 'grace@example.com', responseStatus: 'accepted' }] })
    await run()
    await run()
    expect([provider.writes(), sent]).toEqual([0, []])
    expect(replica.rows()).toMatchObject([{ item: weekly }])
  })

  it.each(['America/New_York', 'Europe/Berlin', 'Pacific/Auckland'])(
    'S20: keeps the wall time and the zone of a series over a change of the clocks, on a host in %s',
    async (zone) => {
      process.env['TZ'] = zone
      const { provider, replica, sent, run } = calendar()
      provider.put('r1', weekly)
      replica.edit('l1', weekly)
      await run()
      expect(replica.rows().map(({ item }) => item)).toEqual([weekly, weekly])
      expect(sent).toEqual([weekly])
      replica.edit('p2', { title: 'Daily stand-up' })
      await run()
      expect(sent.slice(1)).toEqual([{ title: 'Daily stand-up' }])
      expect(provider.records().map(({ item }) => item['start'])).toEqual([weekly.start, weekly.start])
    },
  )

  it.each(['America/New_York', 'Europe/Berlin', 'Pacific/Auckland'])(
    'S21: returns an all-day event with the dates that it had, on a host in %s',
    async (zone) => {
      process.env['TZ'] = zone
      const { provider, replica, sent, run } = calendar()
      provider.put('r1', allDay)
      replica.edit('l1', allDay)
      await run()
      await run()
      expect(replica.rows().map(({ item }) => item)).toEqual([allDay, allDay])
      const { recurrence: _none, ...known } = allDay
      expect(sent).toEqual([known])
      expect(provider.records()).toMatchObject([{ item: known }, { item: known }])
    },
  )
})

describe('two runs at once', () => {
  it('S29: keep a record that was created again, if the later of two reads shows its removal', async () => {
    const shown = Promise.withResolvers<void>()
    const staged = Promise.withResolvers<void>()
    const applied = Promise.withResolvers<void>()
    let pulls = 0
    let isLate = false
    const { provider, replica, clock, titles, engine, run } = createScene({
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          if (!isLate) return remote.pull(place)
          if (++pulls === 1) {
            const page = await remote.pull(place)
            shown.resolve()
            await staged.promise
            return page
          }
          return { changed: [], removed: ['r1'], checkpoint: '2/0' }
        },
      }),
      wrapReplica: (port) => ({
        ...port,
        async *changes(since) {
          if (isLate) {
            staged.resolve()
            await applied.promise
          }
          yield* port.changes(since)
        },
      }),
    })
    provider.put('r1', { title: 'first', place: 'here' })
    await run()
    provider.drop('r1')
    provider.put('r1', { title: 'again', place: 'here' })
    isLate = true
    const overtaken = engine().run()
    await shown.promise
    await clock.advance(1)
    const later = engine().run()
    expect(await overtaken).toMatchObject({ superseded: true })
    applied.resolve()
    expect(await later).toMatchObject({ complete: true, deleted: { local: 0, remote: 0 } })
    isLate = false
    await run()
    expect(titles()).toEqual({ remote: ['again'], local: ['again'] })
    expect(replica.rows()).toHaveLength(1)
  })
})

describe('a record that was created again while reads lag', () => {
  it.each([
    ['has a revision', 7],
    ['has none', undefined],
  ])('gets the state of the page if the read after it is older and the record %s', async (_, revision) => {
    let isLagging = false
    const { provider, clock, titles, run } = createScene({
      provider: { revisions: revision !== undefined },
      traits: { settleMs: 60_000 },
      remote: (remote) => ({
        ...remote,
        get: async (id, call) => {
          if (!isLagging) return remote.get(id, call)
          isLagging = false
          return { id, version: '"3"', revision: revision && 3, item: { title: 'again', place: 'here' } }
        },
      }),
    })
    provider.put('r1', { title: 'first', place: 'here' })
    await run()
    provider.drop('r1')
    await clock.advance(120_000)
    await run()
    provider.put('r1', { title: 'again', place: 'here' })
    provider.put('r1', { title: 'again, and edited' })
    await clock.advance(120_000)
    isLagging = true
    await run()
    await clock.advance(120_000)
    await run()
    expect(titles()).toEqual({ remote: ['again, and edited'], local: ['again, and edited'] })
  })
})
