/** `@mcpclient/core/jobs`: runs what capabilities do later, such as scheduled syncs and renewals. */
export { jobs } from './jobs/jobs.ts'
export type { JobRunner, JobsOptions, RunDueOptions } from './jobs/jobs.ts'
export type { DueResult } from './jobs/run-due.ts'
export type { JobQueue, QueueWorker } from './ports/job-queue.ts'
export type { Job, JobOutcome, Jobs, ScheduledJob } from './ports/jobs.ts'
