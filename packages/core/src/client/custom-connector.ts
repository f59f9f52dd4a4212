import type { Connector, ConnectorTypes } from '../connector/connector.ts'
import type { ConnectorFactory } from '../connector/definition.ts'
import type { AnyClient, ClientHost } from './client-host.ts'
import type { DefinedClient } from './defined-client.ts'

/** A connector with its own client class, for a service that request values cannot describe. */
export interface CustomConnector<Types = unknown, Client extends AnyClient = AnyClient> extends Connector<Types> {
  /** Mounts the connector. Called once for each client that composes it. */
  mount(serverId: string): Mounted<Client>
}

/** A custom connector inside one running client. */
export interface Mounted<Client extends AnyClient = AnyClient> {
  /** Returns the client of one connection. */
  readonly open: (host: ClientHost) => Client
  close?(): Promise<void>
}

/** A factory whose connectors use the host's own client class. */
export interface CustomFactory<Options, Types extends ConnectorTypes, Client extends AnyClient> extends Pick<
  ConnectorFactory<Options, Types>,
  'type' | 'profile' | 'tools'
> {
  (options?: Options): CustomConnector<Types, Client>
}

export const isCustom = (connector: Connector): connector is CustomConnector => 'mount' in connector

/**
 * Returns the same factory with the host's own client class, which adds methods to each connection.
 * @param Client a subclass of `DefinedClient` with the connector's types
 */
export function withClient<Options, Types extends ConnectorTypes, Client extends DefinedClient<Types>>(
  factory: ConnectorFactory<Options, Types>,
  Client: new (host: ClientHost) => Client,
): CustomFactory<Options, Types, Client> {
  const make = (options?: Options): CustomConnector<Types, Client> => {
    const connector = factory(options)
    const mounted: Mounted<Client> = { open: (host) => new Client(host) }
    // A copy by descriptors keeps the credential behind its getters.
    return Object.defineProperties({ mount: () => mounted }, Object.getOwnPropertyDescriptors(connector)) as never
  }
  const { type, profile, tools } = factory
  return Object.assign(make, { type, profile, tools })
}
