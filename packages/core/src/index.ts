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
export type { PolicyOptions } from './client/policies.ts'
export { DEFAULT_TENANT } from './client/principal-of.ts'
export type { Actor, PrincipalArgument } from './client/principal-of.ts'
export type { ListOptions } from './client/vault-operations/list-connections.ts'
export type {
  MaintainOptions,
  MaintainReport,
  SkippedConnection,
} from './client/vault-operations/maintain-connections.ts'
export type { MigrateOptions, MigrateReport, NamedConnection } from './client/vault-operations/migrate-connections.ts'
export type { ConnectionFailure } from './client/vault-operations/operations-world.ts'
export type { RevokeOptions, RevokeReport } from './client/vault-operations/revoke-connections.ts'
export type { VaultScope } from './client/vault-operations/vault-scope.ts'
export type { VaultOperations } from './client/vault-operations/vault-operations.ts'
export { createRegistry } from './client/registry.ts'
export type { AnyConnectorFactory, Registry } from './client/registry.ts'

export { ConnectorClient } from './connector/connector-client.ts'
export { DefinedClient } from './connector/defined-client.ts'
export { nearestNames } from './connector/nearest-names.ts'
export { createToolNames } from './connector/tool-names.ts'
export type { NamedTool, ToolNames } from './connector/tool-names.ts'
export type {
  Attempt,
  Call,
  CallOptions,
  Connection,
  Exchange,
  ExchangeContext,
  Principal,
  StreamLimits,
  ToolFacts,
} from './connector/call.ts'
export type {
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
} from './connector/client-host.ts'
export type {
  AnyClient,
  Connector,
  ConnectorTypes,
  JsonSchema,
  Mounted,
  OmittedTool,
  SettingField,
  SyncDirection,
  SyncOptions,
  SyncResult,
  ToolDescription,
  ToolTypes,
} from './connector/connector.ts'
export type { Effect } from './connector/effect.ts'
export type { Account, Profile } from './connector/profile.ts'
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
export type { ConnectorScope } from './pipeline/connector-scope.ts'
export type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from './pipeline/connector-scope.ts'
export type { Permissions, Policy, Proposal, Verdict } from './pipeline/permit.ts'
export type { RuntimeEvents } from './pipeline/runtime-events.ts'
export type { Envelope, EnvelopeError, EnvelopeRequest, EnvelopeSuccess } from './envelope/schemas.ts'

export type { ConnectionState } from './credentials/connection-state.ts'
export type { CredentialAccess, CredentialOperation, CredentialRequest } from './credentials/credential-access.ts'
export { encrypted } from './credentials/encryption/encrypted.ts'
export type { EncryptedOptions, EncryptedStore } from './credentials/encryption/encrypted.ts'
export type { KeyUse } from './credentials/encryption/keys-in-use.ts'
export { localKeyring } from './credentials/encryption/local-keyring.ts'
export type { Keyring } from './credentials/encryption/local-keyring.ts'
export type { RotateKeysOptions } from './credentials/encryption/rotate-keys.ts'
export type { RotationFailure, RotationProgress, RotationReport } from './credentials/encryption/rotation.ts'
export type { RotationCounts, RotationPhase } from './credentials/encryption/rotation-checkpoint.ts'
export type { ShredReport } from './credentials/encryption/shred-tenant.ts'
export { redact, redactText } from './credentials/redaction/redact.ts'

export { envSecrets } from './config/env-secrets.ts'
export { resolveSecrets } from './config/resolve-secrets.ts'
export type { ResolveSecretsOptions } from './config/resolve-secrets.ts'
export { secretReader } from './config/secret-reader.ts'
export type { SecretReader, SecretReaderOptions } from './config/secret-reader.ts'
export type { SecretSource } from './config/secret-source.ts'

export type { AuditActor, AuditEntry, AuditOperation, AuditSink } from './ports/audit-sink.ts'
export { sleep, systemClock } from './ports/clock.ts'
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
export type {
  ResponseHeaders,
  Transport,
  TransportFailureReason,
  TransportRequest,
  TransportResponse,
} from './ports/transport.ts'
export { fetchTransport } from './transports/fetch-transport.ts'
export { kyTransport } from './transports/ky-transport.ts'
