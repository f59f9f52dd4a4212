import type { JobQueue } from '@mcpclient/core/jobs'

/** The queue of a worker, as a value that crosses to its process. */
export interface QueueAddress {
  readonly kind: 'bullmq' | 'pg-boss'
  readonly url: string
  readonly name: string
}

export interface OpenQueue {
  readonly queue: JobQueue
  close(): Promise<void>
}

/** Short, so that the job of a killed process is returned soon. */
const LOCK_MS = 1000
const HEARTBEAT_MS = 10_000

/** Opens the queue of an address. Loads no other driver. */
export async function openQueue({ kind, url, name }: QueueAddress): Promise<OpenQueue> {
  if (kind === 'bullmq') {
    const { bullmqQueue } = await import('@mcpclient/bullmq')
    const queue = bullmqQueue({ connection: { url }, name, lockMs: LOCK_MS })
    return { queue, close: () => queue.close() }
  }
  const [{ pgBossQueue }, { PgBoss }] = await Promise.all([import('@mcpclient/pg-boss'), import('pg-boss')])
  const boss = new PgBoss({
    connectionString: url,
    max: 5,
    superviseIntervalSeconds: 1,
    monitorIntervalSeconds: 1,
    useListenNotify: true,
  })
  // The server is stopped on purpose.
  boss.on('error', () => undefined)
  await boss.start()
  return {
    queue: pgBossQueue(boss, { name, pollMs: 500, heartbeatMs: HEARTBEAT_MS }),
    close: () => boss.stop({ graceful: false }),
  }
}
