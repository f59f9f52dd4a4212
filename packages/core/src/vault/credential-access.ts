import type { Principal } from '../identity/principal.ts'

/**
 * An operation on a credential.
 *
 * `connect`: store one, or choose which account it is for. `read`: read the state of a connection. `use`: sign a request with
 * it. `rotate`: replace it, or set or remove a backup. `revoke`: disconnect the account.
 */
export type CredentialOperation = (typeof credentialOperations)[number]
export const credentialOperations = ['connect', 'read', 'use', 'rotate', 'revoke'] as const

export interface CredentialRequest {
  readonly operation: CredentialOperation
  readonly principal: Principal
  readonly serverId: string
  /** The name of the connection; `app` for the app's own credential. */
  readonly connection: string
}

/**
 * Decides who may do what with credentials. Called before each operation; returns whether it is allowed, and denies it by
 * throwing. `use` is called once for each request, so return it without a promise if you can.
 */
export type CredentialAccess = (request: CredentialRequest) => boolean | Promise<boolean>
