import { loggedError } from '../errors/logged-error.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Job, JobOutcome } from '../ports/jobs.ts'
import type { Logger } from '../ports/logger.ts'
import type { Due, JobIndex, JobRow, StoredJob } from './job-index.ts'

const RETRY_MS = 60_000
const MAX_RETRY_MS = 3_600_000

export type Handler = (job: Job) => Promise<JobOutcome>

export interface JobRunContext {
  readonly index: JobIndex
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  /** Another process may take a job over this long after the last renewal of its lease. */
  readonly leaseMs: number
}

/** The end of a run: `not_run` if the job had moved, another process has it, or no handler is registered for it. */
export type RunEnd = 'succeeded' | 'failed' | 'not_run'

/** Claims a job that is due, runs it, and writes down what follows. */
export async function runDueJob(
  context: JobRunContext,
  due: Due,
  handlers: ReadonlyMap<string, Handler>,
  signal: AbortSignal,
): Promise<RunEnd> {
  const { index, clock } = context
  const handler = handlers.get(due.handler)
  if (handler === undefined) return 'not_run'
  const stored = await index.read(due.handler, due.key)
  if (stored?.row.mark !== due.mark) {
    await index.clean(due, clock.now())
    return 'not_run'
  }
  if ((stored.row.lease?.until ?? 0) > clock.now()) return 'not_run'
  const lease = await Lease.claim(context, due, stored)
  if (lease === undefined) return 'not_run'
  try {
    return await perform(context, due, handler, lease, signal)
  } finally {
    lease.release()
  }
}

async function perform(
  { index, clock, logger, random }: JobRunContext,
  { handler: name, key }: Due,
  handler: Handler,
  lease: Lease,
  signal: AbortSignal,
): Promise<RunEnd> {
  const { data, failures } = lease.row
  let outcome: JobOutcome
  let end: RunEnd = 'succeeded'
  try {
    outcome = await handler({ key, data, failures, signal: AbortSignal.any([signal, lease.signal]) })
  } catch (cause) {
    end = 'failed'
    const error = loggedError(ConnectorError.from(cause, `The job ${name}`))
    logger.warn({ event: 'job.failed', job: name, key, failures: failures + 1, error }, 'A job failed.')
    const delay = Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** Math.min(failures, 10))
    outcome = { at: clock.now() + Math.round(delay * (0.9 + 0.2 * random())) }
  }
  // A wake changes the row at any time, so the end of the run is written again until no wake comes between.
  for (let stored = await lease.end(); stored !== undefined; stored = await lease.end()) {
    const { again, gapMs = 0 } = stored.row
    const now = clock.now()
    const at = again === true ? now + gapMs : outcome?.at
    const isWritten =
      at === undefined
        ? await index.remove(name, key, stored)
        : await index.move(name, key, following(stored.row, Math.max(at, now), now, outcome, end), stored)
    if (isWritten) break
  }
  return end
}

const following = (
  row: JobRow,
  at: number,
  endedAt: number,
  outcome: JobOutcome,
  end: RunEnd,
): Omit<JobRow, 'mark'> => ({
  at,
  endedAt,
  gapMs: row.gapMs,
  // Data that was scheduled during the run is newer than what the run returns.
  data: row.again !== true && outcome !== undefined && 'data' in outcome ? outcome.data : row.data,
  failures: end === 'failed' ? row.failures + 1 : 0,
})

/** Keeps a job from other processes while it runs. It saves work: a job whose process hangs may run twice. */
class Lease {
  readonly row: JobRow
  readonly #context: JobRunContext
  readonly #due: Due
  readonly #lost = new AbortController()
  #renewing: Promise<void> = Promise.resolve()
  #cancel: () => void = () => undefined
  #isReleased = false

  private constructor(context: JobRunContext, due: Due, row: JobRow) {
    this.#context = context
    this.#due = due
    this.row = row
    this.#renewLater()
  }

  static async claim(context: JobRunContext, due: Due, stored: StoredJob): Promise<Lease | undefined> {
    const { index, clock, leaseMs } = context
    const { again: _again, ...waiting } = stored.row
    const row = { ...waiting, lease: { by: crypto.randomUUID(), until: clock.now() + leaseMs } }
    return (await index.replace(due.handler, due.key, row, stored)) ? new Lease(context, due, row) : undefined
  }

  /** Aborted if the job was cancelled, or another process took it over. */
  get signal(): AbortSignal {
    return this.#lost.signal
  }

  /** Stops the renewals and returns the row of the job; undefined if this run does not have it any more. */
  async end(): Promise<StoredJob | undefined> {
    this.release()
    await this.#renewing
    return this.#held()
  }

  release(): void {
    this.#isReleased = true
    this.#cancel()
  }

  async #held(): Promise<StoredJob | undefined> {
    const stored = await this.#context.index.read(this.#due.handler, this.#due.key)
    return stored?.row.lease?.by === this.row.lease?.by ? stored : undefined
  }

  #renewLater(): void {
    if (this.#isReleased) return
    const { clock, leaseMs } = this.#context
    this.#cancel = clock.schedule(leaseMs / 3, () => {
      this.#renewing = this.#renew()
    })
  }

  async #renew(): Promise<void> {
    const { index, clock, logger, leaseMs } = this.#context
    const { handler, key } = this.#due
    try {
      const stored = await this.#held()
      if (stored === undefined) {
        this.#lost.abort(new ConnectorError('CANCELLED', 'The job was cancelled, or another process runs it.'))
        return
      }
      const lease = { by: stored.row.lease?.by ?? '', until: clock.now() + leaseMs }
      // A wake may change the row at the same time. The next renewal comes early enough.
      await index.replace(handler, key, { ...stored.row, lease }, stored)
    } catch (error) {
      logger.warn({ event: 'job.not_renewed', job: handler, key, error }, 'The lease of a job was not renewed.')
    }
    this.#renewLater()
  }
}
