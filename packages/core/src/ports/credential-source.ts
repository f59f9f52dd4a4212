import type { Connection } from '../identity/connection.ts'
import type { Principal } from '../identity/principal.ts'
import type { Accounts } from './accounts.ts'
import { storeKey } from './store.ts'
import type { Sign } from './transport.ts'

/** Signs requests with a credential, which stays private so that nothing can print it. */
export interface Signer {
  readonly sign: Sign
  /** Returns the secrets in the credential, so that they can be redacted. */
  secrets(): readonly string[]
}

/** A request that has to be signed. */
export interface UnsignedRequest {
  readonly call: {
    readonly connection: Connection
    readonly principal: Principal
    readonly requestId: string
    readonly toolName: string
    readonly tool: { readonly scopes?: readonly string[] | undefined }
    /** On the clock's monotonic scale. */
    readonly deadline: number
  }
  readonly signal: AbortSignal | undefined
}

/**
 * Signs the requests of one connector. The vault implements it. Without a vault, the credential that the host passed at
 * composition is used.
 */
export interface CredentialSource {
  /** True if every tenant uses the app's own credential, so that there is only one account. */
  readonly isShared: boolean
  /** Returns the connection of a tenant by name. */
  connectionOf(tenant: string, name: string): Connection
  /**
   * Returns a connection's own settings, or undefined if it has none. Synchronous if they are cached.
   * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if the tenant has not connected
   */
  settingsOf(connection: Connection): object | undefined | Promise<object | undefined>
  /** Returns whether the credential of a connection is being refreshed in this process. */
  isRefreshing(connection: Connection): boolean
  /** Returns whether there is a credential to try. Reads the store; does not call the provider. */
  isUsable(connection: Connection): Promise<boolean>
  /**
   * Sends a request with the connection's credential, and retries with the next credential if the provider rejects it.
   * @param send signs and sends the request; called once for each credential that is tried
   */
  send<Result>(request: UnsignedRequest, send: (signer: Signer) => Promise<Result>): Promise<Result>
  /** Returns the operations on a connection, with `principal` as the actor. */
  accounts(connection: Connection, principal: Principal): Accounts
}

/** The name of the app's own connection, which has no tenant. */
export const APP_CONNECTION = 'app'

/** Returns the connection of a tenant, or the app's own if every tenant shares it. */
export function connectionAt(
  { serverId, group, isShared }: { readonly serverId: string; readonly group: string; readonly isShared: boolean },
  tenant: string,
  name: string,
): Connection {
  // The app's own credential is one account, so its limits and its breaker are shared too.
  const owner = isShared ? { tenant: undefined, name: APP_CONNECTION } : { tenant, name }
  const key = isShared ? storeKey(serverId) : storeKey(serverId, tenant, name)
  return { key, serverId, ...owner, storeKey: storeKey('connection', group, owner.tenant ?? '', owner.name) }
}
