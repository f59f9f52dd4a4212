import { isSameCredential, spareRoles } from './connection-record.ts'
import type { ConnectionRecord, SpareCredential, SpareRole, Trouble } from './connection-record.ts'
import { stateAfter } from './connection-state.ts'
import { isWaiting } from './renewal/refresh-timing.ts'

/** A credential of a connection, in a record that a request can be signed with. */
export interface Candidate {
  readonly role: 'current' | SpareRole
  readonly record: ConnectionRecord
  /** Absent: the current credential. */
  readonly spare?: SpareCredential | undefined
}

/** A credential that becomes the current one. */
export type NextCredential = Pick<SpareCredential, 'credential' | 'grant' | 'expiresAt' | 'keepOldForMs'>

/** A credential that expires soon. */
export interface ExpiryWarning {
  readonly role: 'current' | 'backup'
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whole days that are left, rounded up; 0 once it has expired. */
  readonly daysLeft: number
}

/** The reason of a connection whose current credential is refused while another one works. */
export const BACKUP_IN_USE = 'backup_in_use'
/** After a refusal the current credential rests, so that not every call needs two requests. */
const REST_MS = 60_000
const DAY_MS = 24 * 3_600_000
/** Days before it expires at which a credential is reported. */
export const DEFAULT_WARNING_DAYS: readonly number[] = [30, 7, 1]

export const spareOf = ({ spares }: ConnectionRecord, role: SpareRole): SpareCredential | undefined =>
  spares?.find((spare) => spare.role === role)

/** Returns the record with a spare in place of the one of the same role. */
export const withSpare = (record: ConnectionRecord, spare: SpareCredential): ConnectionRecord =>
  withSpares(record, [...(record.spares ?? []).filter(({ role }) => role !== spare.role), spare])

export const withoutSpare = (record: ConnectionRecord, dropped: SpareRole): ConnectionRecord =>
  withSpares(record, record.spares?.filter(({ role }) => role !== dropped) ?? [])

function withSpares(record: ConnectionRecord, spares: readonly SpareCredential[]): ConnectionRecord {
  const { spares: _before, ...kept } = record
  if (spares.length === 0) return kept
  return { ...kept, spares: spareRoles.flatMap((role) => spares.filter((spare) => spare.role === role)) }
}

/** Returns whether both records hold the same staged credential. */
export function hasStaged(record: ConnectionRecord, staged: SpareCredential): boolean {
  const found = spareOf(record, 'staged')
  return found !== undefined && isSameCredential(found, staged)
}

/** Returns whether the current credential was refused a moment ago, so that the others are tried first. */
export const isResting = (trouble: Trouble | undefined, now: number): boolean =>
  trouble?.reason === BACKUP_IN_USE && isWaiting(trouble, now, REST_MS)

/** Returns the credentials of a connection in the order of use: each is tried after the one before was refused. */
export function credentialsToTry(record: ConnectionRecord, now: number): readonly Candidate[] {
  const current: Candidate = { role: 'current', record }
  const spares = (record.spares ?? []).filter((spare) => !isOver(spare, now))
  const candidates = spares.map<Candidate>((spare) => {
    const { role, credential, grant } = spare
    return { role, spare, record: { ...record, credential, grant } }
  })
  const staged = candidates.filter(({ role }) => role === 'staged')
  const others = candidates.filter(({ role }) => role !== 'staged')
  return [...staged, ...(isResting(record.trouble, now) ? [...others, current] : [current, ...others])]
}

/** Returns whether the provider refuses a credential of a connection, as far as is known. */
export const isRefused = ({ state, trouble }: ConnectionRecord, role: Candidate['role']): boolean =>
  state === 'needs_reauth' ? role !== 'staged' : role === 'current' && trouble?.reason === BACKUP_IN_USE

/** Returns the record in which `next` is the current credential. What was wrong with the one before does not count. */
export function promoted(record: ConnectionRecord, next: NextCredential, now: number): ConnectionRecord {
  const { state: _state, trouble: _trouble, lease: _lease, unresolved: _unresolved, ...rest } = record
  const { expiresAt: oldExpiresAt, warnedDays: _warned, ...kept } = rest
  const { credential, grant, expiresAt, keepOldForMs = 0 } = next
  const current: ConnectionRecord = {
    ...withoutSpare(withoutSpare(kept, 'staged'), 'previous'),
    credential,
    grant,
    generation: (record.generation ?? 0) + 1,
    ...(expiresAt !== undefined && { expiresAt }),
  }
  if (keepOldForMs === 0) return current
  const previous = { credential: record.credential, grant: record.grant, since: now, expiresAt: oldExpiresAt }
  return withSpare(current, { role: 'previous', ...previous, until: now + keepOldForMs })
}

/** Returns the record while its current credential is refused and another one works. */
export function resting(record: ConnectionRecord, now: number): ConnectionRecord {
  const { state = 'active', trouble: before } = record
  const trouble: Trouble = {
    reason: BACKUP_IN_USE,
    hint: 'The provider refused the current credential: rotate it, or connect the account again.',
    since: before?.reason === BACKUP_IN_USE ? before.since : now,
    retryAt: now + REST_MS,
  }
  return { ...record, state: stateAfter(stateAfter(state, 'prove'), 'fail'), trouble }
}

/** Returns the previous credentials that were kept for long enough. */
export const outdatedSpares = ({ spares = [] }: ConnectionRecord, now: number): readonly SpareCredential[] =>
  spares.filter((spare) => isOver(spare, now))

const isOver = ({ until = Infinity }: SpareCredential, now: number): boolean => now >= until

interface Expiring {
  readonly expiresAt?: number | undefined
  readonly warnedDays?: number | undefined
}

/** Returns whether there is a warning to emit. Cheap: it is called for each request. */
export function isExpiryDue(record: ConnectionRecord, days: readonly number[], now: number): boolean {
  if (thresholdOf(record, days, now) !== undefined) return true
  const backup = spareOf(record, 'backup')
  return backup !== undefined && thresholdOf(backup, days, now) !== undefined
}

/** Returns the warnings to emit, and the record which notes that they were emitted. */
export function expiryWarnings(
  record: ConnectionRecord,
  days: readonly number[],
  now: number,
): { readonly warnings: readonly ExpiryWarning[]; readonly record: ConnectionRecord } {
  const warnings: ExpiryWarning[] = []
  const warned = <Credential extends Expiring>(role: ExpiryWarning['role'], credential: Credential): Credential => {
    const threshold = thresholdOf(credential, days, now)
    const { expiresAt } = credential
    if (threshold === undefined || expiresAt === undefined) return credential
    warnings.push({ role, expiresAt, daysLeft: Math.max(0, Math.ceil((expiresAt - now) / DAY_MS)) })
    return { ...credential, warnedDays: threshold }
  }
  const current = warned('current', record)
  const spares = record.spares?.map((spare) => (spare.role === 'backup' ? warned('backup', spare) : spare))
  return { warnings, record: spares === undefined ? current : { ...current, spares } }
}

/** Returns the nearest threshold that has passed; undefined if it was reported already. */
function thresholdOf({ expiresAt, warnedDays = Infinity }: Expiring, days: readonly number[], now: number) {
  if (expiresAt === undefined) return undefined
  const passed = days.filter((day) => now >= expiresAt - day * DAY_MS)
  const nearest = Math.min(...passed)
  return passed.length > 0 && nearest < warnedDays ? nearest : undefined
}
