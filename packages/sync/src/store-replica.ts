/** `@mcpclient/sync/store-replica`: a replica in any store of `@mcpclient/core`, for hosts without a table of their own. */
export { storeReplica } from './replicas/store-replica.ts'
export type { StoreReplica } from './replicas/store-replica.ts'
