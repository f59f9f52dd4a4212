import { describe, expect, it } from 'vitest'
import { createScene } from './scene.ts'

const record = { id: 'r1', revision: 7, item: { title: 'Heron', place: 'here' } }

/** Pulls once for each page. The provider has the record or not, whatever its pages show. */
async function titlesAfter(pages: readonly ('shown' | 'removed')[], exists: () => boolean) {
  const left = [...pages]
  const { run, titles, clock } = createScene({
    engine: { direction: 'pull' },
    remote: (port) => ({
      ...port,
      async pull() {
        const page = left.shift()
        return {
          changed: page === 'shown' ? [record] : [],
          removed: page === 'removed' ? [record.id] : [],
          checkpoint: `checkpoint ${left.length}`,
        }
      },
      get: async () => (exists() ? record : { code: 'gone' }),
    }),
  })
  for (let n = 0; n < pages.length; n++) {
    await run()
    await clock.advance(1000)
  }
  return titles().local
}

describe('a record that was removed', () => {
  it('comes back with the revision that it had, such as a message that was moved away and back', async () => {
    expect(await titlesAfter(['shown', 'removed'], () => true)).toEqual([])
    expect(await titlesAfter(['shown', 'removed', 'shown'], () => true)).toEqual(['Heron'])
  })

  it('stays away if an old page shows it', async () => {
    expect(await titlesAfter(['shown', 'removed', 'shown'], () => false)).toEqual([])
  })
})
