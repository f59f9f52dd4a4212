import type { Connector } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { mayBeContacted } from '../transports/address-guard.ts'
import type { ConnectorContext } from './connector-context.ts'

type SettingsContext = Pick<ConnectorContext, 'connector' | 'serverId' | 'allowPrivateHosts'>

/**
 * Returns the settings of the composition, overridden by those of a connection.
 * @param own the connection's settings, if it has any
 * @throws ConnectorError CONFIGURATION_ERROR if settings are missing or invalid
 */
export function connectionSettings(context: SettingsContext, own: object | undefined): object {
  const { connector, serverId } = context
  if (own === undefined && (connector.missingSettings ?? []).length === 0) return connector.settings
  return merged(context, own, ({ details: { issues } }) => {
    const message = `The settings of this ${serverId} connection are invalid.`
    return new ConnectorError('CONFIGURATION_ERROR', message, {
      reason: 'settings_missing',
      issues,
      hint: 'Connect it again with connect(credential, { settings }).',
      outcome: 'not_processed',
    })
  })
}

/**
 * Validates the settings of a new connection.
 * @throws ConnectorError INVALID_INPUT if they are invalid
 */
export function assertConnectionSettings(context: SettingsContext, own: object): void {
  const { serverId } = context
  merged(context, own, ({ message, details: { issues } }) => {
    const hint = 'Pass the settings with connect(credential, { settings }).'
    return new ConnectorError('INVALID_INPUT', message, { serverId, issues, outcome: 'not_processed', hint })
  })
}

/**
 * Merges and validates the settings.
 * @param refusal returns the error for settings that the connector rejects
 */
function merged(
  context: SettingsContext,
  own: object | undefined,
  refusal: (rejected: ConnectorError) => ConnectorError,
): object {
  const { connector } = context
  let settings: object
  try {
    settings = connector.parseSettings({ ...connector.settings, ...own })
  } catch (error) {
    throw ConnectorError.is(error) ? refusal(error) : error
  }
  assertPublicBaseUrl(context, settings)
  return settings
}

/** Rejects settings that lead to a private address, unless the composition itself leads there. */
function assertPublicBaseUrl({ connector, serverId, allowPrivateHosts }: SettingsContext, settings: object): void {
  const url = baseUrlFor(connector, settings)
  if (url === undefined || !URL.canParse(url) || url === baseUrlFor(connector, connector.settings)) return
  if (mayBeContacted(new URL(url).hostname, { allowed: allowPrivateHosts })) return
  throw new ConnectorError('INVALID_INPUT', `The settings lead ${serverId} to a private address.`, {
    serverId,
    reason: 'private_address',
    outcome: 'not_processed',
    hint: 'To allow this host, add it to allowPrivateHosts of createMcpClient.',
  })
}

function baseUrlFor(connector: Connector, settings: object): string | undefined {
  try {
    return connector.baseUrl(settings)
  } catch {
    return undefined
  }
}
