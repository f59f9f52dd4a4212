/** `@mcpclient/testkit`: what the tests of connectors share. It is private to this workspace. */
export { compareWithSdk } from './compare-with-sdk.ts'
export type { ComparedRequests, Intent, RecordingProvider, SdkCalls, SdkComparison } from './compare-with-sdk.ts'
export { discoveryMethods } from './discovery-document.ts'
export type { DiscoveryMethod } from './discovery-document.ts'
export { exchangesOf } from './exchanges.ts'
export { readFixtures, succeedingCases } from './fixtures.ts'
export type { Fixture } from './fixtures.ts'
export { graphHistory } from './graph-history.ts'
export type { GraphHistoryOptions } from './graph-history.ts'
export { loadGraphSpecs } from './graph-specs.ts'
export type { GraphEdge } from './graph-specs.ts'
export { GRAPH_TOKEN, graphScene } from './graph-scene.ts'
export type { GraphSceneOptions } from './graph-scene.ts'
export { graphSubscription } from './graph-subscription.ts'
export { historyCount, hostileHistories } from './hostile-history.ts'
export type {
  Around,
  HistoriesOutcome,
  HistoryContext,
  HistoryOptions,
  HistoryReport,
  HistoryScene,
  Judgement,
} from './hostile-history.ts'
export { bodyOf, listen } from './loopback-server.ts'
export type { LoopbackServer } from './loopback-server.ts'
export { memoryTable } from './memory-table.ts'
export type { Table } from './memory-table.ts'
export { compareWithMeta, graphFieldsIn, without } from './meta-sdk.ts'
export type { MetaComparison, MetaSdk } from './meta-sdk.ts'
export type { RequestRecord } from './request-record.ts'
export { callWithServiceAccount } from './service-account.ts'
export { protocolOf, scriptedFlow } from './strategy-flow.ts'
export { loadVendorContract, loadVendorSchemas, vendorContracts } from './vendor-contract.ts'
export type { Exchange, VendorContract } from './vendor-contract.ts'
export { subscribedHost } from './subscribed-host.ts'
export type { SubscribedHostOptions, SubscriptionTarget, WebhookEndpoint } from './subscribed-host.ts'
export { syncScene } from './sync-scene.ts'
export type { RoundOptions, Sent, SyncSceneOptions } from './sync-scene.ts'
export { wordEdits } from './word-edits.ts'
export type { RemoteItems, ToggledField, WordEditsOptions, WordField } from './word-edits.ts'
