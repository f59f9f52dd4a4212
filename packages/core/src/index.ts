/**
 * `@mcpclient/core`: what a host composes its client with. Authors of connectors import `@mcpclient/core/define`.
 */
export { createMcpClient } from './client/create-mcp-client.ts'
export type {
  ClientEvents,
  Clients,
  CompletedAuthorization,
  ConnectorEvent,
  ListToolsOptions,
  McpClient,
  McpClientOptions,
  ToolList,
} from './client/mcp-client.ts'
export type { PolicyOptions } from './pipeline/policies.ts'
export { DEFAULT_TENANT } from './identity/principal.ts'
export type { Actor, PrincipalArgument } from './identity/principal.ts'
export type { ListOptions } from './vault/operations/list-connections.ts'
export type { MaintainOptions, MaintainReport, SkippedConnection } from './vault/operations/maintain-connections.ts'
export type { MigrateOptions, MigrateReport, NamedConnection } from './vault/operations/migrate-connections.ts'
export type { ConnectionFailure } from './vault/operations/operations-world.ts'
export type { RevokeOptions, RevokeReport } from './vault/operations/revoke-connections.ts'
export type { VaultScope } from './vault/operations/vault-scope.ts'
export type { VaultOperations } from './vault/operations/vault-operations.ts'
export { createRegistry } from './client/registry.ts'
export type { AnyConnectorFactory, Registry } from './client/registry.ts'

export { ConnectorClient } from './client/connector-client.ts'
export { DefinedClient } from './client/defined-client.ts'
export { nearestNames } from './errors/nearest-names.ts'
export { createToolNames } from './connector/tool-names.ts'
export type { NamedTool, ToolNames } from './connector/tool-names.ts'
export type { Attempt, Call, CallOptions, ToolFacts } from './pipeline/call.ts'
export type { StreamLimits } from './connector/server-sent-events.ts'
export type { Exchange, ExchangeContext } from './connector/exchange.ts'
export type { Connection } from './identity/connection.ts'
export type { Principal } from './identity/principal.ts'
export type {
  AnyClient,
  BackupOptions,
  BackupResult,
  ClientHost,
  Connected,
  ConnectionStatus,
  ConnectOptions,
  ConnectResult,
  DisconnectOptions,
  Health,
  OperationOptions,
  RotateOptions,
  RotateResult,
  StandInStatus,
  ToAuthorize,
  ToChoose,
} from './client/client-host.ts'
export type {
  Connector,
  ConnectorTypes,
  JsonSchema,
  OmittedTool,
  SettingField,
  SyncDirection,
  SyncOptions,
  SyncResult,
  ToolDescription,
  ToolTypes,
} from './connector/connector.ts'
export { withClient } from './client/custom-connector.ts'
export type { CustomConnector, CustomFactory, Mounted } from './client/custom-connector.ts'
export type { Effect } from './connector/request.ts'
export type { MarkedField, Marks } from './connector/marks.ts'
export type { Profile } from './connector/profile.ts'
export type { Account } from './identity/connection.ts'
export type { Reply } from './connector/reply.ts'

export { ConnectorError } from './errors/connector-error.ts'
export type { ConnectorErrorJson, ErrorDetails, Issue, Outcome } from './errors/connector-error.ts'
export { codes } from './errors/codes.ts'
export type { ErrorCode, ErrorType } from './errors/codes.ts'
export { causeOf, partialOf } from './errors/connector-error.ts'

export { NameMatcher } from './pipeline/name-matcher.ts'
export { stages } from './pipeline/pipeline.ts'
export type { Pipeline, Stages } from './pipeline/pipeline.ts'
export type { CallStage, Next, RequestStage, Stage, StageFor } from './pipeline/stage.ts'
export type { ConnectorContext } from './pipeline/connector-context.ts'
export type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from './pipeline/policies.ts'
export type { Permissions, Policy, Proposal, Verdict } from './pipeline/permissions.ts'
export type { RuntimeEvents } from './pipeline/runtime-events.ts'
export type { Envelope, EnvelopeError, EnvelopeRequest, EnvelopeSuccess } from './envelope/schemas.ts'

export type { ConnectionState } from './vault/connection-state.ts'
export type { CredentialAccess, CredentialOperation, CredentialRequest } from './vault/credential-access.ts'
export { encrypted } from './encryption/encrypted.ts'
export type { EncryptedOptions, EncryptedStore } from './encryption/encrypted.ts'
export type { KeyUse } from './encryption/data-key-row.ts'
export { localKeyring } from './encryption/local-keyring.ts'
export type { Keyring } from './encryption/local-keyring.ts'
export type { RotateKeysOptions, RotationFailure, RotationProgress, RotationReport } from './encryption/rotation.ts'
export type { RotationCounts, RotationPhase } from './encryption/rotation-checkpoint.ts'
export type { ShredReport } from './encryption/shred-tenant.ts'
export { redact, redactText } from './redaction/redact.ts'

export { envSecrets } from './secrets/env-secrets.ts'
export { resolveSecrets } from './secrets/resolve-secrets.ts'
export type { ResolveSecretsOptions } from './secrets/resolve-secrets.ts'
export { secretReader } from './secrets/secret-reader.ts'
export type { SecretReader, SecretReaderOptions } from './secrets/secret-reader.ts'
export type { SecretSource } from './secrets/secret-source.ts'

export type { AuditActor, AuditEntry, AuditOperation, AuditSink } from './ports/audit-sink.ts'
export { backgroundClock, sleep, systemClock } from './ports/clock.ts'
export type { Clock } from './ports/clock.ts'
export type { KeyContext, KeyProvider, WrappedKey } from './ports/key-provider.ts'
export { silentLogger } from './ports/logger.ts'
export type { Logger, LogFields } from './ports/logger.ts'
export { memoryAuditLog } from './ports/memory-audit-log.ts'
export type { MemoryAuditLog } from './ports/memory-audit-log.ts'
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
export type { ListedEntry, PutResult, Store, StoreBucket, Stored, Version } from './ports/store.ts'
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
export { kyTransport } from './transports/ky-transport.ts'
export { transportError } from './transports/transport-failure.ts'
export { retryAfterMs } from './resilience/limit-headers.ts'
