import { describe, expect, it } from 'vitest'
import { silentLogger } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { ResourceWatch } from '../../src/session/resource-watch.ts'
import type { Session } from '../../src/session/session.ts'

const asked = { signal: undefined, requestId: 'r1', onProgress: () => undefined, extend: () => undefined }

/** A server of the newer revisions whose stream ends when the test says so. */
function streamingServer() {
  const ends: ((how: 'remote' | 'local') => void)[] = []
  const session = {
    modern: true,
    isOpen: true,
    capabilities: { resourceSubscriptions: true, changes: { tools: false, resources: false, prompts: false } },
    listen: () => {
      const closed = new Promise((resolve) => ends.push(resolve))
      return Promise.resolve({ closed, close: () => Promise.resolve() })
    },
  }
  return { ends, session, of: session as unknown as Session }
}

describe('a stream of updates that the server ends', () => {
  it('is opened again after a wait that doubles up to a minute', async () => {
    const clock = createFakeClock()
    const { ends, of } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
    await watch.add('demo://a', of, asked)
    const waits = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
    for (const [index, waitMs] of waits.entries()) {
      ends[index]?.('remote')
      await clock.advance(waitMs - 1)
      expect(ends).toHaveLength(index + 1)
      await clock.advance(1)
      expect(ends).toHaveLength(index + 2)
    }
  })

  it('is opened again after half of the wait at the earliest', async () => {
    const clock = createFakeClock()
    const { ends, of } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 0, logger: silentLogger })
    await watch.add('demo://a', of, asked)
    ends[0]?.('remote')
    await clock.advance(499)
    expect(ends).toHaveLength(1)
    await clock.advance(1)
    expect(ends).toHaveLength(2)
  })

  it('starts with the shortest wait on a new connection', async () => {
    const clock = createFakeClock()
    const { ends, of } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
    await watch.add('demo://a', of, asked)
    ends[0]?.('remote')
    await clock.advance(1000)
    await watch.start(of, asked)
    ends[2]?.('remote')
    await clock.advance(1000)
    expect(ends).toHaveLength(4)
  })

  it.each(['its end was asked for', 'the session is over', 'the watching stopped'])(
    'stays closed if %s',
    async (why) => {
      const clock = createFakeClock()
      const { ends, session, of } = streamingServer()
      const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
      await watch.add('demo://a', of, asked)
      if (why === 'the session is over') session.isOpen = false
      ends[0]?.(why === 'its end was asked for' ? 'local' : 'remote')
      await clock.advance(1)
      if (why === 'the watching stopped') watch.stop()
      await clock.advance(120_000)
      expect(ends).toHaveLength(1)
    },
  )
})
