import type { Principal } from '../connector/call.ts'
import type { ConnectResult } from '../connector/client-host.ts'
import type { AnyClient } from '../connector/connector.ts'
import type { PendingAuthorization } from '../credentials/pending-authorization.ts'
import type { ConnectorScope } from '../pipeline/connector-scope.ts'
import type { ConnectingParts } from './connect-account.ts'
import { ConnectionHost } from './connection-host.ts'
import type { ConnectorParts } from './connection-host.ts'

/** One connector inside a running client: hands out views of its connections. */
export class ConnectorRuntime {
  readonly #parts: ConnectorParts

  constructor(parts: ConnectorParts) {
    this.#parts = parts
  }

  get scope(): ConnectorScope {
    return this.#parts.scope
  }

  /** What work on one connection stands on. */
  connecting(principal: Principal, name: string): ConnectingParts {
    return new ConnectionHost(this.#parts, principal, name).connecting()
  }

  open(principal: Principal, name?: string): AnyClient {
    return this.#parts.mounted.open(new ConnectionHost(this.#parts, principal, name))
  }

  /** The person has come back: ends what `connect` began. */
  complete(principal: Principal, pending: PendingAuthorization, callback: URL): Promise<ConnectResult> {
    return new ConnectionHost(this.#parts, principal, pending.connection).complete(pending, callback)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#parts.scope.lifetime.close()
    await this.#parts.mounted.close?.()
  }
}
