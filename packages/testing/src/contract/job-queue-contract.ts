import type { JobQueue } from '@mcpclient/core/jobs'
import { describe, it } from 'vitest'
import { jobQueueChecks } from '../queue-checks.ts'
import type { QueueTools } from '../queue-checks/queue-check.ts'

export interface OpenJobQueue extends QueueTools {
  readonly queue: JobQueue
  /** Closes all that was opened. */
  readonly close?: (() => void | Promise<void>) | undefined
}

export interface JobQueueContractOptions {
  /**
   * The name of the queue in the tests' titles.
   * @default 'a queue'
   */
  readonly name?: string | undefined
}

/** A worker that polls may need seconds for each job. */
const CHECK_TIMEOUT_MS = 60_000

/**
 * Registers the contract of the `JobQueue` port with vitest: one test for each promise.
 * @param open opens a queue that holds no jobs; called once per test
 */
export function jobQueueContract(
  open: () => OpenJobQueue | Promise<OpenJobQueue>,
  { name = 'a queue' }: JobQueueContractOptions = {},
): void {
  describe(`the job queue contract over ${name}`, () => {
    for (const check of jobQueueChecks) {
      it(check.name, { timeout: CHECK_TIMEOUT_MS }, async () => {
        const { queue, close, ...tools } = await open()
        try {
          await check.run(queue, tools)
        } finally {
          await close?.()
        }
      })
    }
  })
}
