/** `@mcpclient/sync`: the two-way engine between a provider and a table of the host. */
export { syncs } from './syncs.ts'
export type { SyncPlan, Syncs, SyncsOptions } from './syncs.ts'
export type { SyncedCollection, SyncTarget } from './target.ts'
export type { SyncChange } from './change-stream.ts'
export type { ScheduleOptions } from './schedule.ts'
export { createSyncEngine } from './sync-engine.ts'
export type { SyncEngine } from './sync-engine.ts'
export type { BrakeOptions, FieldPolicy, RunOptions, SyncEngineOptions } from './options.ts'
export { syncKeys } from './keys.ts'
export type { SyncKeys } from './keys.ts'

// The two ports.
export type {
  ChangeTime,
  Fields,
  Remote,
  RemoteAnswer,
  RemoteCall,
  RemoteCode,
  RemotePage,
  RemoteRecord,
  RemoteTraits,
  SkippedRecord,
} from './remote.ts'
export type { Replica, ReplicaChange, ReplicaRecord } from './replica.ts'

// Results.
export type { Brake, SyncFailure, SyncResult, Writes } from './result.ts'
export type { Recovery } from './place.ts'
export type { PreviewAction, PreviewOptions, SyncPreview } from './preview.ts'
export type { Parked, ParkedValues } from './parked-records.ts'
export type { ParkedKind } from './parked.ts'
export type { Choice } from './pairs.ts'
