import type { RequestId, Transport } from '@modelcontextprotocol/client'
import type { Attempt, Clock, ConnectorError, Logger } from '@mcpclient/core'
import type { AuthStrategy } from '@mcpclient/core/define'

/** Which protocol revisions to speak: `auto` asks the server; `modern` is 2026-07-28 and later, `legacy` all before. */
export type Versions = 'auto' | 'legacy' | 'modern'

export type Sign = NonNullable<Attempt['sign']>
export type Hear = NonNullable<AuthStrategy['hear']>

/** How a server is reached: what tells Streamable HTTP and stdio apart. */
export interface Link {
  readonly kind: 'http' | 'stdio'
  readonly versions: Versions
  /** Live values that no log and no error may hold. */
  readonly secrets: readonly string[]
  /** Makes a transport that is not started yet. */
  open(options: LinkOptions): Promise<LinkedTransport>
}

export interface LinkOptions {
  readonly serverId: string
  readonly logger: Logger
  readonly clock: Clock
  /** The connection's credential, ready to be attached; absent where there is none. */
  readonly sign: () => Sign | undefined
  /** Told of an answer that was not taken in, with the id of its request where that is known. */
  readonly onRefusedAnswer: (id: RequestId | undefined, error: ConnectorError) => void
}

export interface LinkedTransport {
  readonly transport: Transport
  /** Keeps this process alive while something waits for the server, and lets it go again. */
  hold(): void
  release(): void
  /** Tells the server that the session is over, where there is somebody to tell. Never rejects. */
  endSession(): Promise<void>
  /** Returns a failure of the connection with what is known of its cause. */
  explain(failure: ConnectorError): ConnectorError
}
