/** `@mcpclient/sync/contract`: the contract of a replica, as vitest tests. */
export { replicaContract } from './contract/replica-contract.ts'
export type { ReplicaContractOptions } from './contract/replica-contract.ts'
export type { OpenEdit, ReplicaHost } from './contract/replica-check.ts'
