import type { Connection } from '../identity/connection.ts'
import type { ConnectionStatus, SpareStatus } from '../ports/accounts.ts'
import type { ConnectionRecord, SpareRole } from './connection-record.ts'
import { credentialFingerprint } from './credential-fingerprint.ts'
import { spareOf } from './credential-list.ts'
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
  const { grant, trouble, account, connectedAt, state = 'active' } = record
  const spareStatus = async (role: SpareRole): Promise<SpareStatus | undefined> => {
    const spare = spareOf(record, role)
    if (spare === undefined) return undefined
    const { since, expiresAt, until } = spare
    return { since, expiresAt, until, fingerprint: await credentialFingerprint(spare, fields) }
  }
  return {
    ...about,
    state,
    account,
    scopes: grant?.scopes,
    expiresAt: grant?.expiresAt ?? record.expiresAt,
    renews: vault.renewal.canRenew(record),
    reason: trouble?.reason,
    hint: trouble?.hint,
    since: trouble?.since,
    connectedAt,
    fingerprint: await credentialFingerprint(record, fields),
    staged: await spareStatus('staged'),
    previous: await spareStatus('previous'),
    backup: await spareStatus('backup'),
  }
}
