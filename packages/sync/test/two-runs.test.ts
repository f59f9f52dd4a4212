import { expect, it } from 'vitest'
import type { Remote } from '../src/index.ts'
import { createScene } from './scene.ts'

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
