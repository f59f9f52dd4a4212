import { ConnectorError } from '../errors/connector-error.ts'
import type { Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import { readFailureOf } from './read-record.ts'

/**
 * Returns the error of a connection that does not exist.
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

/** Returns the error of a connection that was deleted. */
export const disconnectedConnection = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The account was disconnected.', {
    reason: 'disconnected',
    hint: 'Call connect() to connect it again.',
    outcome: 'not_processed',
  })

/** Returns the error of a connection that cannot be used until a user has done something about it. */
export function unusableConnection(record: ConnectionRecord): ConnectorError {
  const { state, trouble } = record
  const failure = readFailureOf(record)
  if (failure !== undefined) return failure
  const reason = trouble?.reason ?? state
  const details = {
    reason,
    hint: trouble?.hint ?? 'Call connect(), and send the user to the URL that it returns.',
    outcome: 'not_processed',
  } as const
  if (state === 'revoked') {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The connection was taken out of use.', details)
  }
  if (state === 'pending') {
    return new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The connection waits for a user to agree.', details)
  }
  const message = `The account has to be connected again: ${reason ?? 'the provider ended the grant'}.`
  return new ConnectorError('MCP_AUTHENTICATION_FAILURE', message, details)
}

/** Returns whether the connection is unusable until a user connects it or an operator restores its row. */
export const isOutOfUse = ({ state }: ConnectionRecord): boolean =>
  state === 'revoked' || state === 'pending' || state === 'unreadable'
