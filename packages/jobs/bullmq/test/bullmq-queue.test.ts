import { randomUUID } from 'node:crypto'
import { bullmqQueue } from '@mcpclient/bullmq'
import type { BullmqQueue } from '@mcpclient/bullmq'
import { jobQueueContract } from '@mcpclient/testing/contract'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startServer } from './start-server.ts'

const server = await startServer()
const { url = '', missing } = server
afterAll(() => server.stop())
if (missing !== undefined) process.stderr.write(`@mcpclient/bullmq: not tested: ${missing}\n`)

describe.skipIf(missing !== undefined)('BullMQ', () => {
  let redis: Redis
  beforeAll(() => {
    redis = new Redis(url, { maxRetriesPerRequest: null })
  })
  afterAll(() => {
    redis.disconnect()
  })

  const openAll = () => {
    const prefix = randomUUID()
    const opened: BullmqQueue[] = []
    const another = () => {
      const queue = bullmqQueue({ connection: { url }, prefix })
      opened.push(queue)
      return queue
    }
    return { prefix, another, close: async () => void (await Promise.all(opened.map((queue) => queue.close()))) }
  }

  jobQueueContract(
    () => {
      const { another, close } = openAll()
      return { queue: another(), another, empty: async () => void (await redis.flushall()), close }
    },
    { name: 'BullMQ' },
  )

  it('works over a client that is open, and leaves it open', async () => {
    const queue = bullmqQueue({ connection: redis, prefix: randomUUID() })
    const over = new AbortController()
    const ran: string[] = []
    await queue.add(['a'])
    await queue.work({
      concurrency: 2,
      signal: over.signal,
      run: async (id) => {
        ran.push(id)
        over.abort()
      },
    })
    await queue.close()
    expect(ran).toEqual(['a'])
    expect(await redis.ping()).toBe('PONG')
  })

  it('keeps nothing of a job that has run', async () => {
    const { prefix, another, close } = openAll()
    const queue = another()
    const over = new AbortController()
    let runs = 0
    const run = async () => {
      if (++runs === 1) await queue.add(['a'])
      else over.abort()
    }
    await queue.add(['a'])
    await queue.work({ concurrency: 1, run, signal: over.signal })
    await close()
    const keys = await redis.keys(`${prefix}:*`)
    expect(keys.map((key) => key.split(':').at(-1) ?? '').toSorted()).toEqual([
      'events',
      'id',
      'marker',
      'meta',
      'stalled-check',
    ])
  })

  it('separates queues with two names', async () => {
    const prefix = randomUUID()
    const [one, other] = ['one', 'other'].map((name) => bullmqQueue({ connection: { url }, prefix, name }))
    const over = new AbortController()
    const ran: string[] = []
    await other?.add(['of the other'])
    await one?.add(['of the one'])
    const run = async (id: string) => {
      ran.push(id)
      over.abort()
    }
    await one?.work({ concurrency: 1, run, signal: over.signal })
    expect(ran).toEqual(['of the one'])
    await Promise.all([one?.close(), other?.close()])
  })
})

it.each([0, -1, NaN, Infinity])('rejects a lockMs of %d', (lockMs) => {
  expect(() => bullmqQueue({ connection: {}, lockMs })).toThrow('The lockMs of bullmqQueue() is not positive.')
})
