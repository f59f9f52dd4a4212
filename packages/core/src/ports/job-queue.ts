/** A worker of a queue. */
export interface QueueWorker {
  /** The most jobs that this worker runs at once. */
  readonly concurrency: number
  /** Runs a job. Never rejects: what is left to do is in the store. */
  readonly run: (id: string) => Promise<void>
  /** Aborted when the worker must start no further job. */
  readonly signal: AbortSignal
}

/**
 * Dispatches jobs that are due to the workers of all processes of a host.
 *
 * **For each id, at most one job runs and at most one waits. What is added while one runs is kept as one more.** An id has
 * 1 to 512 characters of printable ASCII.
 *
 * A queue may lose everything: the rows of the store say which jobs exist, and those that are due are added again every
 * minute. A job that a dead process was running counts as running for a while, two minutes at most.
 *
 * Implement it over any queue that has a key for duplicates, and test it with `jobQueueContract` of
 * `@mcpclient/testing/contract`.
 */
export interface JobQueue {
  /**
   * Adds jobs. One that waits already is not added again.
   * @throws any error if it is not certain that they were added. The caller adds them again later.
   */
  add(ids: readonly string[]): Promise<void>
  /**
   * Runs jobs of the queue, those that waited longest first, until the signal is aborted.
   * @returns a promise that resolves once the worker has stopped and none of its jobs runs. Jobs that wait stay in the queue.
   * @throws any error if it cannot start or continue. The caller starts it again later.
   */
  work(worker: QueueWorker): Promise<void>
}
