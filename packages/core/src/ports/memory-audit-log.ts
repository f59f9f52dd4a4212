import type { AuditEntry, AuditSink } from './audit-sink.ts'

export interface MemoryAuditLog extends AuditSink {
  /** The oldest first. */
  readonly entries: readonly AuditEntry[]
}

/**
 * An {@link AuditSink} inside this process, for tests and for a look at what happened last. All is lost with the process.
 * @param options.most entries that it keeps, the newest ones; default 1000
 * @param options.wantsUse whether it takes an entry for each signed request, too; default false
 */
export function memoryAuditLog(
  options: { readonly most?: number | undefined; readonly wantsUse?: boolean | undefined } = {},
): MemoryAuditLog {
  const { most = 1000, wantsUse = false } = options
  const entries: AuditEntry[] = []
  return {
    wantsUse,
    entries,
    record(entry) {
      entries.push(entry)
      if (entries.length > most) entries.splice(0, entries.length - most)
    },
  }
}
