/** `@mcpclient/bullmq`: dispatches jobs through BullMQ. */
export { bullmqQueue } from './bullmq-queue.ts'
export type { BullmqQueue, BullmqQueueOptions } from './bullmq-queue.ts'
