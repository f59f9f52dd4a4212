import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { expect, it } from 'vitest'
import type { Remote } from '../src/index.ts'
import { createScene, PREFIX } from './scene.ts'

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

it('creates one row for a restored record that two runs read', async () => {
  const isClaimed = Promise.withResolvers<void>()
  const maySave = Promise.withResolvers<void>()
  let isHeld = false
  const inner = memoryStore()
  const store: Store = {
    ...inner,
    async put(key, value, options) {
      if (isHeld && key.startsWith(`${PREFIX}/m/`) && options?.ifVersion === null) {
        isHeld = false
        isClaimed.resolve()
        await maySave.promise
      }
      return inner.put(key, value, options)
    },
  }
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
  isHeld = true
  const first = run()
  await isClaimed.promise
  await engine().run()
  maySave.resolve()
  await first
  await run()
  expect(titles()).toEqual({ remote: ['changed', 'mine'], local: ['changed', 'mine'] })
})
