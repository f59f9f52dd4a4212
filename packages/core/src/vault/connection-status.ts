import type { Connection } from '../identity/connection.ts'
import type { ConnectionStatus, StandInStatus } from '../ports/accounts.ts'
import type { ConnectionRecord, StandIn } from './connection-record.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'
import type { ConnectorVault } from './connector-vault.ts'

/** Returns the state of a connection from its record. */
export async function describeConnection(
  vault: ConnectorVault,
  { tenant, name }: Pick<Connection, 'tenant' | 'name'>,
  record: ConnectionRecord | undefined,
): Promise<ConnectionStatus> {
  const { serverId } = vault
  const about = { serverId, tenant, connection: name }
  if (record === undefined || record.left?.includes(serverId)) return { ...about, state: 'disconnected', renews: false }
  const { fields } = vault.auth
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
