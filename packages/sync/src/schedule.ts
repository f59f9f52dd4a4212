import { ConnectorError, storeKey } from '@mcpclient/core'
import type { ClientContext, Job, JobOutcome } from '@mcpclient/core'
import type { SyncResult } from './result.ts'
import type { SyncedCollection } from './target.ts'

/** The rules for the background runs of a collection. */
export interface ScheduleOptions {
  /** The side that receives changes. @default 'both' */
  readonly direction?: 'pull' | 'push' | 'both' | undefined
  /** Milliseconds between two runs. @default 900_000 */
  readonly everyMs?: number | undefined
  /**
   * Milliseconds between two runs while a webhook reports changes, in case a delivery is lost.
   * @default 21_600_000
   */
  readonly pushedEveryMs?: number | undefined
}

interface Scheduled {
  readonly direction: 'pull' | 'push' | 'both'
  readonly everyMs: number
  readonly pushedEveryMs: number
  readonly target: SyncedCollection
  /** Whether a webhook reports changes. */
  readonly isPushed: boolean
}

const HANDLER = 'sync'
const EVERY_MS = 900_000
const PUSHED_EVERY_MS = 21_600_000
const SLICE_MS = 30_000
/** A burst of notifications causes one run immediately, and one this much later. */
const WAKE_GAP_MS = 10_000
/** The number of failures in a row after which `sync.stuck` is emitted. */
const STUCK_AFTER = 3

/** Runs collections in the background: one job for each, in slices, so that a large one does not delay the others. */
export class SyncSchedule {
  readonly #client: ClientContext

  constructor(client: ClientContext) {
    this.#client = client
  }

  /** Registers the function that runs the jobs. Needs a capability that runs jobs. */
  listen(): void {
    this.#client.jobs.handle(HANDLER, (job) => this.#run(job))
  }

  async add(target: SyncedCollection, key: string, options: ScheduleOptions): Promise<void> {
    const { direction = 'both', everyMs = EVERY_MS, pushedEveryMs = PUSHED_EVERY_MS } = options
    if (!(everyMs > 0 && pushedEveryMs > 0 && Number.isFinite(everyMs + pushedEveryMs))) {
      throw new ConnectorError('INVALID_INPUT', 'The interval of a sync is not positive.', {
        hint: 'Pass everyMs in milliseconds, such as 900_000.',
        outcome: 'not_processed',
      })
    }
    const { jobs, clock } = this.#client
    const current = (await jobs.get(HANDLER, key))?.data as Scheduled | undefined
    const data: Scheduled = { target, direction, everyMs, pushedEveryMs, isPushed: current?.isPushed ?? false }
    await jobs.schedule(HANDLER, key, { at: clock.now(), data, gapMs: WAKE_GAP_MS })
  }

  async remove(key: string): Promise<void> {
    await this.#client.jobs.cancel(HANDLER, key)
  }

  /** Removes all jobs under a prefix. */
  async removeAll(prefix: string): Promise<void> {
    for await (const key of this.#client.jobs.keys(HANDLER, `${prefix}/`)) await this.remove(key)
  }

  async wake(prefix: string): Promise<void> {
    for await (const key of this.#client.jobs.keys(HANDLER, prefix)) await this.#client.jobs.wake(HANDLER, key)
  }

  async setPushed(prefix: string, isPushed: boolean): Promise<void> {
    const { jobs, clock } = this.#client
    for await (const key of jobs.keys(HANDLER, prefix)) {
      const job = await jobs.get(HANDLER, key)
      const data = job?.data as Scheduled | undefined
      if (job === undefined || data === undefined || data.isPushed === isPushed) continue
      const at = isPushed ? job.at : Math.min(job.at, clock.now() + data.everyMs)
      await jobs.schedule(HANDLER, key, { at, data: { ...data, isPushed }, gapMs: WAKE_GAP_MS })
    }
  }

  async #run({ data, failures, signal }: Job): Promise<JobOutcome> {
    const { target, direction, everyMs, pushedEveryMs, isPushed } = data as Scheduled
    const { connector, sync, tenant, connection, params } = target
    const client = this.#client.client(connector, { tenant, agent: 'sync' })
    const options = { direction, params, signal, maxMs: SLICE_MS }
    try {
      const result = await client.at?.(connection).syncData?.(sync, options)
      if (result === undefined) return undefined
      const [failure] = result.errors
      if (!result.success && result.braked === undefined && failure !== undefined) throw failure
      const { clock } = this.#client
      if (result.complete === false && result.superseded !== true && result.preview !== true) return { at: clock.now() }
      const interval = isPushed ? Math.max(everyMs, pushedEveryMs) : everyMs
      return { at: clock.now() + Math.round(interval * (0.9 + 0.2 * Math.random())) }
    } catch (error) {
      const { code } = ConnectorError.from(error, 'Syncing')
      if (failures + 1 === STUCK_AFTER) {
        this.#client.emit('sync.stuck', { ...aboutSync(target), failures: STUCK_AFTER, code })
      }
      throw error
    }
  }
}

/** Returns the prefix of the keys of a connection, or of one of its syncs. */
export const connectionKey = ({
  connector,
  tenant,
  connection,
}: Pick<SyncedCollection, 'connector' | 'tenant' | 'connection'>): string =>
  storeKey('sync', connector, tenant, connection)

/** Emits the events of a run. */
export function announceRun({ emit }: Pick<ClientContext, 'emit'>, target: SyncedCollection, result: SyncResult): void {
  const about = aboutSync(target)
  const { success, complete, created, updated, deleted, parked, errors, durationMs, braked, recovered } = result
  const writes = [created, updated, deleted].reduce((sum, { local, remote }) => sum + local + remote, 0)
  emit('sync.finished', { ...about, success, complete, writes, parked, code: errors[0]?.code, durationMs })
  if (braked !== undefined) emit('sync.braked', { ...about, ...braked })
  if (recovered !== undefined) emit('sync.recovered', { ...about, reason: recovered })
}

const aboutSync = ({ connector, sync, tenant, connection, params }: SyncedCollection) => ({
  serverId: connector,
  sync,
  tenant,
  connection,
  params,
})
