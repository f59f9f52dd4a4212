import type { Principal } from '../identity/principal.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { ConnectionHost } from './connection-host.ts'
import type { ConnectionHostContext } from './connection-host.ts'
import type { AnyClient } from './client-host.ts'

/** Opens the clients of one connector's connections in a running client. */
export class ConnectorRuntime {
  readonly #context: ConnectionHostContext

  constructor(context: ConnectionHostContext) {
    this.#context = context
  }

  get scope(): ConnectorContext {
    return this.#context.scope
  }

  open(principal: Principal): AnyClient {
    return this.#context.mounted.open(new ConnectionHost(this.#context, principal, undefined))
  }

  /** Aborts every call and request that is running, and closes the connector. */
  async close(): Promise<void> {
    this.#context.scope.lifetime.close()
    await this.#context.mounted.close?.()
  }
}
