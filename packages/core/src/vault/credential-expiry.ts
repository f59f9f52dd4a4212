import type { ConnectionRecord } from './connection-record.ts'

/** A credential that ends soon. */
export interface ExpiryWarning {
  readonly part: 'credential' | 'backup'
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whole days that are left, rounded up; 0 once it has ended. */
  readonly daysLeft: number
}

/** Days before its end at which a host is told of it. */
export const defaultWarningDays: readonly number[] = [30, 7, 1]

const DAY_MS = 24 * 3_600_000

interface Ending {
  readonly expiresAt?: number | undefined
  readonly warnedDays?: number | undefined
}

/** Whether there is something to say that has not been said. Cheap: it is asked with each request. */
export const isExpiryDue = (record: ConnectionRecord, days: readonly number[], now: number): boolean =>
  (record.expiresAt !== undefined && thresholdOf(record, days, now) !== undefined) ||
  (record.backup?.expiresAt !== undefined && thresholdOf(record.backup, days, now) !== undefined)

/** What to say, and the record that remembers that it was said. */
export function expiryWarnings(
  record: ConnectionRecord,
  days: readonly number[],
  now: number,
): { readonly warnings: readonly ExpiryWarning[]; readonly record: ConnectionRecord } {
  const warnings: ExpiryWarning[] = []
  const warned = <Part extends Ending>(part: ExpiryWarning['part'], ending: Part): Part => {
    const threshold = thresholdOf(ending, days, now)
    if (threshold === undefined || ending.expiresAt === undefined) return ending
    const daysLeft = Math.max(0, Math.ceil((ending.expiresAt - now) / DAY_MS))
    warnings.push({ part, expiresAt: ending.expiresAt, daysLeft })
    return { ...ending, warnedDays: threshold }
  }
  const next = warned('credential', record)
  const backup = next.backup && warned('backup', next.backup)
  return { warnings, record: backup === next.backup ? next : { ...next, backup } }
}

/** The nearest threshold that has been passed, unless it has been told. */
function thresholdOf({ expiresAt, warnedDays = Infinity }: Ending, days: readonly number[], now: number) {
  if (expiresAt === undefined) return undefined
  const passed = days.filter((day) => now >= expiresAt - day * DAY_MS)
  const nearest = Math.min(...passed)
  return passed.length > 0 && nearest < warnedDays ? nearest : undefined
}
