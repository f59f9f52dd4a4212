import type { JobQueue } from '@mcpclient/core/jobs'
import { must } from '../broken-promise.ts'

export interface QueueTools {
  /** Opens the queue again, as a second process does. */
  readonly another: () => JobQueue | Promise<JobQueue>
  /** Deletes everything that the queue holds, behind its back. */
  readonly empty: () => void | Promise<void>
}

/** One promise of the queue port. No other job may be in the queue while it runs. */
export interface QueueCheck {
  /** The promise, as a sentence. */
  readonly name: string
  /** @throws BrokenPromise */
  run(queue: JobQueue, tools: QueueTools): Promise<void>
}

/** A worker that records what it runs. */
export interface RecordingWorker {
  /** The ids in the order in which they were started. */
  readonly started: readonly string[]
  readonly ended: readonly string[]
  /** Asks it to start no further job, and resolves once it has stopped. */
  stop(): Promise<void>
  /** Whether `work()` has resolved. */
  readonly hasStopped: boolean
}

export interface QueueSubject extends QueueTools {
  readonly queue: JobQueue
  /** An id that no other check uses. */
  readonly id: (name: string) => string
  /** Starts a worker that is stopped after the check. */
  readonly start: (options?: {
    readonly queue?: JobQueue | undefined
    readonly concurrency?: number | undefined
    readonly run?: ((id: string) => Promise<void>) | undefined
  }) => RecordingWorker
}

/** A worker that polls may need seconds for each job. */
const PATIENCE_MS = 20_000
const POLL_MS = 10

/** Waits until something is true. */
export async function until(promise: string, isTrue: () => boolean): Promise<void> {
  const end = Date.now() + PATIENCE_MS
  while (!isTrue()) {
    must(Date.now() < end, promise)
    await pause(POLL_MS)
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })

export const queueCheck = (name: string, run: (subject: QueueSubject) => Promise<void>): QueueCheck => ({
  name,
  async run(queue, tools) {
    const scope = `check-${globalThis.crypto.randomUUID()}/`
    const workers: RecordingWorker[] = []
    const over = Promise.withResolvers<void>()
    const start: QueueSubject['start'] = (options = {}) => {
      // A job of a check that failed may wait for something that does not happen any more.
      const run = (job: string) => Promise.race([options.run?.(job), over.promise])
      const worker = recordingWorker(options.queue ?? queue, options.concurrency ?? 1, options.run && run)
      workers.push(worker)
      return worker
    }
    try {
      await run({ ...tools, queue, id: (part) => scope + part, start })
    } finally {
      over.resolve()
      await Promise.all(workers.map((worker) => worker.stop()))
    }
  },
})

function recordingWorker(
  queue: JobQueue,
  concurrency: number,
  run: ((id: string) => Promise<void>) | undefined,
): RecordingWorker {
  const over = new AbortController()
  const started: string[] = []
  const ended: string[] = []
  let hasStopped = false
  const runJob = async (id: string) => {
    started.push(id)
    await run?.(id)
    ended.push(id)
  }
  const working = queue.work({ concurrency, run: runJob, signal: over.signal }).finally(() => {
    hasStopped = true
  })
  // stop() returns the rejection as well.
  working.catch(() => undefined)
  return {
    started,
    ended,
    get hasStopped() {
      return hasStopped
    },
    stop() {
      over.abort()
      return working
    },
  }
}
