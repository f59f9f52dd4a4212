/**
 * `@mcpclient/core`: what a host composes its client with. Authors of connectors import `@mcpclient/core/define`.
 */
export { createMcpClient, DEFAULT_TENANT } from './client/create-mcp-client.ts'
export type {
  ClientEvents,
  Clients,
  ConnectorEvent,
  McpClient,
  McpClientOptions,
  ToolList,
} from './client/create-mcp-client.ts'
export type { PolicyOptions } from './client/policies.ts'
export { createRegistry } from './client/registry.ts'
export type { AnyConnectorFactory, Registry } from './client/registry.ts'

export { ConnectorClient } from './connector/connector-client.ts'
export { DefinedClient } from './connector/defined-client.ts'
export type {
  Attempt,
  Call,
  CallOptions,
  Connection,
  Exchange,
  ExchangeContext,
  Principal,
  ToolFacts,
} from './connector/call.ts'
export type { ClientHost, ConnectResult, Health } from './connector/client-host.ts'
export type {
  AnyClient,
  Connector,
  ConnectorTypes,
  JsonSchema,
  Mounted,
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
export { causeOf } from './errors/connector-error.ts'

export { stages } from './pipeline/pipeline.ts'
export type { Pipeline, Stages } from './pipeline/pipeline.ts'
export type { CallStage, Next, RequestStage, Stage, StageFor } from './pipeline/stage.ts'
export type { ConnectorScope } from './pipeline/connector-scope.ts'
export type { BreakerPolicy, LimitPolicy, RetryPolicy, TimeoutPolicy } from './pipeline/connector-scope.ts'
export type { Permissions, Policy, Proposal, Verdict } from './pipeline/permit.ts'
export type { RuntimeEvents } from './pipeline/runtime-events.ts'
export type { Envelope, EnvelopeError, EnvelopeRequest, EnvelopeSuccess } from './envelope/schemas.ts'

export { encrypted } from './credentials/encrypted.ts'
export type { Keyring } from './credentials/encrypted.ts'
export { redact, redactText } from './credentials/redact.ts'

export { sleep, systemClock } from './ports/clock.ts'
export type { Clock } from './ports/clock.ts'
export { silentLogger } from './ports/logger.ts'
export type { Logger, LogFields } from './ports/logger.ts'
export { memoryStore } from './ports/memory-store.ts'
export { keySegments, listAll, storeKey } from './ports/store.ts'
export type { PutResult, Store, Stored, Version } from './ports/store.ts'
export { TransportError } from './ports/transport.ts'
export type { ResponseHeaders, Transport, TransportRequest, TransportResponse } from './ports/transport.ts'
export { fetchTransport } from './transports/fetch-transport.ts'
export { kyTransport } from './transports/ky-transport.ts'
