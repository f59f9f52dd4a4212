import type { Connector } from '../connector/connector.ts'
import { ConnectorError } from '../errors/connector-error.ts'
import { mayBeContacted } from '../transports/address-guard.ts'

/**
 * Checks that the settings of a connection do not lead the connector to a private address. A base URL that the
 * composition itself leads to may be anywhere.
 * @param settings the composition's with the connection's over them
 * @throws ConnectorError INVALID_INPUT
 */
export function assertPublicBaseUrl(
  connector: Connector,
  settings: object,
  about: { readonly serverId: string; readonly allowPrivateHosts: readonly string[] | undefined },
): void {
  const url = baseUrlFor(connector, settings)
  if (url === undefined || !URL.canParse(url) || url === baseUrlFor(connector, connector.settings)) return
  if (mayBeContacted(new URL(url).hostname, { allowed: about.allowPrivateHosts })) return
  const { serverId } = about
  throw new ConnectorError('INVALID_INPUT', `The settings lead ${serverId} to a private address.`, {
    serverId,
    reason: 'private_address',
    outcome: 'not_processed',
    hint: 'If this host is meant, add it to allowPrivateHosts in createMcpClient.',
  })
}

function baseUrlFor(connector: Connector, settings: object): string | undefined {
  try {
    return connector.baseUrl(settings)
  } catch {
    return undefined
  }
}
