import type { ConnectionState } from '../vault/connection-state.ts'
import type { ConsentOptions } from '../vault/consent.ts'
import type { ConnectorError } from '../errors/connector-error.ts'
import type { Logger } from '../ports/logger.ts'
import type { Account } from '../identity/connection.ts'
import type { Call, CallOptions, ToolFacts } from '../pipeline/call.ts'
import type { OmittedTool, ToolDescription } from '../connector/connector.ts'
import type { StreamLimits } from '../connector/server-sent-events.ts'
import type { Exchange } from '../connector/exchange.ts'
import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { Reply } from '../connector/reply.ts'
import type { Effect, RequestSpec } from '../connector/request.ts'
import type { AnyTool } from '../connector/tool.ts'

/** The methods that the runtime calls on every client, whatever its types. */
export interface AnyClient {
  invoke(tool: string, input: unknown, options?: object): Promise<unknown>
  listTools(): Promise<readonly ToolDescription[]>
  /** Returns the tools that the last list left out because they cannot be used. */
  omittedTools?(): readonly OmittedTool[]
  health(): Promise<unknown>
}

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
  /** Whether the call has reached its time limit, or its caller or the closing client has ended it. */
  isOver(call: Call): boolean
  /** The same failure without what the call was signed with, should the provider's answer have repeated that. */
  withoutSecrets(failure: ConnectorError, call: Call): ConnectorError
  connect(credential: unknown, options: ConnectOptions): Promise<ConnectResult>
  choose(id: string, options?: OperationOptions): Promise<ConnectResult>
  disconnect(options: DisconnectOptions): Promise<boolean>
  rotate(credential: unknown, options: RotateOptions): Promise<RotateResult>
  setBackup(credential: unknown, options: BackupOptions): Promise<BackupResult>
  removeBackup(options?: OperationOptions): Promise<boolean>
  status(options?: OperationOptions): Promise<ConnectionStatus>
  isConnected(options?: OperationOptions): Promise<boolean>
  health(options?: OperationOptions): Promise<Health>
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
  readonly streams?: StreamLimits | undefined
}

/** Limits of what is done to a connection. The work behind it may still finish after they have passed. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined
  /** @default timeouts.callMs */
  readonly timeoutMs?: number | undefined
}

/** What a host may say when it connects an account. */
export interface ConnectOptions extends ConsentOptions, OperationOptions {
  /** How a person is asked: sent to a page and back, or shown a code to type in on another device. */
  readonly flow?: 'redirect' | 'device' | undefined
  /** When a credential that is typed in ends, so that the host is warned before. */
  readonly expiresAt?: Date | undefined
}

export type ConnectResult = Connected | ToAuthorize | ToChoose

export interface Connected {
  readonly status: 'connected'
  /** Whose account it is, where the connector can ask. */
  readonly account?: Account | undefined
  /** What was really granted, where that is known. */
  readonly scopes?: readonly string[] | undefined
  /** What the connector asks for and the person did not grant; its tools that need it answer `needs_scope`. */
  readonly missingScopes?: readonly string[] | undefined
}

/** A person has to agree first: send them to `url`, and pass what they come back with to `completeAuthorization`. */
export interface ToAuthorize {
  readonly status: 'authorize'
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** In the device flow: what to type in at `verificationUri`. */
  readonly userCode?: string | undefined
  readonly verificationUri?: string | undefined
  /** In the device flow: resolves when the person has agreed, rejects when they refuse or the code ends. */
  readonly wait?: ((options?: { readonly signal?: AbortSignal }) => Promise<ConnectResult>) | undefined
  readonly account?: undefined
}

/** The account has several sites: pass the id of one to `choose`. */
export interface ToChoose {
  readonly status: 'choose'
  readonly choices: readonly { readonly id: string; readonly name: string }[]
  readonly account?: undefined
}

export interface DisconnectOptions extends OperationOptions {
  /** False leaves the grant alive at the provider; unless said so it is ended there as well, where that is possible. */
  readonly revoke?: boolean | undefined
}

/** What a host may say when it puts another credential in the place of the present one. */
export interface RotateOptions extends OperationOptions {
  /**
   * Milliseconds for which the old credential is kept once the new one has taken over, and used if that is refused; 0
   * unless given. Leave the old one alive at the provider for as long.
   */
  readonly keepOldForMs?: number | undefined
  /** When the new credential ends. */
  readonly expiresAt?: Date | undefined
}

export interface RotateResult {
  /**
   * `rotated`: the provider has accepted the new credential, and it is in use. `proving`: it could not be asked, so the
   * next call tries the new one; the events `credential.rotated` or `credential.rotation_failed` tell how that went.
   */
  readonly status: 'rotated' | 'proving'
  readonly account?: Account | undefined
}

export interface BackupOptions extends OperationOptions {
  /** When the backup ends. */
  readonly expiresAt?: Date | undefined
}

export interface BackupResult {
  /** Whether the provider has accepted it; false where it could not be asked. */
  readonly proved: boolean
  readonly account?: Account | undefined
}

/** A credential besides the first. Times are milliseconds since the epoch. */
export interface StandInStatus {
  readonly since: number
  readonly fingerprint?: string | undefined
  readonly expiresAt?: number | undefined
  /** Until then it is kept. */
  readonly until?: number | undefined
}

/** How a connection stands. Nothing in it is secret. */
export interface ConnectionStatus {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
  readonly state: ConnectionState
  readonly account?: Account | undefined
  readonly scopes?: readonly string[] | undefined
  /** When the token or key ends, in milliseconds since the epoch, where that is known. */
  readonly expiresAt?: number | undefined
  /** Whether it is renewed by itself. */
  readonly renews: boolean
  /** Why it is not active, for programs and for people. */
  readonly reason?: string | undefined
  readonly hint?: string | undefined
  /** Since when, in milliseconds since the epoch. */
  readonly since?: number | undefined
  /** ISO 8601. */
  readonly connectedAt?: string | undefined
  /** Tells one key or token from another without giving it away; absent for a secret that is too short for that. */
  readonly fingerprint?: string | undefined
  /** A credential that takes over once a call has proved it. */
  readonly successor?: StandInStatus | undefined
  /** The credential before this one, while it is kept. */
  readonly predecessor?: StandInStatus | undefined
  readonly backup?: StandInStatus | undefined
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
