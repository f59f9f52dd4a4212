/** `@mcpclient/testkit`: what the tests of connectors share. It is private to this workspace. */
export { bodyOf, listen } from './loopback-server.ts'
export type { LoopbackServer } from './loopback-server.ts'
export { memoryTable } from './memory-table.ts'
export type { Table } from './memory-table.ts'
export { protocolOf, scriptedFlow } from './strategy-flow.ts'
export { loadVendorContract, vendorContracts } from './vendor-contract.ts'
export type { Exchange, VendorContract } from './vendor-contract.ts'
