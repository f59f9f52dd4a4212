import type { Connection } from '../identity/connection.ts'
import { ConnectorError } from '../errors/connector-error.ts'

/**
 * Why a connection cannot be used that is not there.
 * @param names of the connections that the tenant has at this connector
 */
export function missingConnection(
  { serverId, tenant, name }: Pick<Connection, 'serverId' | 'tenant' | 'name'>,
  names: readonly string[],
): ConnectorError {
  if (names.length > 0) {
    return new ConnectorError('ROUTING_ERROR', `${tenant} has no connection named "${name}" at ${serverId}.`, {
      choices: names,
      hint: `Name the one that is meant: .at('${names[0]}').`,
      outcome: 'not_processed',
    })
  }
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', `${tenant} has not connected ${serverId}.`, {
    reason: 'not_connected',
    hint: 'Call connect() first.',
    outcome: 'not_processed',
  })
}
