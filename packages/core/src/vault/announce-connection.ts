import type { Connection } from '../identity/connection.ts'
import type { ConnectionRecord } from './connection-record.ts'
import type { CredentialGuard } from './credential-guard.ts'
import type { VaultEvent } from './credential-rotation.ts'
import type { ConnectorVaultContext } from './connector-vault-context.ts'
import type { VaultHost } from './vault-port.ts'
import type { ConnectionEvents } from '../ports/connection-events.ts'
import type { Logger } from '../ports/logger.ts'

/** Returns what emits the event of a connection, and writes it to the log and the audit. */
export const announceConnection =
  (serverId: string, guard: CredentialGuard, emit: VaultHost['emit'], logger: Logger): ConnectorVaultContext['emit'] =>
  (event, connection, record) => {
    void recordAudit(guard, event, connection, record)
    const { trouble, grant } = record
    const about = { serverId, tenant: connection.tenant, connection: connection.name }
    const why = { ...about, reason: trouble?.reason ?? 'unknown', hint: trouble?.hint }
    const announce = <Name extends keyof ConnectionEvents>(
      level: 'info' | 'warn' | 'error',
      name: Name,
      data: ConnectionEvents[Name],
      message: string,
    ): void => {
      logger[level]({ event: name, ...data }, message)
      emit(name, () => data)
    }
    switch (event.kind) {
      case 'renewed':
        announce('info', 'connection.renewed', { ...about, expiresAt: grant?.expiresAt }, 'A grant was renewed.')
        break
      case 'recovered':
        announce('info', 'connection.recovered', about, 'A connection recovered.')
        break
      case 'grant_lost':
        announce('error', 'grant.lost', why, 'A grant was lost.')
        break
      case 'rotated':
        announce('info', 'credential.rotated', about, 'A credential was rotated.')
        break
      case 'rotation_failed': {
        const refused = { ...about, ...STAGED_REFUSED }
        announce('warn', 'credential.rotation_failed', refused, 'A staged credential was refused.')
        break
      }
      case 'backup_used': {
        const message = 'The current credential was refused, and another one is in use.'
        announce('warn', 'credential.backup_used', { ...why, used: event.used }, message)
        break
      }
      case 'expiring': {
        const { kind: _kind, ...warning } = event
        announce('warn', 'credential.expiring', { ...about, ...warning }, 'A credential expires soon.')
        break
      }
      case 'degraded':
        announce('warn', 'connection.degraded', why, 'A connection is degraded.')
        break
      case 'needs_reauth':
        announce('warn', 'connection.needs_reauth', why, 'An account has to be connected again.')
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
