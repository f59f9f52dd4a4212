import { describe, expect, it } from 'vitest'
import type { Remote } from '../src/index.ts'
import { createScene, holdingStore, PREFIX } from './scene.ts'

const NEXT_FULL_LIST_MS = 25 * 60 * 60 * 1000

describe('a record that is removed before the list of a round is read', () => {
  it('is missing in it, although the round has read the record itself', async () => {
    let isReadable = false
    const { provider, run, titles, clock } = createScene({
      provider: { tombstones: false },
      remote: (port): Remote => ({
        ...port,
        async pull(place) {
          // A user removes it after this run has read it.
          if (isReadable) provider.drop('r1')
          const page = await port.pull(place)
          if (isReadable || 'code' in page) return page
          return { ...page, changed: [], skipped: [{ id: 'r1', reason: 'It has no title.' }] }
        },
        get: async (id, call) => (isReadable ? port.get(id, call) : { code: 'unreadable' }),
      }),
    })
    provider.put('r1', { title: 'one', place: 'here' })
    await run()
    isReadable = true
    await clock.advance(NEXT_FULL_LIST_MS)
    const result = await run()
    expect(result.created.local).toBe(1)
    expect(titles()).toEqual({ remote: [], local: [] })
  })

  it('is missing in it, although the round has finished the create of the record', async () => {
    let isLost = true
    const { provider, replica, run, titles, clock } = createScene({
      provider: { tombstones: false, creates: 'markers' },
      remote: (port): Remote => ({
        ...port,
        async pull(place) {
          for (const { id } of provider.records()) provider.drop(id)
          return port.pull(place)
        },
        async create(item, call) {
          const created = await port.create?.(item, call)
          if (isLost || created === undefined) throw new Error('The connection was lost.')
          return created
        },
      }),
    })
    replica.edit('l1', { title: 'one', place: 'here' })
    await run()
    expect(titles()).toEqual({ remote: ['one'], local: ['one'] })
    isLost = false
    await clock.advance(NEXT_FULL_LIST_MS)
    expect((await run()).finished).toBe(1)
    expect(titles()).toEqual({ remote: [], local: [] })
  })

  it('is missing in it, although another run has paired the record meanwhile', async () => {
    let first: Promise<unknown> | undefined
    const { store, reached, release } = holdingStore(
      (key, _, options) => key.startsWith(`${PREFIX}/m/`) && options?.ifVersion === null,
    )
    const { provider, run, titles, engine } = createScene({
      engine: { store },
      remote: (port): Remote => ({
        ...port,
        async get(id, call) {
          const record = await port.get(id, call)
          if (first === undefined) return record
          release()
          await first
          first = undefined
          provider.drop('r1')
          return record
        },
      }),
    })
    provider.put('r1', { title: 'one', place: 'here' })
    first = engine().run()
    await reached
    await run()
    await run()
    expect(titles()).toEqual({ remote: [], local: [] })
  })
})
