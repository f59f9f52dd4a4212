import { ConnectorError } from '../errors/connector-error.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import { untilAborted } from '../ports/until-aborted.ts'
import { jobId, jobOf } from './job-index.ts'
import type { Due, JobName } from './job-index.ts'
import { runDueJob } from './job-run.ts'
import type { Handler, JobRunContext } from './job-run.ts'

export interface QueueContext extends JobRunContext {
  readonly queue: JobQueue
}

/** A queue whose server is down may neither add a job nor fail. */
const ADD_TIMEOUT_MS = 2_000
const BATCH = 100

/**
 * Adds jobs to the queue. Logs a failure: the next tick adds them again.
 * @returns whether they were added
 */
export async function enqueue({ queue, clock, logger }: QueueContext, jobs: readonly JobName[]): Promise<boolean> {
  const late = new AbortController()
  const cancel = clock.schedule(ADD_TIMEOUT_MS, () => {
    late.abort(new ConnectorError('TIMEOUT', `The queue added no job within ${ADD_TIMEOUT_MS} ms.`))
  })
  try {
    await untilAborted(queue.add(jobs.map(jobId)), late.signal)
    return true
  } catch (error) {
    logger.warn({ event: 'job.not_queued', jobs: jobs.length, error }, 'The queue did not add jobs that are due.')
    return false
  } finally {
    cancel()
  }
}

/**
 * Adds the jobs that are due to the queue, the longest waiting first.
 * @param from leaves out those that are due before this time
 */
export async function enqueueDue(context: QueueContext, from: number, signal: AbortSignal): Promise<void> {
  const { index, clock } = context
  const now = clock.now()
  let batch: Due[] = []
  for await (const due of index.due(now, from)) {
    if (signal.aborted) return
    if (await index.isAbandoned(due, now)) continue
    batch.push(due)
    if (batch.length < BATCH) continue
    if (!(await enqueue(context, batch))) return
    batch = []
  }
  if (batch.length > 0) await enqueue(context, batch)
}

/**
 * Runs a job that the queue dispatched, if its row says that it is due.
 * @param onEarly called if it is due later: the clock of the process that added it is ahead, or it has moved
 */
export async function runQueuedJob(
  context: JobRunContext,
  id: string,
  handlers: ReadonlyMap<string, Handler>,
  { signal, onEarly }: { readonly signal: AbortSignal; readonly onEarly: (due: Due) => Promise<void> },
): Promise<void> {
  const { index, clock, logger } = context
  try {
    const job = jobOf(id)
    const stored = await index.read(job.handler, job.key)
    if (stored === undefined) return
    const { at, mark } = stored.row
    await (at > clock.now()
      ? onEarly({ ...job, at, mark })
      : runDueJob(context, { ...job, at, mark }, handlers, signal))
  } catch (error) {
    logger.warn({ event: 'job.not_run', job: id, error }, 'A job of the queue was not run.')
  }
}
