import type { DisconnectOptions } from '../client/client-host.ts'
import type { ConnectingParts } from './connect-account.ts'

/**
 * Gives a connection up. First here, so that nothing more is sent with it; then at the provider, whose failure changes
 * nothing of that. Where connectors share the grant it stays for the others, until the last of them has left.
 */
export async function disconnectAccount(
  { scope, connection, principal: actor }: Pick<ConnectingParts, 'scope' | 'connection' | 'principal'>,
  { revoke = true }: DisconnectOptions,
): Promise<boolean> {
  const { vault, serverId, shareOf, emit, logger } = scope
  const { guard } = vault
  await guard.allow('revoke', actor, connection)
  return guard.watch('disconnect', connection, { actor }, async () => {
    if (vault.holdsForTheApp) return false
    const record = await vault.look(connection)
    if (record === undefined || record.left?.includes(serverId)) return false
    const left = [...(record.left ?? []), serverId]
    // What cannot be read cannot be kept for the others either.
    const isUnreadable = record.state === 'unreadable'
    const others = isUnreadable ? [] : shareOf(vault.group).filter((other) => !left.includes(other))
    const isLast = others.length === 0
    if (isLast) await vault.remove(connection)
    else {
      await vault.rows.update(
        connection.place,
        (now) => now && { ...now, left: [...new Set([...(now.left ?? []), serverId])] },
      )
    }
    const { tenant, name } = connection
    const about = { serverId, tenant, connection: name }
    if (record.state !== 'pending') {
      logger.info({ event: 'connection.disconnected', ...about }, 'An account was disconnected.')
      emit('connection.disconnected', () => about)
    }
    await guard.record('disconnect', 'success', connection, { actor, record })
    // Where a revocation was cut off, what it did not get to is ended now.
    const held = { ...record, ...record.quarantined }
    if (isLast && revoke && held.grant !== undefined) {
      const ended = await vault.revoke(held)
      await guard.record('revoke', ended ? 'success' : 'failed', connection, {
        actor,
        record,
        reason: ended ? undefined : 'not_ended_at_provider',
      })
    }
    return record.state !== 'pending'
  })
}
