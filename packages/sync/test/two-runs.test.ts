import { ConnectorError } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import type { Remote } from '../src/index.ts'
import { createScene, holdingStore, PREFIX } from './scene.ts'
import type { SceneOptions } from './scene.ts'

it('applies a removal that one run reads while another one creates the row', async () => {
  const isPulled = Promise.withResolvers<void>()
  const mayPull = Promise.withResolvers<void>()
  const isPutting = Promise.withResolvers<void>()
  const mayPut = Promise.withResolvers<void>()
  let pulls = 0
  let second: Promise<unknown> | undefined
  const { provider, titles, run, engine } = createScene({
    remote: (port): Remote => ({
      ...port,
      async pull(place) {
        pulls++
        if (pulls === 2) {
          // The other run has finished what was open, and begins its round.
          const page = await port.pull(place)
          second = engine().run()
          await isPulled.promise
          return page
        }
        if (pulls === 3) {
          isPulled.resolve()
          await mayPull.promise
        }
        return port.pull(place)
      },
    }),
    wrapReplica: (port) => ({
      ...port,
      async put(record) {
        isPutting.resolve()
        await mayPut.promise
        return port.put(record)
      },
    }),
  })
  await run()
  provider.put('r1', { title: 'one', place: 'here' })
  const first = run()
  await isPutting.promise
  provider.drop('r1')
  mayPull.resolve()
  await second
  mayPut.resolve()
  await first
  await run()
  expect(titles()).toEqual({ remote: [], local: [] })
})

it('applies a removal that one run reads after another one has stopped while it created the row', async () => {
  const pulling = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const mayPull = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const isPutting = Promise.withResolvers<void>()
  let pulls = -1
  let isStopped = false
  const { provider, titles, run, engine } = createScene({
    remote: (port): Remote => ({
      ...port,
      async pull(place) {
        const number = pulls++
        pulling[number]?.resolve()
        await mayPull[number]?.promise
        return port.pull(place)
      },
    }),
    wrapReplica: (port) => ({
      ...port,
      async put(record) {
        if (isStopped) return port.put(record)
        isStopped = true
        isPutting.resolve()
        // The process ends here.
        return new Promise<never>(() => {})
      },
    }),
  })
  await run()
  provider.put('r1', { title: 'one', place: 'here' })
  void engine().run()
  await pulling[0]?.promise
  const second = run()
  await pulling[1]?.promise
  mayPull[0]?.resolve()
  await isPutting.promise
  provider.drop('r1')
  mayPull[1]?.resolve()
  await second
  await run()
  expect(titles()).toEqual({ remote: [], local: [] })
})

it('creates one row for a restored record that two runs read', async () => {
  let isArmed = false
  const { store, reached, release } = holdingStore(
    (key, _, options) => isArmed && key.startsWith(`${PREFIX}/m/`) && options?.ifVersion === null,
  )
  const { provider, replica, titles, run, engine } = createScene({
    provider: { creates: 'markers' },
    engine: { store },
  })
  replica.edit('l1', { title: 'mine', place: 'here' })
  await run()
  const [removed] = provider.records()
  // A user removes the record, and the row, which changed, is created again: the pair has another record now.
  provider.drop(removed?.id ?? '')
  replica.edit('l1', { title: 'changed' })
  await run()
  expect(titles()).toEqual({ remote: ['changed'], local: ['changed'] })

  provider.put(removed?.id ?? '', { ...removed?.item })
  isArmed = true
  const first = run()
  await reached
  await engine().run()
  release()
  await first
  await run()
  expect(titles()).toEqual({ remote: ['changed', 'mine'], local: ['changed', 'mine'] })
})

it('gives the record of an unknown create to one pair while two runs read it', async () => {
  const isPulling = Promise.withResolvers<void>()
  const mayPull = Promise.withResolvers<void>()
  let isPullHeld = false
  let isArmed = false
  let isResponseLost = false
  const { store, reached, release } = holdingStore(
    (key, value) => isArmed && key.startsWith(`${PREFIX}/m/`) && !value.includes('"intent"'),
  )
  const { provider, replica, titles, run, engine, clock } = createScene({
    provider: { creates: 'neither' },
    engine: { store },
    remote: (port): Remote => ({
      ...port,
      async pull(place) {
        if (isPullHeld) {
          isPullHeld = false
          isPulling.resolve()
          await mayPull.promise
        }
        return port.pull(place)
      },
      async create(item, call) {
        const created = await port.create?.(item, call)
        if (isResponseLost || created === undefined) throw new Error('The connection was lost.')
        return created
      },
    }),
  })
  replica.edit('l1', { title: 'mine', place: 'here' })
  await run()

  // One run begins, and does not know that the outcome of a create will be unknown.
  isPullHeld = true
  const early = engine().run()
  await isPulling.promise
  const [first] = provider.records()
  provider.drop(first?.id ?? '')
  replica.edit('l1', { title: 'changed' })
  isResponseLost = true
  await run()
  isResponseLost = false
  // Another one finds the record of the create, and is about to save its pair.
  isArmed = true
  const late = run()
  await reached
  mayPull.resolve()
  await early
  release()
  await late
  // This provider cannot say which record the create made, so there may be two, but each has a row of its own.
  await clock.advance(1000)
  await run()
  expect(titles()).toEqual({ remote: ['changed', 'changed'], local: ['changed', 'changed'] })
  for (const { id } of provider.records()) provider.put(id, { title: id })
  await run()
  expect(titles().local).toEqual(titles().remote)
})

describe('a create that is refused while another run sends it', () => {
  /** Begins a create in two runs: the request of the first is refused before the second one learns that it has succeeded. */
  async function refuseFirst(creates: 'ids' | 'keys', options: Pick<SceneOptions, 'traits' | 'remote'> = {}) {
    const isSending = Promise.withResolvers<void>()
    const isCreated = Promise.withResolvers<void>()
    const isRefused = Promise.withResolvers<void>()
    let sent = 0
    const { remote = (port) => port, ...others } = options
    const scene = createScene({
      ...others,
      provider: { creates },
      remote: (port) =>
        remote({
          ...port,
          async create(item, call) {
            const number = ++sent
            if (number === 1) {
              isSending.resolve()
              await isCreated.promise
              throw new ConnectorError('MCP_SERVER_ERROR', 'The provider is busy.', { outcome: 'not_processed' })
            }
            const created = await port.create?.(item, call)
            if (created === undefined) throw new TypeError('The provider creates nothing.')
            if (number === 2) {
              isCreated.resolve()
              await isRefused.promise
            }
            return created
          },
        }),
    })
    scene.replica.edit('l1', { title: 'mine', place: 'here' })
    const first = scene.run()
    await isSending.promise
    const second = scene.engine().run()
    await first
    isRefused.resolve()
    await second
    return scene
  }

  it('keeps what a user changed in the record meanwhile', async () => {
    const { provider, replica, run } = await refuseFirst('keys')
    provider.put('s1', { place: 'there' })
    await run()
    await run()
    expect(provider.records().map(({ item }) => item)).toEqual([{ title: 'mine', place: 'there' }])
    expect(replica.rows().map(({ item }) => item)).toEqual([{ title: 'mine', place: 'there' }])
  })

  it('keeps a later edit of the row if a read does not show the record yet', async () => {
    let isHidden = true
    const { replica, run, clock, titles } = await refuseFirst('ids', {
      traits: { settleMs: 60_000 },
      remote: (port) => ({
        ...port,
        get: async (id, call) => (isHidden ? { code: 'gone' } : port.get(id, call)),
      }),
    })
    replica.edit('l1', { title: 'later' })
    await run()
    isHidden = false
    await clock.advance(61_000)
    await run()
    expect(titles()).toEqual({ remote: ['later'], local: ['later'] })
  })
})
