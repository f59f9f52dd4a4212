import type { Connection } from '../identity/connection.ts'
import type { ConnectionStatus, StandInStatus } from '../client/client-host.ts'
import type { ConnectionRecord, StandIn } from './connection-record.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'
import type { ConnectorContext } from '../pipeline/connector-context.ts'

/** How a connection stands, for people and programs. Asks the store only. */
export async function statusOf(scope: ConnectorContext, connection: Connection): Promise<ConnectionStatus> {
  return describeConnection(scope, connection, await scope.vault.look(connection))
}

export async function describeConnection(
  { vault, serverId, profile }: Pick<ConnectorContext, 'vault' | 'serverId' | 'profile'>,
  { tenant, name }: Pick<Connection, 'tenant' | 'name'>,
  record: ConnectionRecord | undefined,
): Promise<ConnectionStatus> {
  const about = { serverId, tenant, connection: name }
  if (record === undefined || record.left?.includes(serverId)) return { ...about, state: 'disconnected', renews: false }
  const { fields } = profile.auth
  const { grant, trouble, account, connectedAt, state = 'active', successor, predecessor, backup } = record
  const standIn = async (each: (StandIn & { readonly until?: number }) | undefined) => {
    if (each === undefined) return undefined
    const { since, expiresAt, until } = each
    const status: StandInStatus = { since, expiresAt, until, fingerprint: await credentialFingerprint(each, fields) }
    return status
  }
  return {
    ...about,
    state,
    account,
    scopes: grant?.scopes,
    expiresAt: grant?.expiresAt ?? record.expiresAt,
    renews: vault.canRenew(record),
    reason: trouble?.reason,
    hint: trouble?.hint,
    since: trouble?.since,
    connectedAt,
    fingerprint: await credentialFingerprint(record, fields),
    successor: await standIn(successor),
    predecessor: await standIn(predecessor),
    backup: await standIn(backup),
  }
}
