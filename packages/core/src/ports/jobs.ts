/** A job that is due. */
export interface Job {
  /** The key, unique among the jobs of a handler. */
  readonly key: string
  /** As JSON holds it. */
  readonly data: unknown
  /** The number of failed runs since it last succeeded. */
  readonly failures: number
  /** Aborted when the time of the run is over, the runner stops, or another process took the job over. */
  readonly signal: AbortSignal
}

/** The next run of a job, with other data if given; undefined if it is finished. */
export type JobOutcome = { readonly at: number; readonly data?: unknown } | undefined

export interface ScheduledJob {
  readonly at: number
  readonly data?: unknown
  /** Milliseconds between a run and the next one that a wake causes, so that a burst of wakes is one run. @default 0 */
  readonly gapMs?: number | undefined
}

/**
 * Work that capabilities do later, in any process of the host. A job runs at least once. For each key at most one run
 * and at most one wait exist: what is added while it runs makes it run once more.
 */
export interface Jobs {
  /** Registers the function that runs the jobs of a handler. A job whose run rejects runs again, later each time. */
  handle(handler: string, run: (job: Job) => Promise<JobOutcome>): void
  /**
   * Makes a job due at a time, in milliseconds since 1970, or sooner if it was already. It gets the new data.
   * @param key made by `storeKey()`, so that jobs of one connection share a prefix
   */
  schedule(handler: string, key: string, job: ScheduledJob): Promise<void>
  /**
   * Makes a job due now, or `gapMs` after its last run. If it is running, it runs once more. Returns false if there is no
   * such job.
   */
  wake(handler: string, key: string): Promise<boolean>
  /** Returns the data of a job and the time at which it is due. */
  get(handler: string, key: string): Promise<{ readonly at: number; readonly data: unknown } | undefined>
  /** Yields the keys that start with a prefix. */
  keys(handler: string, prefix: string): AsyncIterable<string>
  /** Removes a job. A run that has begun ends, and is the last. */
  cancel(handler: string, key: string): Promise<void>
}
