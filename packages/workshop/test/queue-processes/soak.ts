import { parseArgs } from 'node:util'
import { seededRandom } from '@mcpclient/testing'
import { openPlace } from '../processes/place.ts'
import type { QueueAddress } from './open-queue.ts'
import { startHost } from './prove-dispatch.ts'
import type { Host } from './prove-dispatch.ts'
import { openQueuePlace } from './queue-place.ts'

/**
 * Disturbs several processes with a queue for a while: kills processes, stops the server, and empties the queue, while jobs
 * are added:
 *
 *     node --conditions=@mcpclient/source packages/workshop/test/queue-processes/soak.ts --seconds 300
 *
 * `--queue` is `bullmq` or `pg-boss`, by default both, one after the other. Exits with 1 if a job was lost or ran twice at
 * once. The moments differ even with the same `--seed`, because the processes are real.
 */
const { values } = parseArgs({
  options: {
    queue: { type: 'string', multiple: true, default: ['bullmq', 'pg-boss'] },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now()) },
  },
})
const KEYS = Array.from({ length: 100 }, (_, at) => `key ${at}`)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const isKind = (name: string): name is QueueAddress['kind'] => name === 'bullmq' || name === 'pg-boss'

async function soak(kind: QueueAddress['kind'], random: () => number): Promise<readonly string[]> {
  const [place, files] = [await openQueuePlace(kind), await openPlace('sqlite')]
  let host: Host | undefined
  try {
    if (place.missing !== undefined) return [place.missing]
    const queue = place.newQueue()
    const running = await startHost({ store: await files.newStore(), queue })
    host = running
    const pick = <Value>(list: readonly Value[]): Value | undefined => list[Math.floor(random() * list.length)]
    const counts = { changes: 0, kills: 0, stops: 0, emptied: 0 }
    const disturb = async (): Promise<void> => {
      const chance = random()
      if (chance < 0.05) {
        await running.kill(pick(running.workers()) ?? '')
        counts.kills++
      } else if (chance < 0.1 && place.canCrash) {
        await place.crash()
        await running.change(...KEYS.filter(() => random() < 0.1))
        await place.restart()
        counts.stops++
      } else if (chance < 0.2) {
        await place.empty(queue)
        counts.emptied++
      }
    }
    for (const end = Date.now() + Number(values.seconds) * 1000; Date.now() < end;) {
      await running.change(...KEYS.filter(() => random() < 0.3))
      counts.changes++
      await disturb()
    }
    await running.settle()
    const runs = KEYS.reduce((sum, key) => sum + running.runs(key), 0)
    say(`${kind}: ${JSON.stringify({ ...counts, runs })}`)
    return running.overlaps()
  } finally {
    await host?.close()
    await Promise.all([place.close(), files.close()])
  }
}

say(`seed ${values.seed}`)
for (const name of values.queue) {
  const complaints = isKind(name)
    ? await soak(name, seededRandom(values.seed)).catch((error: unknown) => [String(error)])
    : ['there is no such queue; give bullmq or pg-boss']
  for (const complaint of complaints) say(`${name}: ${complaint}`)
  if (complaints.length > 0) process.exitCode = 1
}
