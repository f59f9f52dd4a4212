import { ConnectorError } from '@mcpclient/core'
import type { JobQueue, QueueWorker } from '@mcpclient/core/jobs'
import { Queue, Worker } from 'bullmq'
import type { ConnectionOptions } from 'bullmq'

export interface BullmqQueueOptions {
  /** The Redis, as BullMQ takes it. An open client needs `maxRetriesPerRequest: null`, and stays open. */
  readonly connection: ConnectionOptions
  /** The name of the queue, the same in all processes of a host. @default 'mcpclient' */
  readonly name?: string | undefined
  /** The prefix of all keys in Redis. @default 'bull' */
  readonly prefix?: string | undefined
  /**
   * Milliseconds after which BullMQ returns the job of a process that died to the queue: at the first look that follows,
   * and it looks as often. @default 30_000
   */
  readonly lockMs?: number | undefined
  /** Called with the errors of connections, which BullMQ opens again. @default they are ignored */
  readonly onError?: ((error: Error) => void) | undefined
}

export interface BullmqQueue extends JobQueue {
  /** Closes the connection with which jobs are added. Call it after `close()` of the client. */
  close(): Promise<void>
}

interface QueuedJob {
  readonly id: string
}

const LOCK_MS = 30_000
/** A server that is down would hold up the end of a process. */
const CLOSE_MS = 5_000

/**
 * Creates a queue for `jobs({ queue })` over BullMQ. Connects with the first use.
 * @throws ConnectorError CONFIGURATION_ERROR if `lockMs` is not positive
 */
export function bullmqQueue(options: BullmqQueueOptions): BullmqQueue {
  const { connection, name = 'mcpclient', prefix, lockMs = LOCK_MS, onError = () => undefined } = options
  if (!(lockMs > 0 && Number.isFinite(lockMs))) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The lockMs of bullmqQueue() is not positive.', {
      hint: 'Pass milliseconds, such as 30_000.',
    })
  }
  const shared = { connection, ...(prefix !== undefined && { prefix }) }
  let queue: Queue<QueuedJob> | undefined

  const opened = (): Queue<QueuedJob> => {
    queue ??= new Queue<QueuedJob>(name, shared).on('error', onError)
    return queue
  }

  return {
    async add(ids) {
      if (ids.length === 0) return
      await opened().addBulk(
        ids.map((id) => ({
          name: 'due',
          data: { id },
          opts: {
            // BullMQ's own ids start again at 1 in a Redis that lost its data, while a job 1 may still run.
            jobId: crypto.randomUUID(),
            deduplication: { id, keepLastIfActive: true },
            removeOnComplete: true,
            removeOnFail: true,
          },
        })),
      )
    },
    async work({ concurrency, run, signal }: QueueWorker) {
      if (signal.aborted) return
      const running = new Set<Promise<void>>()
      const runJob = async ({ data }: { readonly data: QueuedJob }) => {
        const job = run(data.id)
        running.add(job)
        await job.finally(() => running.delete(job))
      }
      const worker = new Worker<QueuedJob>(name, runJob, {
        ...shared,
        concurrency,
        autorun: false,
        lockDuration: lockMs,
        stalledInterval: lockMs,
      }).on('error', onError)
      try {
        await Promise.race([worker.run(), aborted(signal)])
      } finally {
        const closing = worker.close()
        await Promise.all(running)
        await within(CLOSE_MS, closing, () => worker.disconnect())
      }
    },
    async close() {
      const closing = queue
      queue = undefined
      if (closing !== undefined) await within(CLOSE_MS, closing.close(), () => closing.disconnect())
    },
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Resolves with the work, or after a time and what is done then. */
async function within(ms: number, work: Promise<void>, afterwards: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, true)
  })
  const isLate = await Promise.race([work.then(() => false), late])
  clearTimeout(timer)
  if (isLate) await afterwards()
}
