import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { openPlace } from '../processes/place.ts'
import { startHost } from './prove-dispatch.ts'
import type { Host } from './prove-dispatch.ts'
import { openQueuePlace } from './queue-place.ts'

/** `all`: processes and servers of pg-boss are stopped, too. It notices them after ten seconds each. */
const isWhole = process.env['QUEUE_CRASHES'] === 'all'
const KEYS = Array.from({ length: 40 }, (_, at) => `key ${at}`)

// One after the other: a server that is stopped is stopped for all.
describe.each(['bullmq', 'pg-boss'] as const)('several processes with %s', { timeout: 120_000 }, async (kind) => {
  const [place, files] = [await openQueuePlace(kind), await openPlace('sqlite')]
  const { missing } = place
  if (missing !== undefined) process.stderr.write(`Several processes with ${kind}: not tested: ${missing}\n`)
  const isQuick = kind === 'pg-boss' && !isWhole
  const hosts: Host[] = []
  const open = async () => {
    const queue = place.newQueue()
    const host = await startHost({ store: await files.newStore(), queue })
    hosts.push(host)
    return { host, queue }
  }
  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.close()))
  })
  afterAll(async () => {
    await Promise.all([place.close(), files.close()])
  })

  it.skipIf(missing !== undefined)('run every job, and once more for what is added during a run', async () => {
    const { host } = await open()
    await host.change(...KEYS, 'long')
    await host.runnerOf('long')
    for (let n = 0; n < 5; n++) await host.change('long')
    await host.change(...KEYS)
    await host.settle()
    expect(host.runs('long')).toBe(2)
    expect(host.overlaps()).toEqual([])
  })

  it.skipIf(missing !== undefined || isQuick)('run the job of a process that was killed in another one', async () => {
    const { host } = await open()
    await host.change('held')
    const killed = await host.runnerOf('held')
    await host.change(...KEYS)
    await host.kill(killed)
    await host.settle()
    expect(host.runs('held')).toBe(2)
    expect(host.overlaps()).toEqual([])
  })

  it.skipIf(missing !== undefined || !place.canCrash || isQuick)(
    'run what was added while the server was stopped',
    async () => {
      const { host } = await open()
      await host.change(...KEYS)
      await place.crash()
      await host.change(...KEYS, 'new')
      await place.restart()
      await host.settle()
      expect(host.overlaps()).toEqual([])
    },
  )

  it.skipIf(missing !== undefined)('run every job though the queue is emptied again and again', async () => {
    const { host, queue } = await open()
    for (let n = 0; n < 5; n++) {
      await host.change(...KEYS)
      await place.empty(queue)
    }
    await host.settle()
    expect(host.overlaps()).toEqual([])
  })
})
