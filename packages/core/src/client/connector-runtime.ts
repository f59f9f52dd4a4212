import type { Principal } from '../identity/principal.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import { ConnectionHost } from './connection-host.ts'
import type { ConnectionHostContext } from './connection-host.ts'
import type { AnyClient } from './client-host.ts'
import { DefinedClient } from './defined-client.ts'
import type { ClientOperation } from './operation.ts'

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

  /** Sends the requests of an operation as one call. */
  send(principal: Principal, connection: string, operation: ClientOperation): Promise<unknown> {
    return DefinedClient.send(new ConnectionHost(this.#context, principal, connection), operation)
  }

  /** Aborts every call and request that is running, and closes the connector. */
  async close(): Promise<void> {
    this.#context.scope.lifetime.close()
    await this.#context.mounted.close?.()
  }
}
