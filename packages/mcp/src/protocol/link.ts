import type { RequestId, Transport } from '@modelcontextprotocol/client'
import type { Clock, ConnectorError, Logger, Signer } from '@mcpclient/core'
import type { AuthStrategy } from '@mcpclient/core/define'

/**
 * The protocol revisions to speak: `modern` is 2026-07-28 and later, `legacy` is every earlier one, `auto` asks the
 * server.
 */
export type Versions = 'auto' | 'legacy' | 'modern'

export type Sign = Signer['sign']
export type OnResponse = NonNullable<AuthStrategy['onResponse']>

/** The connection to a server: over Streamable HTTP, or over the pipes of a process. */
export interface Link {
  readonly kind: 'http' | 'stdio'
  readonly versions: Versions
  /** Live values that must not appear in a log or an error. */
  readonly secrets: readonly string[]
  /** Creates a transport that is not started yet. */
  open(context: LinkContext): Promise<LinkedTransport>
}

export interface LinkContext {
  readonly serverId: string
  readonly logger: Logger
  readonly clock: Clock
  /** Returns the function that attaches the connection's credential, or undefined if there is none. */
  readonly sign: () => Sign | undefined
  /** Called for a response that was not accepted, with the id of its request if that is known. */
  readonly onRefusedResponse: (id: RequestId | undefined, error: ConnectorError) => void
}

export interface LinkedTransport {
  readonly transport: Transport
  /** Keeps this process alive until `unref` is called as often. */
  ref(): void
  unref(): void
  /** Ends the session at the server if the link supports it. Never rejects. */
  endSession(): Promise<void>
  /** Returns a connection failure with what is known of its cause. */
  explain(failure: ConnectorError): ConnectorError
}
