import type { Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { CredentialGuard } from './credential-guard.ts'
import type { VaultEvent } from './credential-rotation.ts'
import type { ConnectorVaultContext } from './connector-vault-context.ts'
import type { VaultHost } from './vault-port.ts'
import type { Logger } from '../ports/logger.ts'

/** Returns what emits the event of a connection, and writes it to the log and the audit. */
export const announceConnection =
  (serverId: string, guard: CredentialGuard, emit: VaultHost['emit'], logger: Logger): ConnectorVaultContext['emit'] =>
  (event, connection, record) => {
    void recordAudit(guard, event, connection, record)
    const { trouble, grant } = record
    const about = { serverId, tenant: connection.tenant, connection: connection.name }
    const why = { ...about, reason: trouble?.reason ?? 'unknown', hint: trouble?.hint }
    switch (event.kind) {
      case 'renewed':
        logger.info({ event: 'connection.renewed', ...about, expiresAt: grant?.expiresAt }, 'A grant was renewed.')
        emit('connection.renewed', () => ({ ...about, expiresAt: grant?.expiresAt }))
        break
      case 'recovered':
        logger.info({ event: 'connection.recovered', ...about }, 'A connection recovered.')
        emit('connection.recovered', () => about)
        break
      case 'grant_lost':
        logger.error({ event: 'grant.lost', ...why }, 'A grant was lost.')
        emit('grant.lost', () => why)
        break
      case 'rotated':
        logger.info({ event: 'credential.rotated', ...about }, 'A credential was rotated.')
        emit('credential.rotated', () => about)
        break
      case 'rotation_failed': {
        const refused = { ...about, ...STAGED_REFUSED }
        logger.warn({ event: 'credential.rotation_failed', ...refused }, 'A staged credential was refused.')
        emit('credential.rotation_failed', () => refused)
        break
      }
      case 'backup_used':
        logger.warn(
          { event: 'credential.backup_used', ...why },
          'The current credential was refused, and another one is in use.',
        )
        emit('credential.backup_used', () => ({ ...why, used: event.used }))
        break
      case 'expiring': {
        const { role, expiresAt, daysLeft } = event
        logger.warn({ event: 'credential.expiring', ...about, role, expiresAt, daysLeft }, 'A credential expires soon.')
        emit('credential.expiring', () => ({ ...about, role, expiresAt, daysLeft }))
        break
      }
      case 'degraded':
      case 'needs_reauth':
        logger.warn(
          { event: `connection.${event.kind}`, ...why },
          event.kind === 'degraded' ? 'A connection is degraded.' : 'An account has to be connected again.',
        )
        emit(`connection.${event.kind}`, () => why)
    }
  }

const STAGED_REFUSED = {
  reason: 'credential_refused',
  hint: 'The current credential stays in use. Call rotate() with a valid one.',
}

function recordAudit(
  guard: CredentialGuard,
  event: VaultEvent,
  connection: Connection,
  record: ConnectionRecord,
): Promise<void> | undefined {
  const reason = record.trouble?.reason
  switch (event.kind) {
    case 'renewed':
      return guard.record('renew', 'success', connection, { record })
    case 'needs_reauth':
      return guard.record('needs_reauth', 'refused', connection, { record, reason })
    case 'grant_lost':
      return guard.record('grant_lost', 'failed', connection, { record, reason })
    case 'degraded':
      // What is refused in a call is an entry of that call.
      return record.trouble?.retryAt === undefined || record.grant === undefined
        ? undefined
        : guard.record('renew', 'failed', connection, { record, reason })
    case 'rotated':
      // One that was verified at once is recorded together with who rotated it.
      return event.wasStaged ? guard.record('rotate', 'success', connection, { record, reason: 'promoted' }) : undefined
    case 'rotation_failed':
      return guard.record('rotate', 'refused', connection, { record: event.staged, reason: 'credential_refused' })
    case 'backup_used':
      return guard.record('backup', 'success', connection, { record, reason: `${event.used}_used` })
    case 'expiring':
    case 'recovered':
      return undefined
  }
}
