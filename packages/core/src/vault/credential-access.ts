import type { Principal } from '../identity/principal.ts'

/**
 * What somebody wants to do with a credential.
 *
 * `connect`: bring one in, or settle which account is meant. `read`: see the state of a connection. `use`: have a request
 * signed with it. `rotate`: put another one in its place, or set or remove a backup. `revoke`: give it up.
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
 * Who may do what with credentials: asked before each operation, and answered with whether it may go on. What it throws
 * counts as a no. `use` is asked once for each request, so answer it without a promise where you can.
 */
export type CredentialAccess = (request: CredentialRequest) => boolean | Promise<boolean>
