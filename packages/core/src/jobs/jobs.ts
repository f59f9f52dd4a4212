import type { Capability } from '../client/capability.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { JobQueue } from '../ports/job-queue.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { Store } from '../ports/store.ts'
import { JobIndex } from './job-index.ts'
import type { Due, JobRow } from './job-index.ts'
import type { Handler, JobRunContext } from './job-run.ts'
import { enqueue, enqueueDue, runQueuedJob } from './queued-jobs.ts'
import { runDue } from './run-due.ts'
import type { DueResult } from './run-due.ts'

export interface JobsOptions {
  /** Holds the jobs. @default the state of the client */
  readonly store?: Store | undefined
  /**
   * Dispatches jobs to the processes that called `start()`, as soon as any process makes them due. Close it after the
   * client. @default none: each process runs the jobs that it finds in the store
   */
  readonly queue?: JobQueue | undefined
  /** The number of jobs that one process runs at once. @default 4 */
  readonly concurrency?: number | undefined
  /** Milliseconds between two looks at the index, for jobs that other processes added. @default 60_000 */
  readonly everyMs?: number | undefined
  /**
   * Milliseconds after which another process takes over the job of a process that died or hangs. A running job renews
   * its lease three times as often. @default 60_000
   */
  readonly leaseMs?: number | undefined
}

export interface RunDueOptions {
  /** Milliseconds after which no further job is started, and those that run are asked to stop. @default no limit */
  readonly withinMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** The capability that runs the jobs of other capabilities: scheduled syncs, renewals, deliveries. */
export interface JobRunner extends Capability {
  readonly jobs: Jobs
  /**
   * Runs the jobs that are due, and those that become due meanwhile. Call it from a cron route of a serverless host, once a
   * minute.
   */
  runDue(options?: RunDueOptions): Promise<DueResult>
  /**
   * Runs jobs as they become due, until it is stopped or the client closes. Any number of processes may do so.
   * @returns a function that stops, and resolves once no job runs
   */
  start(): () => Promise<void>
}

const CONCURRENCY = 4
const EVERY_MS = 60_000
const LEASE_MS = 60_000

/**
 * Creates the capability that runs jobs: `createMcpClient({ capabilities: [jobs(), ...] })`. Jobs are rows in a store, in
 * the order of the time at which they are due, so an idle tenant costs no timer.
 * @throws ConnectorError CONFIGURATION_ERROR if the lease is not positive
 */
export function jobs({
  store,
  queue,
  concurrency = CONCURRENCY,
  everyMs = EVERY_MS,
  leaseMs = LEASE_MS,
}: JobsOptions = {}): JobRunner {
  if (!(leaseMs > 0 && Number.isFinite(leaseMs))) {
    throw new ConnectorError('CONFIGURATION_ERROR', 'The lease of jobs() is not positive.', {
      hint: 'Pass leaseMs in milliseconds, such as 60_000.',
    })
  }
  const handlers = new Map<string, Handler>()
  const loops = new Set<() => Promise<void>>()
  let context: JobRunContext | undefined
  let wake = Promise.withResolvers<void>()
  const bound = (): JobRunContext => {
    if (context !== undefined) return context
    throw new ConnectorError('CONFIGURATION_ERROR', 'These jobs are not composed into a client.', {
      hint: 'Pass them to createMcpClient({ capabilities: [...] }) first.',
    })
  }
  /** The time of the next job that this process knows of. */
  let nextAt = Infinity
  const announce = async (due: Due): Promise<void> => {
    // A run that ends after the client was closed still moves its job.
    if (context === undefined) return
    const now = context.clock.now()
    if (queue !== undefined && due.at <= now) {
      await enqueue({ ...context, queue }, [due])
      return
    }
    if (due.at > now + everyMs) return
    nextAt = Math.min(nextAt, due.at)
    wake.resolve()
    wake = Promise.withResolvers()
  }
  const nextWake = () => wake.promise

  const port: Jobs = {
    handle(handler, run) {
      handlers.set(handler, run)
    },
    async schedule(handler, key, { at, data, gapMs }) {
      const { index, clock } = bound()
      const wanted = Math.max(at, clock.now())
      for (;;) {
        const stored = await index.read(handler, key)
        const row = stored?.row
        const isWritten =
          row === undefined || (row.lease === undefined && wanted < row.at)
            ? await index.move(handler, key, { ...kept(row), at: wanted, data, gapMs }, stored)
            : await index.replace(handler, key, { ...row, data, gapMs, ...(row.lease && { again: true }) }, stored)
        if (isWritten) break
      }
    },
    async wake(handler, key) {
      const { index, clock } = bound()
      for (;;) {
        const stored = await index.read(handler, key)
        if (stored === undefined) return false
        const { row } = stored
        const now = clock.now()
        const isRunning = (row.lease?.until ?? 0) > now
        const at = Math.max(now, (row.endedAt ?? -Infinity) + (row.gapMs ?? 0))
        if (isRunning ? row.again === true : row.at <= at) break
        const isWritten = isRunning
          ? await index.replace(handler, key, { ...row, again: true }, stored)
          : await index.move(handler, key, { ...kept(row), at, data: row.data, gapMs: row.gapMs }, stored)
        if (isWritten) break
      }
      return true
    },
    async get(handler, key) {
      const stored = await bound().index.read(handler, key)
      return stored && { at: stored.row.at, data: stored.row.data }
    },
    keys: (handler, prefix) => bound().index.keys(handler, prefix),
    async cancel(handler, key) {
      const { index } = bound()
      for (let stored = await index.read(handler, key); stored; stored = await index.read(handler, key)) {
        if (await index.remove(handler, key, stored)) return
      }
    },
  }

  const run = async ({ withinMs, signal }: RunDueOptions = {}): Promise<DueResult> => {
    const job = bound()
    const over = new AbortController()
    const stop = () => {
      over.abort(new ConnectorError('CANCELLED', 'The time for jobs is over.'))
    }
    const cancel = withinMs === undefined ? undefined : job.clock.schedule(withinMs, stop)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
    try {
      return await runDue({ ...job, handlers, concurrency, nextWake }, over.signal)
    } finally {
      cancel?.()
      signal?.removeEventListener('abort', stop)
    }
  }

  const start = (): (() => Promise<void>) => {
    const job = bound()
    const { clock, logger } = job
    const over = new AbortController()
    const { signal } = over
    const isRunning = () => !signal.aborted
    const pass = (from: number): Promise<unknown> =>
      queue === undefined ? run({ signal }) : enqueueDue({ ...job, queue }, from, signal)
    const tick = async () => {
      let tickAt = -Infinity
      while (isRunning()) {
        const woken = nextWake()
        const now = clock.now()
        const isTick = now >= tickAt
        if (isTick || nextAt <= now) {
          const from = isTick ? 0 : nextAt
          if (isTick) tickAt = now + everyMs
          if (nextAt <= now) nextAt = Infinity
          await pass(from).catch((error: unknown) => {
            logger.warn({ event: 'job.not_listed', error }, 'The jobs that are due cannot be read.')
          })
        }
        await restUntil(clock, Math.max(0, Math.min(tickAt, nextAt) - clock.now()), woken, signal)
      }
    }
    const work = async (jobQueue: JobQueue) => {
      const runJob = (id: string) => runQueuedJob(job, id, handlers, { signal, onEarly: announce })
      while (isRunning()) {
        try {
          await jobQueue.work({ concurrency, run: runJob, signal })
        } catch (error) {
          logger.warn({ event: 'job.queue_failed', error }, 'The queue runs no jobs at the moment.')
        }
        await restUntil(clock, everyMs, undefined, signal)
      }
    }
    const running = Promise.all([tick(), queue && work(queue)])
    const stop = async () => {
      loops.delete(stop)
      over.abort()
      await running
    }
    loops.add(stop)
    return stop
  }

  return {
    name: 'jobs',
    jobs: port,
    runDue: run,
    start,
    bind(client) {
      const { clock, logger } = client
      context = { index: new JobIndex(store ?? client.state, announce), clock, logger, random: Math.random, leaseMs }
      return async () => {
        await Promise.all([...loops].map((stop) => stop()))
        handlers.clear()
        context = undefined
      }
    },
  }
}

const kept = (row: JobRow | undefined) => ({ failures: row?.failures ?? 0, endedAt: row?.endedAt })

/** Resolves after `ms`, or earlier if a job is due or the loop is stopped. */
function restUntil(clock: Clock, ms: number, woken: Promise<void> | undefined, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const cancel = clock.schedule(ms, end)
    signal.addEventListener('abort', end, { once: true })
    void woken?.then(end)
  })
}
