import type { Clock } from '@mcpclient/core'
import type { AuthStrategy, CredentialFields } from '@mcpclient/core/define'

/** A server for which a strategy gets credentials. */
export interface ProtectedServer {
  /** Its MCP endpoint. */
  readonly url: string
  readonly clock: Clock
  /** Connects without a credential, to find out whether the server requires one. */
  probe(signal: AbortSignal | undefined): Promise<ProbeResult>
}

/** The result of a probe. `challenge` is the `WWW-Authenticate` header, empty if the refusal had none. */
export type ProbeResult = { readonly open: true } | { readonly open: false; readonly challenge: string }

/**
 * Authentication that is discovered from the server at run time: its authorization servers, and what they require.
 * `mcpOAuth`, `mcpClientCredentials`, `mcpEnterprise` and `mcpWorkloadIdentity` create one.
 */
export interface ServerAuth<Fields extends CredentialFields = CredentialFields> {
  /** Returns the strategy for one server. */
  strategyFor(server: ProtectedServer): AuthStrategy<Fields>
}
