import type { Principal } from '../identity/principal.ts'
import type { AnyClient } from './client-host.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { shownName } from '../errors/shown-name.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'
import type { ConnectingParts } from '../vault/connect-account.ts'
import { ConnectionHost } from './connection-host.ts'
import type { ConnectorParts } from './connection-host.ts'

/** The error for a server id that no connector has. */
export function noConnector(serverId: unknown, ids: readonly string[]): ConnectorError {
  const shown = shownName(serverId)
  return new ConnectorError('ROUTING_ERROR', `There is no connector "${shown}".`, {
    serverId: shown,
    choices: nearestNames(shown, ids),
    outcome: 'not_processed',
  })
}

/** One connector inside a running client: hands out views of its connections. */
export class ConnectorRuntime {
  readonly #parts: ConnectorParts

  constructor(parts: ConnectorParts) {
    this.#parts = parts
  }

  get scope(): ConnectorContext {
    return this.#parts.scope
  }

  /** What work on one connection stands on. */
  connecting(principal: Principal, name: string): ConnectingParts {
    return new ConnectionHost(this.#parts, principal, name).connecting()
  }

  open(principal: Principal, name?: string): AnyClient {
    return this.#parts.mounted.open(new ConnectionHost(this.#parts, principal, name))
  }

  /** What work on one connection of a principal is asked through. */
  host(principal: Principal, name: string): ConnectionHost {
    return new ConnectionHost(this.#parts, principal, name)
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    this.#parts.scope.lifetime.close()
    await this.#parts.mounted.close?.()
  }
}
