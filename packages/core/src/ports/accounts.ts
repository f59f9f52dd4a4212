import type { Account } from '../identity/connection.ts'

/**
 * The state of a connection.
 *
 * - `pending`: an authorization has started
 * - `active`: the connection works
 * - `degraded`: the last refresh or request failed, but the credential is still valid. No user action is needed.
 * - `needs_reauth`: the credential was rejected permanently. The user has to connect again.
 * - `revoked`: the host disabled the connection
 * - `unreadable`: the row in the store cannot be read, for example because its key is gone. Connecting again replaces it.
 * - `disconnected`: there is no connection
 */
export type ConnectionState =
  | 'pending'
  | 'active'
  | 'degraded'
  | 'needs_reauth'
  | 'revoked'
  | 'unreadable'
  | 'disconnected'

/** The limits of an operation on a connection. Work that was started may still finish after they have passed. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined
  /** Time limit of the operation in milliseconds. @default timeouts.callMs */
  readonly timeoutMs?: number | undefined
}

/** The options of a consent screen. */
export interface ConsentOptions {
  /** The redirect URI, in which `{serverId}` stands for the connector's id. @default the vault's */
  readonly redirectUri?: string | undefined
  /** Scopes to request in addition to those that are already granted. @default the connector's */
  readonly scopes?: readonly string[] | undefined
  /** The account that the provider suggests, usually an e-mail address. */
  readonly loginHint?: string | undefined
  readonly settings?: object | undefined
  /** The `WWW-Authenticate` header of the response that requires the consent. */
  readonly challenge?: string | undefined
}

export interface ConnectOptions extends ConsentOptions, OperationOptions {
  /** The OAuth flow: a redirect, or a code that the user enters on another device. @default 'redirect' */
  readonly flow?: 'redirect' | 'device' | undefined
  /** The expiry of a credential that a user entered. The host is warned before it. */
  readonly expiresAt?: Date | undefined
}

export type ConnectResult = Connected | ToAuthorize | ToChoose

export interface Connected {
  readonly status: 'connected'
  /** The account at the provider, if the connector can determine it. */
  readonly account?: Account | undefined
  /** The granted scopes, if they are known. */
  readonly scopes?: readonly string[] | undefined
  /** Scopes of the connector that the user did not grant. Tools that need them fail with the reason `needs_scope`. */
  readonly missingScopes?: readonly string[] | undefined
}

/** A user has to authorize first. Send them to `url`, and pass the callback URL to `completeAuthorization`. */
export interface ToAuthorize {
  readonly status: 'authorize'
  readonly url: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Device flow: the code to enter at `verificationUri`. */
  readonly userCode?: string | undefined
  readonly verificationUri?: string | undefined
  /** Device flow: resolves once the user has agreed; rejects if they refuse or the code expires. */
  readonly wait?: ((options?: { readonly signal?: AbortSignal }) => Promise<ConnectResult>) | undefined
  readonly account?: undefined
}

/** The account has several sites. Pass the id of one to `choose`. */
export interface ToChoose {
  readonly status: 'choose'
  readonly choices: readonly { readonly id: string; readonly name: string }[]
  readonly account?: undefined
}

export interface DisconnectOptions extends OperationOptions {
  /** Whether to revoke the grant at the provider too, if it supports that. @default true */
  readonly revoke?: boolean | undefined
}

export interface RotateOptions extends OperationOptions {
  /**
   * Milliseconds to keep the old credential after the new one is in use. It serves calls if the new one is rejected, so keep
   * it valid at the provider for that time. @default 0
   */
  readonly keepOldForMs?: number | undefined
  /** The expiry of the new credential. */
  readonly expiresAt?: Date | undefined
}

export interface RotateResult {
  /**
   * `rotated`: the provider accepted the new credential, which is now in use. `staged`: the provider could not be reached, so
   * the next call tries the new one. The event `credential.rotated` or `credential.rotation_failed` reports the result.
   */
  readonly status: 'rotated' | 'staged'
  readonly account?: Account | undefined
}

export interface BackupOptions extends OperationOptions {
  /** The expiry of the backup. */
  readonly expiresAt?: Date | undefined
}

export interface BackupResult {
  /** True if the provider accepted it; false if the provider could not be reached. */
  readonly verified: boolean
  readonly account?: Account | undefined
}

/** A credential in addition to the current one. Times are in milliseconds since the epoch. */
export interface SpareStatus {
  readonly since: number
  readonly fingerprint?: string | undefined
  readonly expiresAt?: number | undefined
  /** The time at which it is deleted. */
  readonly until?: number | undefined
}

/** The state of a connection, with the reason. It contains no secret. */
export interface ConnectionStatus {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
  readonly state: ConnectionState
  readonly account?: Account | undefined
  readonly scopes?: readonly string[] | undefined
  /** The expiry of the token or key in milliseconds since the epoch. Absent if unknown. */
  readonly expiresAt?: number | undefined
  /** True if the credential is refreshed automatically. */
  readonly renews: boolean
  /** The reason of a state other than `active`, in one word for programs. */
  readonly reason?: string | undefined
  /** The advice for users, as a sentence. */
  readonly hint?: string | undefined
  /** The start of the state in milliseconds since the epoch. */
  readonly since?: number | undefined
  /** The time of the connection in ISO 8601. */
  readonly connectedAt?: string | undefined
  /** Identifies a key or token without revealing it. Absent if it is too short for a safe fingerprint. */
  readonly fingerprint?: string | undefined
  /** A new credential that replaces the current one once the provider accepts it. */
  readonly staged?: SpareStatus | undefined
  /** The previous credential, while it is kept. */
  readonly previous?: SpareStatus | undefined
  readonly backup?: SpareStatus | undefined
}

/** The operations on one connection. A vault implements them; each rejects with a `ConnectorError`. */
export interface Accounts {
  connect(credential: unknown, options: ConnectOptions): Promise<ConnectResult>
  choose(id: string, options: OperationOptions): Promise<ConnectResult>
  disconnect(options: DisconnectOptions): Promise<boolean>
  rotate(credential: unknown, options: RotateOptions): Promise<RotateResult>
  setBackup(credential: unknown, options: BackupOptions): Promise<BackupResult>
  removeBackup(options: OperationOptions): Promise<boolean>
  isConnected(options: OperationOptions): Promise<boolean>
  status(options: OperationOptions): Promise<ConnectionStatus>
}
