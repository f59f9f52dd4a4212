import type { Connection } from '../../identity/connection.ts'
import type { Principal } from '../../identity/principal.ts'
import { isSameCredential } from '../connection-record.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { isUnreadable } from '../../ports/store-failure.ts'
import { reasonOf } from '../credential-refusal.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { ConnectorVault } from '../connector-vault.ts'
import { ProviderGrants } from '../provider-grants.ts'

/** The longest time a grant is kept aside if its provider cannot be reached. */
const MAX_KEPT_MS = 24 * 3_600_000
const HINT = 'The connection was taken out of use on purpose. Connect the account again.'

/**
 * Takes a connection out of use here. Its grant is kept aside, so that it can be revoked at the provider, and a running
 * renewal cannot restore it.
 * @returns the record before; undefined if there was none to take out of use
 */
export async function quarantine(
  vault: ConnectorVault,
  connection: Connection,
  now: number,
): Promise<ConnectionRecord | undefined> {
  for (;;) {
    let before: ConnectionRecord | undefined
    const row = await vault.rows
      .update(connection.storeKey, (record) => {
        before = record?.state === 'revoked' ? undefined : record
        return before === undefined || isEmpty(before) ? undefined : quarantined(before, now)
      })
      .catch(async (error: unknown) => {
        // The tenant's data key is broken as well, so the row cannot be replaced.
        if (before?.state !== 'unreadable' || !isUnreadable(error)) throw error
        await vault.rows.remove(connection.storeKey)
        return undefined
      })
    if (before?.state === 'unreadable') return before
    if (before === undefined || row === undefined || !isEmpty(before)) return before
    // No user has agreed yet, and the mark of the revocation rejects the callback. The version shows whether one just has.
    if (row.version !== null && (await vault.rows.remove(connection.storeKey, row.version))) return before
  }
}

/** Returns whether an authorization has started and no user has agreed yet. */
export const isEmpty = ({ state, grant }: ConnectionRecord): boolean => state === 'pending' && grant === undefined

function quarantined(record: ConnectionRecord, now: number): ConnectionRecord {
  const { credential, grant, generation = 0, account, connectedAt, settings, left } = record
  return {
    credential: {},
    state: 'revoked',
    trouble: { reason: 'revoked', hint: HINT, since: now },
    generation: generation + 1,
    account,
    connectedAt,
    settings,
    left,
    // Only a grant can be revoked from here, so there is no reason to keep a key.
    ...(grant !== undefined && { quarantined: { credential, grant } }),
  }
}

/**
 * Revokes a quarantined grant at the provider, and then deletes it. If the provider cannot be reached, it is kept for a day,
 * because it cannot be revoked without the grant.
 * @returns false if the provider has no way to revoke it; undefined if nothing is in quarantine
 * @throws the failure of the provider
 */
export async function revokeQuarantined(
  vault: ConnectorVault,
  connection: Connection,
  actor: Principal | undefined,
  now: number,
): Promise<boolean | undefined> {
  const record = await vault.read(connection)
  const held = record?.quarantined
  if (record === undefined || held === undefined) return undefined
  const { guard } = vault
  let isOver = true
  try {
    const ended = await new ProviderGrants(vault).revoke({ ...record, ...held })
    const reason = ended ? undefined : 'not_revocable'
    await guard.record('revoke', ended ? 'success' : 'failed', connection, { actor, record: held, reason })
    return ended
  } catch (error) {
    await guard.record('revoke', 'failed', connection, { actor, record: held, reason: reasonOf(error) })
    const isLate = Math.abs(now - (record.trouble?.since ?? 0)) >= MAX_KEPT_MS
    isOver = isLate || !ConnectorError.is(error) || !error.retryable
    throw error
  } finally {
    if (isOver) {
      await vault.rows.update(connection.storeKey, (row) => {
        if (row?.quarantined === undefined || !isSameCredential(row.quarantined, held)) return undefined
        const { quarantined: _ended, ...kept } = row
        return kept
      })
    }
  }
}
