import type { Account } from '../identity/connection.ts'

/**
 * The state of a connection.
 *
 * `pending`: an authorization has started. `active`: works. `degraded`: the credential is still valid, but the last
 * refresh or request failed; it recovers or gets worse without a user. `needs_reauth`: rejected permanently, a user has
 * to connect again. `revoked`: taken out of use on purpose. `unreadable`: its row in the store cannot be read, for
 * example because its key is gone; connecting again replaces it. `disconnected`: there is none.
 */
export type ConnectionState =
  | 'pending'
  | 'active'
  | 'degraded'
  | 'needs_reauth'
  | 'revoked'
  | 'unreadable'
  | 'disconnected'

/** Limits of an operation on a connection. The work behind it may still finish after they have passed. */
export interface OperationOptions {
  readonly signal?: AbortSignal | undefined
  /** @default timeouts.callMs */
  readonly timeoutMs?: number | undefined
}

/** What to ask the user for, and where to send them back to. */
export interface ConsentOptions {
  /** Where the provider sends the user back to; `{serverId}` stands for the connector's id. @default the vault's */
  readonly redirectUri?: string | undefined
  /** Scopes to ask for besides those that are granted already. @default the connector's */
  readonly scopes?: readonly string[] | undefined
  /** The account that the provider should suggest: usually an e-mail address. */
  readonly loginHint?: string | undefined
  readonly settings?: object | undefined
  /** The `WWW-Authenticate` header of the response that made this necessary. */
  readonly challenge?: string | undefined
}

export interface ConnectOptions extends ConsentOptions, OperationOptions {
  /** How the user is asked: on a page, or with a code that they enter on another device. @default 'redirect' */
  readonly flow?: 'redirect' | 'device' | undefined
  /** When a credential that a user typed in expires, so that the host is warned before. */
  readonly expiresAt?: Date | undefined
}

export type ConnectResult = Connected | ToAuthorize | ToChoose

export interface Connected {
  readonly status: 'connected'
  /** The account at the provider, if the connector can ask for it. */
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
  /** Whether to revoke the grant at the provider as well, where that is possible. @default true */
  readonly revoke?: boolean | undefined
}

export interface RotateOptions extends OperationOptions {
  /**
   * Milliseconds for which the old credential is kept once the new one is in use. It serves calls if the new one is
   * rejected, so leave it valid at the provider for as long. @default 0
   */
  readonly keepOldForMs?: number | undefined
  /** When the new credential expires. */
  readonly expiresAt?: Date | undefined
}

export interface RotateResult {
  /**
   * `rotated`: the provider accepted the new credential, and it is in use. `staged`: the provider could not be asked, so
   * the next call tries the new one; `credential.rotated` or `credential.rotation_failed` reports the result.
   */
  readonly status: 'rotated' | 'staged'
  readonly account?: Account | undefined
}

export interface BackupOptions extends OperationOptions {
  /** When the backup expires. */
  readonly expiresAt?: Date | undefined
}

export interface BackupResult {
  /** Whether the provider has accepted it; false if the provider could not be asked. */
  readonly verified: boolean
  readonly account?: Account | undefined
}

/** A credential besides the current one. Times are milliseconds since the epoch. */
export interface SpareStatus {
  readonly since: number
  readonly fingerprint?: string | undefined
  readonly expiresAt?: number | undefined
  /** When it is dropped. */
  readonly until?: number | undefined
}

/** The state of a connection and why. Nothing in it is secret. */
export interface ConnectionStatus {
  readonly serverId: string
  readonly tenant: string | undefined
  readonly connection: string
  readonly state: ConnectionState
  readonly account?: Account | undefined
  readonly scopes?: readonly string[] | undefined
  /** When the token or key expires, in milliseconds since the epoch, if that is known. */
  readonly expiresAt?: number | undefined
  /** Whether it is refreshed automatically. */
  readonly renews: boolean
  /** Why it is not active: a word for programs, and a sentence for users. */
  readonly reason?: string | undefined
  readonly hint?: string | undefined
  /** Since when, in milliseconds since the epoch. */
  readonly since?: number | undefined
  /** ISO 8601. */
  readonly connectedAt?: string | undefined
  /** Identifies a key or token without revealing it; absent for a secret that is too short for that. */
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
