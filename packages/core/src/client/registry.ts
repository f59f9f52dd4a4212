import type { Connector, ConnectorTypes } from '../connector/connector.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { shownName } from '../errors/shown-name.ts'

/** Any factory made by `defineConnector`, with its types erased. */
export interface AnyConnectorFactory {
  readonly type: string
  (options?: never): Connector<ConnectorTypes>
}

export interface Registry {
  readonly types: readonly string[]
  /**
   * Creates a connector from configuration.
   * @param configuration the factory's `type`, with its options
   * @throws ConnectorError CONFIGURATION_ERROR if the type is unknown or the options are invalid
   */
  create(configuration: { readonly type: string; readonly [option: string]: unknown }): Connector
}

/** Creates a registry of factories, which creates connectors from configuration. */
export function createRegistry(factories: readonly AnyConnectorFactory[]): Registry {
  const byType = new Map<string, AnyConnectorFactory>()
  for (const [index, factory] of [...factories].entries()) {
    if (!isFactory(factory))
      throw badConfiguration(`Factory ${index} is not a connector factory.`, 'Pass factories, not connectors.')
    if (byType.has(factory.type)) {
      throw badConfiguration(`Two factories have the type "${factory.type}".`, 'Pass each factory once.')
    }
    byType.set(factory.type, factory)
  }
  const types = [...byType.keys()]
  return {
    types,
    create(configuration) {
      const { type, ...options } = fieldsOf(configuration)
      const factory = typeof type === 'string' ? byType.get(type) : undefined
      if (factory === undefined) {
        const shown = shownName(type)
        throw new ConnectorError('CONFIGURATION_ERROR', `No connector has the type "${shown}".`, {
          choices: nearestNames(shown, types),
          hint: 'Set type to one of the choices.',
        })
      }
      // The factory validates its options at run time, because a configuration has no types.
      return factory(options as never)
    },
  }
}

const isFactory = (factory: unknown): factory is AnyConnectorFactory =>
  typeof factory === 'function' && 'type' in factory && typeof factory.type === 'string'

function fieldsOf(configuration: unknown): Readonly<Record<string, unknown>> {
  try {
    if (typeof configuration === 'object' && configuration !== null) return { ...configuration }
  } catch {
    // A getter or a proxy threw.
  }
  throw badConfiguration('The configuration cannot be read.', 'Pass a plain object: { type, ...options }.')
}

const badConfiguration = (message: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', message, { hint })
