import type { OmittedTool, ToolDescription } from '../connector/connector.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { Reply } from '../connector/reply.ts'
import type { Effect, RequestSpec } from '../connector/request.ts'
import type { StreamLimits } from '../connector/server-sent-events.ts'
import type { AnySync, SyncOptions, SyncResult } from '../connector/sync.ts'
import type { AnyTool } from '../connector/tool.ts'
import type { Account, Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { Call, CallOptions, ToolFacts } from '../pipeline/call.ts'
import type { Accounts, DisconnectOptions, OperationOptions } from '../ports/accounts.ts'
import type { Logger } from '../ports/logger.ts'
import type { SyncEngine } from './sync-engine.ts'

/** The methods that the runtime calls on every client, with their types erased. */
export interface AnyClient {
  invoke(tool: string, input: unknown, options?: object): Promise<unknown>
  listTools(): Promise<readonly ToolDescription[]>
  /** Returns the tools that the last `listTools()` omitted because they cannot be used. */
  omittedTools?(): readonly OmittedTool[]
  health(): Promise<unknown>
  /** Returns the client of another connection of the same tenant. */
  at?(name: string): AnyClient
  syncData?(resource: string, options: SyncOptions): Promise<SyncResult>
}

/** The runtime's side of the client of one connection. It exposes no credential. */
export interface ClientHost {
  readonly serverId: string
  readonly principal: Principal
  readonly connection: Connection
  /** The name of the tenant's account, also if the app's own connection serves all of them. */
  readonly account: string
  readonly logger: Logger
  /** The tools of a connector made by `defineConnector`; empty for any other connector. */
  readonly tools: Readonly<Record<string, AnyTool>>
  /** The syncs of a connector made by `defineConnector`. */
  readonly syncs: Readonly<Record<string, AnySync>>
  /** The engine that runs them. Undefined: no composed capability has one. */
  readonly syncEngine: SyncEngine | undefined
  /** The operations on this connection. */
  readonly accounts: Accounts
  /** Runs one call through the call stages, then calls its `perform`. */
  run(call: PendingCall): Promise<unknown>
  /** Sends one request through the request stages. */
  request(call: Call, request: RequestSpec | Exchange, options: RequestMode): Promise<Reply>
  /**
   * Sends a read that is not a tool call through the request stages.
   * @param name the name of the read in errors and logs, such as `tools/list`
   */
  inquire(name: string, request: RequestSpec | Exchange, timeoutMs: number): Promise<Reply>
  /** Waits between two requests of a call, within its limits. */
  wait(call: Call, ms: number): Promise<void>
  /** Returns whether the call timed out, was cancelled, or was aborted because the client closed. */
  isOver(call: Call): boolean
  health(options?: OperationOptions): Promise<Health>
  /** Disconnects the connection, once the capabilities are prepared for it. */
  disconnect(options: DisconnectOptions): Promise<boolean>
  emit(event: string, data: unknown): void
  /** Returns the client of another connection of the same tenant at the same connector. */
  at(name: string): unknown
}

export interface PendingCall {
  readonly toolName: string
  readonly tool: ToolFacts
  readonly input: unknown
  readonly options: CallOptions
  readonly perform: (call: Call) => Promise<unknown>
}

export interface RequestMode {
  readonly effect: Effect
  readonly streams?: StreamLimits | undefined
}

export interface Health {
  /**
   * `healthy`: the provider accepted the check. `degraded`: it did, but the breaker is not closed. `unhealthy`: the check
   * failed. `not_connected`: there is no credential.
   */
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'not_connected'
  readonly breaker: 'closed' | 'open' | 'half_open'
  /** Duration of the check in milliseconds. Absent if nothing was sent. */
  readonly latencyMs?: number | undefined
  readonly account?: Account | undefined
  /** The error message of a check that failed. */
  readonly reason?: string | undefined
}
