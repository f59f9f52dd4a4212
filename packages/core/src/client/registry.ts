import type { AnyClient, Connector, ConnectorTypes } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'

/** Any factory made by `defineConnector`, its types erased. */
export interface AnyConnectorFactory {
  readonly type: string
  (options?: never): Connector<ConnectorTypes, AnyClient>
}

export interface Registry {
  readonly types: readonly string[]
  /**
   * Makes a connector from configuration.
   * @param configuration `type` names the factory; the rest are its options
   * @throws ConnectorError CONFIGURATION_ERROR if the type is unknown or the options do not fit
   */
  create(configuration: { readonly type: string; readonly [option: string]: unknown }): Connector
}

/** A set of factories by their type, so that a connector can come out of configuration. */
export function createRegistry(factories: readonly AnyConnectorFactory[]): Registry {
  const byType = new Map<string, AnyConnectorFactory>()
  for (const factory of factories) {
    if (byType.has(factory.type)) {
      throw new ConnectorError('CONFIGURATION_ERROR', `Two factories have the type "${factory.type}".`)
    }
    byType.set(factory.type, factory)
  }
  return {
    types: [...byType.keys()],
    create({ type, ...options }) {
      const factory = byType.get(type)
      if (factory === undefined) {
        throw new ConnectorError('CONFIGURATION_ERROR', `No connector has the type "${type}".`, {
          choices: [...byType.keys()],
        })
      }
      // The factory checks its options itself: a configuration has no types to check them with.
      return factory(options as never)
    },
  }
}
