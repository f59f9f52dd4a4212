import type { Logger } from '../ports/logger.ts'
import type { Account } from './profile.ts'
import type { Call, CallOptions, Connection, Exchange, Principal, ToolFacts } from './call.ts'
import type { Effect } from './effect.ts'
import type { Reply } from './reply.ts'
import type { RequestSpec } from './request.ts'
import type { AnyTool } from './tool.ts'

/** What the runtime gives to the client of one connection: everything a client needs, and no credential. */
export interface ClientHost {
  readonly serverId: string
  readonly principal: Principal
  readonly connection: Connection
  readonly logger: Logger
  /** The tools of a connector made by `defineConnector`. */
  readonly tools: Readonly<Record<string, AnyTool>>
  /** Runs one call through the pipeline's first list; `perform` is its last stage. */
  run(call: PendingCall): Promise<unknown>
  /** Sends one request through the pipeline's second list. */
  request(call: Call, request: RequestSpec | Exchange, options: RequestMode): Promise<Reply>
  /** The composition's settings with the connection's over them. Not a promise where they are at hand. */
  settings(call: Call): object | Promise<object>
  connect(credential: unknown, options: { readonly settings?: object | undefined }): Promise<ConnectResult>
  disconnect(): Promise<boolean>
  isConnected(): Promise<boolean>
  health(): Promise<Health>
  emit(event: string, data: unknown): void
  /** The client of another connection of the same tenant at the same connector. */
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
  readonly streams?: boolean | undefined
}

export interface ConnectResult {
  readonly status: 'connected'
  /** Whose account it is, where the connector can ask. */
  readonly account?: Account | undefined
}

export interface Health {
  /** `healthy`: answered; `degraded`: answered, but its breaker is not closed; `unhealthy`: did not answer. */
  readonly status: 'healthy' | 'degraded' | 'unhealthy' | 'not_connected'
  readonly breaker: 'closed' | 'open' | 'half_open'
  /** Milliseconds that the check took; absent if nothing was asked. */
  readonly latencyMs?: number | undefined
  readonly account?: Account | undefined
  /** Why it is not healthy. */
  readonly reason?: string | undefined
}
