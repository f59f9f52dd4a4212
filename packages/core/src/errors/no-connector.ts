import { ConnectorError } from './connector-error.ts'
import { nearestNames } from './nearest-names.ts'
import { shownName } from './shown-name.ts'

/** Returns the error for an unknown server id. */
export function noConnector(serverId: unknown, ids: readonly string[]): ConnectorError {
  const shown = shownName(serverId)
  return new ConnectorError('ROUTING_ERROR', `No connector has the server id "${shown}".`, {
    serverId: shown,
    choices: nearestNames(shown, ids),
    outcome: 'not_processed',
  })
}
