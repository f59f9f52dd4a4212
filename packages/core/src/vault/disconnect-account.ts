import type { DisconnectOptions } from '../ports/accounts.ts'
import type { AccountContext } from './account-context.ts'
import { accountIndexOf } from './account-index.ts'
import { ProviderGrants } from './provider-grants.ts'

/**
 * Disconnects an account: here first, so that nothing more is sent with it, then at the provider, whose failure changes
 * nothing. If connectors share the grant, it stays for the others until the last of them has left.
 */
export async function disconnectAccount(
  { vault, connection, principal: actor }: AccountContext,
  { revoke = true }: DisconnectOptions,
): Promise<boolean> {
  const { guard, serverId, context } = vault
  const { host, membersOf } = context
  await guard.assertAllowed('revoke', actor, connection)
  return guard.audited('disconnect', connection, { actor }, async () => {
    if (vault.isShared) return false
    const record = await vault.read(connection)
    if (record === undefined || record.left?.includes(serverId)) return false
    const left = [...(record.left ?? []), serverId]
    // An unreadable row is of no use to the others either.
    const isUnreadable = record.state === 'unreadable'
    const others = isUnreadable ? [] : membersOf(vault.group).filter((other) => !left.includes(other))
    const isLast = others.length === 0
    if (isLast) {
      await vault.remove(connection)
      if (record.account !== undefined) await accountIndexOf(vault)?.remove(record.account.id, connection)
    } else {
      await vault.rows.update(
        connection.storeKey,
        (now) => now && { ...now, left: [...new Set([...(now.left ?? []), serverId])] },
      )
    }
    const { tenant, name } = connection
    const about = { serverId, tenant, connection: name }
    if (record.state !== 'pending') {
      host.logger.info({ event: 'connection.disconnected', ...about }, 'An account was disconnected.')
      host.emit('connection.disconnected', () => about)
    }
    await guard.record('disconnect', 'success', connection, { actor, record })
    // What an interrupted revocation has left is revoked now.
    const held = { ...record, ...record.quarantined }
    if (isLast && revoke && held.grant !== undefined) {
      const ended = await new ProviderGrants(vault).tryRevoke(held)
      await guard.record('revoke', ended ? 'success' : 'failed', connection, {
        actor,
        record,
        reason: ended ? undefined : 'not_ended_at_provider',
      })
    }
    return record.state !== 'pending'
  })
}
