import type { Connector, ConnectorTypes } from '../connector/connector.ts'
import { nearestNames } from '../errors/nearest-names.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { shownName } from '../errors/shown-name.ts'

/** Any factory made by `defineConnector`, its types erased. */
export interface AnyConnectorFactory {
  readonly type: string
  (options?: never): Connector<ConnectorTypes>
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
      // The factory checks its options itself: a configuration has no types to check them with.
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
    // A getter or a proxy has thrown.
  }
  throw badConfiguration('The configuration cannot be read.', 'Pass a plain object: { type, ...options }.')
}

const badConfiguration = (message: string, hint: string): ConnectorError =>
  new ConnectorError('CONFIGURATION_ERROR', message, { hint })
