import { ConnectorError } from '@mcpclient/core'
import type { JobQueue, QueueWorker } from '@mcpclient/core/jobs'

interface QueuedJob {
  readonly id: string
}

interface InsertedJob {
  readonly singletonKey: string
  readonly data: QueuedJob
  readonly retryLimit: number
  readonly heartbeatSeconds: number
  readonly expireInSeconds: number
  readonly deleteAfterSeconds: number
}

/** The part of `PgBoss` that is used. Start it first, and stop it after the client is closed. */
export interface PgBossClient {
  createQueue(name: string, options: { readonly policy: string; readonly notify: boolean }): Promise<void>
  getQueue(name: string): Promise<{ readonly policy?: string | undefined } | null>
  insert(name: string, jobs: InsertedJob[]): Promise<readonly string[] | null>
  work(
    name: string,
    options: { readonly pollingIntervalSeconds: number },
    handler: (jobs: readonly { readonly id: string; readonly data: QueuedJob }[]) => Promise<void>,
  ): Promise<string>
  offWork(name: string, options: { readonly id: string; readonly wait: boolean }): Promise<void>
  notifyWorker(workerId: string): void
  deleteJob(name: string, id: string): Promise<unknown>
}

export interface PgBossQueueOptions {
  /** The name of the queue, the same in all processes of a host. @default 'mcpclient' */
  readonly name?: string | undefined
  /** Milliseconds between two looks of an idle worker, at least 500. @default 2000 */
  readonly pollMs?: number | undefined
  /**
   * Milliseconds without a heartbeat after which the job of a process that died counts as failed, at least 10,000. The
   * supervisor of pg-boss looks once a minute. @default 30_000
   */
  readonly heartbeatMs?: number | undefined
}

const POLL_MS = 2000
const MIN_POLL_MS = 500
const HEARTBEAT_MS = 30_000
const MIN_HEARTBEAT_MS = 10_000
const QUEUE = {
  // One active job and one created job for each key.
  policy: 'stately',
  // Wakes the workers of other processes immediately if their PgBoss has useListenNotify.
  notify: true,
}
const JOB = {
  // The store knows which jobs are due. A retry would be a second one that waits.
  retryLimit: 0,
  expireInSeconds: 3600,
  deleteAfterSeconds: 60,
}

/**
 * Creates a queue for `jobs({ queue })` over a started `PgBoss`. Creates its queue in pg-boss with the first use.
 * @throws ConnectorError CONFIGURATION_ERROR if `pollMs` is below 500, or `heartbeatMs` below 10,000
 */
export function pgBossQueue(
  boss: PgBossClient,
  { name = 'mcpclient', pollMs = POLL_MS, heartbeatMs = HEARTBEAT_MS }: PgBossQueueOptions = {},
): JobQueue {
  assertAtLeast(MIN_POLL_MS, 'pollMs', pollMs)
  assertAtLeast(MIN_HEARTBEAT_MS, 'heartbeatMs', heartbeatMs)
  const heartbeatSeconds = Math.round(heartbeatMs / 1000)
  /** The workers of this process that wait for their next look. */
  const idle = new Set<string>()
  let ready: Promise<void> | undefined

  const prepare = async (): Promise<void> => {
    ready ??= createQueue(boss, name)
    try {
      await ready
    } catch (error) {
      ready = undefined
      throw error
    }
  }

  const startLane = async (run: QueueWorker['run']): Promise<string> => {
    let lane = ''
    lane = await boss.work(name, { pollingIntervalSeconds: pollMs / 1000 }, async (jobs) => {
      idle.delete(lane)
      try {
        for (const { id, data } of jobs) {
          await run(data.id)
          // A completed job would stay in the table until pg-boss cleans it, which is once a day.
          await boss.deleteJob(name, id)
        }
      } finally {
        idle.add(lane)
        boss.notifyWorker(lane)
      }
    })
    idle.add(lane)
    return lane
  }

  return {
    async add(ids) {
      if (ids.length === 0) return
      await prepare()
      try {
        await boss.insert(
          name,
          ids.map((id) => ({ singletonKey: id, data: { id }, heartbeatSeconds, ...JOB })),
        )
      } catch (error) {
        // The queue itself may be gone.
        ready = undefined
        throw error
      }
      for (const lane of [...idle].slice(0, ids.length)) boss.notifyWorker(lane)
    },
    async work({ concurrency, run, signal }: QueueWorker) {
      if (signal.aborted) return
      await prepare()
      const lanes: string[] = []
      try {
        while (lanes.length < concurrency) lanes.push(await startLane(run))
        await aborted(signal)
      } finally {
        for (const lane of lanes) idle.delete(lane)
        await Promise.all(lanes.map((id) => boss.offWork(name, { id, wait: true })))
      }
    },
  }
}

/** @throws ConnectorError CONFIGURATION_ERROR if another queue has this name */
async function createQueue(boss: PgBossClient, name: string): Promise<void> {
  await boss.createQueue(name, QUEUE)
  const policy = (await boss.getQueue(name))?.policy
  if (policy === QUEUE.policy) return
  throw new ConnectorError('CONFIGURATION_ERROR', `The pg-boss queue ${name} has the policy ${policy ?? 'none'}.`, {
    hint: `Pass another name to pgBossQueue(), or create the queue with the policy ${QUEUE.policy}.`,
  })
}

/** @throws ConnectorError CONFIGURATION_ERROR if it is less, or no number */
function assertAtLeast(least: number, option: string, ms: number): void {
  if (ms >= least && Number.isFinite(ms)) return
  throw new ConnectorError('CONFIGURATION_ERROR', `The ${option} of pgBossQueue() is below ${least}.`, {
    hint: `Pass milliseconds, at least ${least}.`,
  })
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
