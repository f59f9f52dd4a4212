import { ConnectorError } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import type { Remote, RemoteRecord } from '../src/index.ts'
import { createScene } from './scene.ts'

const SETTLE_MS = 60_000

describe('a record that was found a moment ago, and that later reads do not show yet', () => {
  /** Creates a record, of which the response is lost. Whether reads show it is up to the test. */
  async function unanswered(creates: 'ids' | 'keys', { failingPuts = 0 } = {}) {
    const state = { isLost: true, isHidden: false, failingPuts }
    const scene = createScene({
      provider: { creates, tombstones: false, revisions: false },
      traits: { settleMs: SETTLE_MS },
      engine: { fullEveryMs: 1000 },
      remote: (port): Remote => ({
        ...port,
        async pull(place) {
          state.isHidden = true
          const page = await port.pull(place)
          return 'code' in page ? page : { ...page, changed: [] }
        },
        get: async (id, call) => (state.isHidden ? { code: 'gone' } : port.get(id, call)),
        async create(item, call) {
          const created = await port.create?.(item, call)
          if (state.isLost || created === undefined) throw new Error('The connection was lost.')
          return created
        },
      }),
      wrapReplica: (port) => ({
        ...port,
        async put(record) {
          if (state.failingPuts-- > 0) throw new Error('The database is busy.')
          return port.put(record)
        },
      }),
    })
    scene.replica.edit('l1', { title: 'one', place: 'here' })
    await scene.run()
    Object.assign(state, { isLost: false, isHidden: false })
    await scene.clock.advance(2000)
    return scene
  }

  it('keeps its row if the list does not contain it', async () => {
    const { run, titles } = await unanswered('keys')
    expect((await run()).finished).toBe(1)
    expect(titles()).toEqual({ remote: ['one'], local: ['one'] })
  })

  it('keeps its row if the run that found it could not write to the host', async () => {
    const { provider, run, titles } = await unanswered('ids', { failingPuts: 1 })
    for (const { id } of provider.records()) provider.put(id, { title: 'two' })
    expect((await run()).finished).toBe(1)
    await run()
    expect(titles()).toEqual({ remote: ['two'], local: ['one'] })
  })
})

it('keeps a row that matches a new record, if it could not be merged and a later read does not show the record', async () => {
  let isHidden = false
  const { provider, replica, run, titles, clock } = createScene({
    provider: { revisions: false },
    traits: { settleMs: SETTLE_MS },
    engine: { match: ({ title }) => String(title) },
    remote: (port): Remote => ({
      ...port,
      get: async (id, call) => (isHidden ? { code: 'gone' } : port.get(id, call)),
    }),
    wrapReplica: (port) => ({
      ...port,
      async put(record) {
        if (isHidden) return port.put(record)
        isHidden = true
        throw new Error('The database is busy.')
      },
    }),
  })
  provider.put('r1', { title: 'one', place: 'there' })
  replica.edit('l1', { title: 'one', place: 'here' })
  await run()
  await run()
  expect(titles()).toEqual({ remote: ['one'], local: ['one'] })
  isHidden = false
  await clock.advance(SETTLE_MS)
  await run()
  expect(replica.rows().map(({ id }) => id)).toEqual(['l1'])
})

it('creates a record again whose row is restored at once, although a read still shows the former one', async () => {
  let old: RemoteRecord | undefined
  const { provider, replica, run, titles, clock } = createScene({
    provider: { revisions: false },
    traits: { settleMs: SETTLE_MS },
    remote: (port): Remote => ({ ...port, get: async (id, call) => (id === old?.id ? old : port.get(id, call)) }),
  })
  replica.edit('l1', { title: 'one', place: 'here' })
  await run()
  await clock.advance(SETTLE_MS)
  const [first] = provider.records()
  replica.drop('l1')
  await run()
  expect(titles()).toEqual({ remote: [], local: [] })
  await clock.advance(1000)
  old = first
  replica.edit('l1', { title: 'one', place: 'here' })
  await run()
  old = undefined
  await clock.advance(SETTLE_MS)
  await run()
  await run()
  expect(titles()).toEqual({ remote: ['one'], local: ['one'] })
})

it('brings no record back that another one has replaced, although its create was refused twice', async () => {
  let refusals = 0
  let old: RemoteRecord | undefined
  const { provider, replica, run, titles, clock } = createScene({
    traits: { settleMs: SETTLE_MS },
    remote: (port): Remote => ({
      ...port,
      async pull(place) {
        const page = await port.pull(place)
        return old === undefined || 'code' in page ? page : { ...page, changed: [old], removed: [] }
      },
      get: async (id, call) => (id === old?.id ? old : port.get(id, call)),
      async create(item, call) {
        if (refusals-- > 0) {
          throw new ConnectorError('MCP_SERVER_ERROR', 'The provider is busy.', { outcome: 'not_processed' })
        }
        return (await port.create?.(item, call)) ?? { code: 'exists' }
      },
    }),
  })
  replica.edit('l1', { title: 'one', place: 'here' })
  await run()
  await clock.advance(SETTLE_MS)
  const [first] = provider.records()
  provider.drop(first?.id ?? '')
  replica.edit('l1', { title: 'two' })
  refusals = 2
  await run()
  await clock.advance(1000)
  // A page and a read are older than the removal.
  old = first
  await run()
  expect(titles().local).toEqual(['two'])
  old = undefined
  await clock.advance(SETTLE_MS)
  await run()
  expect(titles()).toEqual({ remote: ['two'], local: ['two'] })
})
