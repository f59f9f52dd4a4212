/** `@mcpclient/pg-boss`: dispatches jobs through pg-boss. */
export { pgBossQueue } from './pg-boss-queue.ts'
export type { PgBossClient, PgBossQueueOptions } from './pg-boss-queue.ts'
