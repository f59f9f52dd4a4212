/**
 * `@mcpclient/testing`: a fake clock, scripted and faulty transports, and checks for tests of connectors, stores and hosts.
 */
export { createFakeClock } from './fake-clock.ts'
export type { FakeClock } from './fake-clock.ts'
export { errorOf } from './error-of.ts'
export { seededRandom } from './random.ts'
export { memoryJobQueue } from './memory-job-queue.ts'
export type { MemoryJobQueue } from './memory-job-queue.ts'
export { slowStore } from './slow-store.ts'

export { scriptedTransport } from './transports/scripted-transport.ts'
export type { Responder, ScriptedReply, ScriptedTransport } from './transports/scripted-transport.ts'
export type { ScriptedResponse, ScriptedEvent } from './transports/scripted-response.ts'
export type { Fields, RecordedRequest } from './transports/recorded-request.ts'

export { faultTransport } from './transports/fault-transport.ts'
export type { FaultedRequest, FaultOptions, FaultTransport } from './transports/fault-transport.ts'
export type { Fault, FaultKind, FaultShape } from './transports/fault.ts'

export { BrokenPromise } from './broken-promise.ts'
export { jobQueueChecks } from './queue-checks.ts'
export type { QueueCheck, QueueTools } from './queue-checks/queue-check.ts'
export { storeChecks } from './store-checks.ts'
export type { Need, StoreCheck, StoreTools } from './store-checks/store-check.ts'
export { transportChecks } from './transport-checks.ts'
export type { TransportCheck } from './transport-checks/transport-check.ts'
