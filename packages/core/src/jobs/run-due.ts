import { runDueJob } from './job-run.ts'
import type { Handler, JobRunContext } from './job-run.ts'

export interface DueResult {
  readonly succeeded: number
  readonly failed: number
}

export interface RunDueContext extends JobRunContext {
  readonly handlers: ReadonlyMap<string, Handler>
  readonly concurrency: number
  /** Resolves when this process makes a job due. */
  readonly nextWake: () => Promise<void>
}

/**
 * Runs the jobs that are due, the longest waiting first, and those that become due meanwhile. A job that is due again has
 * its turn after the others.
 * @param signal starts no further job, and aborts the signal of those that run
 * @throws whatever the store throws, once no job runs
 */
export async function runDue(context: RunDueContext, signal: AbortSignal): Promise<DueResult> {
  const { index, clock, concurrency, handlers, nextWake } = context
  const counts = { succeeded: 0, failed: 0 }
  const running = new Map<string, Promise<void>>()
  const failures: unknown[] = []
  const isOver = () => signal.aborted || failures.length > 0
  let nextEnd = Promise.withResolvers<void>()

  const run = async (due: Parameters<typeof runDueJob>[1], id: string): Promise<void> => {
    try {
      const end = await runDueJob(context, due, handlers, signal)
      if (end === 'not_run') return
      counts[end]++
      nextEnd.resolve()
    } catch (error) {
      failures.push(error)
    } finally {
      running.delete(id)
    }
  }

  let ended: number
  do {
    ended = counts.succeeded + counts.failed
    nextEnd = Promise.withResolvers()
    const woken = nextWake()
    for await (const due of index.due(clock.now())) {
      const id = `${due.at}-${due.mark}`
      if (running.has(id)) continue
      while (running.size >= concurrency) await Promise.race(running.values())
      if (isOver()) break
      running.set(id, run(due, id))
    }
    // A job that ends may be due again, and others may have become due in the meantime.
    await Promise.race([Promise.all(running.values()), nextEnd.promise, woken])
  } while (!isOver() && (running.size > 0 || ended !== counts.succeeded + counts.failed))
  await Promise.all(running.values())
  if (failures.length > 0) throw failures[0]
  return counts
}
