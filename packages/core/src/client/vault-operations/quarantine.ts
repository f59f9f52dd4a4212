import type { Connection, Principal } from '../../connector/call.ts'
import type { ConnectionRecord } from '../../credentials/connection-record.ts'
import { reasonOf } from '../../credentials/credential-guard.ts'
import type { ConnectorScope } from '../../pipeline/connector-scope.ts'

const HINT = 'The connection was taken out of use on purpose. Connect the account again.'

/**
 * Takes a connection out of use here. Its grant is put aside, so that it can be ended at the provider, and no worker
 * that is renewing it can bring it back.
 * @returns what it was before; undefined if there was nothing to take out
 */
export async function quarantine(
  { vault }: ConnectorScope,
  connection: Connection,
  now: number,
): Promise<ConnectionRecord | undefined> {
  let before: ConnectionRecord | undefined
  await vault.rows.update(connection.place, (record) => {
    before = record?.state === 'revoked' ? undefined : record
    return before === undefined || isEmpty(before) ? undefined : quarantined(before, now)
  })
  // Nobody has agreed yet, and the mark of the revocation sees to it that nobody does.
  if (before !== undefined && isEmpty(before)) await vault.remove(connection)
  return before
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
 * Ends at the provider what is in quarantine, and then forgets it, however that went.
 * @returns false where the provider has no way to end it; undefined if nothing is in quarantine
 * @throws why the provider did not end it
 */
export async function endQuarantined(
  { vault }: ConnectorScope,
  connection: Connection,
  actor: Principal | undefined,
): Promise<boolean | undefined> {
  const record = await vault.look(connection)
  const held = record?.quarantined
  if (record === undefined || held === undefined) return undefined
  const { guard } = vault
  try {
    const ended = await vault.endGrant({ ...record, ...held })
    const reason = ended ? undefined : 'no_way_at_provider'
    await guard.record('revoke', ended ? 'success' : 'failed', connection, { actor, record: held, reason })
    return ended
  } catch (error) {
    await guard.record('revoke', 'failed', connection, { actor, record: held, reason: reasonOf(error) })
    throw error
  } finally {
    await vault.rows.update(connection.place, (now) => {
      if (now?.quarantined === undefined) return undefined
      const { quarantined: _ended, ...kept } = now
      return kept
    })
  }
}
