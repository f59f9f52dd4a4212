import { describe, expect, it } from 'vitest'
import { silentLogger } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'
import { ResourceWatch } from '../../src/session/resource-watch.ts'
import type { ProtocolClient } from '../../src/protocol/protocol-client.ts'

const request = { signal: undefined, requestId: 'r1', onProgress: () => undefined, extend: () => undefined }

/** Returns a connection to a modern server whose stream the test closes. */
function streamingServer() {
  const ends: ((how: 'remote' | 'local') => void)[] = []
  const client = {
    modern: true,
    isOpen: true,
    capabilities: { resourceSubscriptions: true, changes: { tools: false, resources: false, prompts: false } },
    listen: () => {
      const closed = new Promise((resolve) => ends.push(resolve))
      return Promise.resolve({ closed, close: () => Promise.resolve() })
    },
  }
  return { ends, state: client, client: client as unknown as ProtocolClient }
}

describe('a stream of updates that the server closes', () => {
  it('is opened again after a wait that doubles up to a minute', async () => {
    const clock = createFakeClock()
    const { ends, client } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
    await watch.add('demo://a', client, request)
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
    const { ends, client } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 0, logger: silentLogger })
    await watch.add('demo://a', client, request)
    ends[0]?.('remote')
    await clock.advance(499)
    expect(ends).toHaveLength(1)
    await clock.advance(1)
    expect(ends).toHaveLength(2)
  })

  it('starts with the shortest wait on a new connection', async () => {
    const clock = createFakeClock()
    const { ends, client } = streamingServer()
    const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
    await watch.add('demo://a', client, request)
    ends[0]?.('remote')
    await clock.advance(1000)
    await watch.start(client, request)
    ends[2]?.('remote')
    await clock.advance(1000)
    expect(ends).toHaveLength(4)
  })

  it.each(['this side closed it', 'the connection is closed', 'watching stopped'])(
    'stays closed if %s',
    async (why) => {
      const clock = createFakeClock()
      const { ends, state, client } = streamingServer()
      const watch = new ResourceWatch({ clock, random: () => 1, logger: silentLogger })
      await watch.add('demo://a', client, request)
      if (why === 'the connection is closed') state.isOpen = false
      ends[0]?.(why === 'this side closed it' ? 'local' : 'remote')
      await clock.advance(1)
      if (why === 'watching stopped') watch.stop()
      await clock.advance(120_000)
      expect(ends).toHaveLength(1)
    },
  )
})

describe('a connection to a legacy server', () => {
  it('is asked once for each watched resource, and again after it is replaced', async () => {
    const asked: string[] = []
    const client = {
      modern: false,
      subscribe: (uri: string) => Promise.resolve(void asked.push(`subscribe ${uri}`)),
      unsubscribe: (uri: string) => Promise.resolve(void asked.push(`unsubscribe ${uri}`)),
    } as unknown as ProtocolClient
    const watch = new ResourceWatch({ clock: createFakeClock(), random: () => 1, logger: silentLogger })
    for (const uri of ['demo://a', 'demo://b', 'demo://a', 'demo://c']) await watch.add(uri, client, request)
    expect(asked.splice(0)).toEqual(['subscribe demo://a', 'subscribe demo://b', 'subscribe demo://c'])
    expect([watch.delete('demo://a'), watch.delete('demo://b'), watch.delete('demo://b')]).toEqual([false, true, false])
    await watch.unsubscribe('demo://b', client, request)
    expect(asked.splice(0)).toEqual(['unsubscribe demo://b'])
    await watch.start(client, request)
    expect(asked).toEqual(['subscribe demo://a', 'subscribe demo://c'])
    expect(watch.isEmpty).toBe(false)
    expect([watch.delete('demo://a'), watch.delete('demo://c'), watch.isEmpty]).toEqual([true, true, true])
  })
})
