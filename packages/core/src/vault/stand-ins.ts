import type { ConnectionRecord, StandIn, Successor, Trouble } from './connection-record.ts'
import { stateAfter } from './connection-state.ts'
import { isWaiting } from './renewal/waits.ts'

/** Which of a connection's credentials it is. */
export type Role = 'first' | 'successor' | 'predecessor' | 'backup'

/** A credential of a connection, in a record that a request can be signed with. */
export interface Candidate {
  readonly role: Role
  readonly record: ConnectionRecord
}

/** The reason of a connection whose first credential is refused while another one works. */
export const BACKUP_IN_USE = 'backup_in_use'
/** For so long the first credential is left alone after it was refused, so that not every call is made twice. */
const LEFT_ALONE_MS = 60_000

/** Whether the first credential was refused a moment ago. */
export const isBackupFresh = (trouble: Trouble | undefined, now: number): boolean =>
  trouble?.reason === BACKUP_IN_USE && isWaiting(trouble, now, LEFT_ALONE_MS)

/** What to sign a request with, in the order in which it is tried: each after the one before was refused. */
export function candidatesOf(record: ConnectionRecord, now: number): readonly Candidate[] {
  const { successor, predecessor, backup, trouble } = record
  const as = (role: Role, standIn: StandIn | undefined): readonly Candidate[] =>
    standIn === undefined ? [] : [{ role, record: { ...record, credential: standIn.credential, grant: standIn.grant } }]
  const first: Candidate = { role: 'first', record }
  const others = [
    ...as('predecessor', predecessor !== undefined && now < predecessor.until ? predecessor : undefined),
    ...as('backup', backup),
  ]
  const isLeftAlone = isBackupFresh(trouble, now)
  return [...as('successor', successor), ...(isLeftAlone ? [...others, first] : [first, ...others])]
}

/** The record once another credential has taken the place of the first. Nothing that was wrong with that one stays. */
export function succeeded(
  record: ConnectionRecord,
  { credential, grant, expiresAt, keepOldForMs }: Omit<Successor, 'since'>,
  now: number,
): ConnectionRecord {
  const { successor: _taken, predecessor: _before, state: _state, trouble: _trouble, ...rest } = record
  const { lease: _lease, unresolved: _unresolved, expiresAt: ends, warnedDays: _warned, ...kept } = rest
  const old = { credential: record.credential, grant: record.grant, since: now, expiresAt: ends }
  return {
    ...kept,
    credential,
    grant,
    generation: (record.generation ?? 0) + 1,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(keepOldForMs > 0 && { predecessor: { ...old, until: now + keepOldForMs } }),
  }
}

/** The record while its first credential is refused and another one works. */
export function backedUp(record: ConnectionRecord, now: number): ConnectionRecord {
  const { state = 'active', trouble: before } = record
  const trouble: Trouble = {
    reason: BACKUP_IN_USE,
    hint: 'The provider refused the first credential: rotate it, or connect the account again.',
    since: before?.reason === BACKUP_IN_USE ? before.since : now,
    retryAt: now + LEFT_ALONE_MS,
  }
  return { ...record, state: stateAfter(stateAfter(state, 'prove'), 'fail'), trouble }
}
