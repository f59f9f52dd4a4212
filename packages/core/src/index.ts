/**
 * `@mcpclient/core`: the functions and types with which a host composes its client. Authors of connectors import
 * `@mcpclient/core/define`.
 */
export { createMcpClient } from './client/create-mcp-client.ts'
export type {
  ClientEvents,
  Clients,
  ConnectorEvent,
  ListToolsOptions,
  McpClient,
  McpClientOptions,
  ToolList,
} from './client/mcp-client.ts'
export type { PolicyOptions } from './pipeline/policies.ts'
export { DEFAULT_TENANT } from './identity/principal.ts'
export type { Actor, PrincipalArgument } from './identity/principal.ts'
export { createRegistry } from './client/registry.ts'
export type { AnyConnectorFactory, Registry } from './client/registry.ts'

export { ConnectorClient } from './client/connector-client.ts'
export { DefinedClient } from './client/defined-client.ts'
export { nearestNames } from './errors/nearest-names.ts'
export { providerText } from './errors/provider-text.ts'
export type { ProviderTextOptions } from './errors/provider-text.ts'
export { createToolNames } from './client/tool-names.ts'
export type { NamedTool, ToolNames } from './client/tool-names.ts'
export type { Attempt, Call, CallOptions, ToolFacts } from './pipeline/call.ts'
export type { StreamLimits } from './connector/server-sent-events.ts'
export type { Exchange, ExchangeContext } from './connector/exchange.ts'
export type { Connection } from './identity/connection.ts'
export type { Principal } from './identity/principal.ts'
export type { AnyClient, ClientHost, Health } from './client/client-host.ts'
export type {
  Connector,
  ConnectorTypes,
  JsonSchema,
  OmittedTool,
  SettingField,
  ToolDescription,
  ToolTypes,
} from './connector/connector.ts'
export type { ClientOperation } from './client/operation.ts'
export type { SyncEngine, SyncOperation, SyncRequest, WakeTarget } from './client/sync-engine.ts'
export type { Job, JobOutcome, Jobs, ScheduledJob } from './ports/jobs.ts'
export type { AnySyncMapping, RowChanges, SyncMapping } from './connector/sync-mapping.ts'
export type { AnySync, SyncCount, SyncDirection, SyncOptions, SyncPage, SyncResult } from './connector/sync.ts'
export { credentialFromOptions } from './auth/credential-from-options.ts'
export { hideSecrets } from './connector/connector.ts'
export { withClient } from './client/custom-connector.ts'
export type { CustomConnector, CustomFactory, Mounted } from './client/custom-connector.ts'
export type { Effect } from './connector/request.ts'
export { markedFields } from './connector/fields.ts'
export type { MarkedField, Marks } from './connector/fields.ts'
export type { Profile } from './connector/profile.ts'
export type { Account } from './identity/connection.ts'
export type { Reply } from './connector/reply.ts'

export type {
  Accounts,
  BackupOptions,
  BackupResult,
  ConnectOptions,
  ConnectResult,
  Connected,
  ConnectionState,
  ConnectionStatus,
  ConsentOptions,
  DisconnectOptions,
  OperationOptions,
  RotateOptions,
  RotateResult,
  SpareStatus,
  ToAuthorize,
  ToChoose,
} from './ports/accounts.ts'

export { ConnectorError } from './errors/connector-error.ts'
export type { ConnectorErrorJson, ErrorDetails, Issue, Outcome } from './errors/connector-error.ts'
export { codes } from './errors/codes.ts'
export type { ErrorCode, ErrorType } from './errors/codes.ts'
export { causeOf, partialOf } from './errors/connector-error.ts'

export { NameMatcher } from './pipeline/name-matcher.ts'
export type { Capability, ClientContext, EventSource } from './client/capability.ts'
export { stages } from './pipeline/pipeline.ts'
export type { Pipeline, Stages } from './pipeline/pipeline.ts'
export type { CallStage, Next, RequestStage, Stage, StageFor } from './pipeline/stage.ts'
export type { ConnectorContext } from './pipeline/connector-context.ts'
export type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from './pipeline/policies.ts'
export type { Permissions, Policy, Proposal, Verdict } from './pipeline/permissions.ts'
export type { CallSlot, CapabilityStages, RequestSlot } from './pipeline/slots.ts'
export type { ConnectionEvents } from './ports/connection-events.ts'
export type { CredentialSource, Signer, UnsignedRequest } from './ports/credential-source.ts'
export type { RuntimeEvents } from './pipeline/runtime-events.ts'
export type { Envelope, EnvelopeError, EnvelopeRequest, EnvelopeSuccess } from './envelope/schemas.ts'

export { redact, redactText } from './redaction/redact.ts'

export { backgroundClock, sleep, systemClock } from './ports/clock.ts'
export type { Clock } from './ports/clock.ts'
export type { KeyContext, KeyProvider, WrappedKey } from './ports/key-provider.ts'
export { silentLogger } from './ports/logger.ts'
export type { Logger, LogFields } from './ports/logger.ts'
export { memoryStore } from './ports/memory-store.ts'
export {
  assertStoreBucket,
  assertStoreKey,
  assertStoreText,
  isStoreKey,
  keySegments,
  listAll,
  storeKey,
} from './ports/store.ts'
export type {
  ListedEntry,
  PutResult,
  Store,
  StoreBucket,
  Stored,
  StoreWrite,
  Version,
  WriteResult,
} from './ports/store.ts'
export { assertStoreBatch, writeAll } from './ports/store-batch.ts'
export { TransportError } from './ports/transport.ts'
export { untilAborted } from './ports/until-aborted.ts'
export type {
  ResponseHeaders,
  Transport,
  TransportFailureReason,
  TransportRequest,
  TransportResponse,
} from './ports/transport.ts'
export { fetchTransport } from './transports/fetch-transport.ts'
