import type { Connection } from '../../identity/connection.ts'
import type { Principal } from '../../identity/principal.ts'
import { isSameCredential } from '../connection-record.ts'
import type { ConnectionRecord } from '../connection-record.ts'
import { isUnreadable } from '../../ports/store-failure.ts'
import { reasonOf } from '../credential-refusal.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import type { ConnectorVault } from '../connector-vault.ts'

/** For so long a grant is put aside whose provider could not be reached. */
const KEPT_MS = 24 * 3_600_000
const HINT = 'The connection was taken out of use on purpose. Connect the account again.'

/**
 * Takes a connection out of use here. Its grant is put aside, so that it can be ended at the provider, and no worker
 * that is renewing it can bring it back.
 * @returns what it was before; undefined if there was nothing to take out
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
        // The tenant's data key is broken as well, so nothing can be written in the place of the row.
        if (before?.state !== 'unreadable' || !isUnreadable(error)) throw error
        await vault.rows.remove(connection.storeKey)
        return undefined
      })
    if (before?.state === 'unreadable') return before
    if (before === undefined || row === undefined || !isEmpty(before)) return before
    // Nobody has agreed yet, and the mark of the revocation sees to it that nobody does; unless somebody just has.
    if (row.version !== null && (await vault.rows.remove(connection.storeKey, row.version))) return before
  }
}

/** A person was sent to agree, and has not come back. */
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
    // What is no grant cannot be ended from here, so there is no reason to keep it.
    ...(grant !== undefined && { quarantined: { credential, grant } }),
  }
}

/**
 * Ends at the provider what is in quarantine, and then forgets it; a day after it was put there however that went. Until
 * then it is tried again while the provider cannot be reached: without the grant nobody could end it there.
 * @returns false where the provider has no way to end it; undefined if nothing is in quarantine
 * @throws why the provider did not end it
 */
export async function endQuarantined(
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
    const ended = await vault.grants.revoke({ ...record, ...held })
    const reason = ended ? undefined : 'no_way_at_provider'
    await guard.record('revoke', ended ? 'success' : 'failed', connection, { actor, record: held, reason })
    return ended
  } catch (error) {
    await guard.record('revoke', 'failed', connection, { actor, record: held, reason: reasonOf(error) })
    const isLate = Math.abs(now - (record.trouble?.since ?? 0)) >= KEPT_MS
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
