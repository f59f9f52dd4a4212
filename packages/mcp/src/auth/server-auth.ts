import type { Clock } from '@mcpclient/core'
import type { AuthStrategy, CredentialFields } from '@mcpclient/core/define'

/** A server as those see it who get its credentials. */
export interface ProtectedServer {
  /** Its MCP endpoint. */
  readonly url: string
  readonly clock: Clock
  /** Tries to get in without a credential. */
  knock(signal: AbortSignal | undefined): Promise<Knock>
}

/** What came of knocking: `challenge` is the `WWW-Authenticate` header, empty where a refusal had none. */
export type Knock = { readonly open: true } | { readonly open: false; readonly challenge: string }

/**
 * How servers let people in that are only known once they run: where their authorization servers are, and what they want,
 * is asked of them. Made by `mcpOAuth`, `mcpClientCredentials`, `mcpEnterprise` or `mcpWorkloadIdentity`.
 */
export interface ServerAuth<Fields extends CredentialFields = CredentialFields> {
  /** What the vault keeps alive, for this server alone. */
  strategyFor(server: ProtectedServer): AuthStrategy<Fields>
}
