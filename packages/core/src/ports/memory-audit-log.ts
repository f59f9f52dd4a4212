import type { AuditEntry, AuditSink } from './audit-sink.ts'

export interface MemoryAuditLog extends AuditSink {
  /** In the order in which they were recorded. */
  readonly entries: readonly AuditEntry[]
}

/**
 * Creates an {@link AuditSink} in the memory of this process, for tests and debugging. Its content is lost when the
 * process ends.
 * @param options.maxEntries maximum number of entries; the oldest are dropped. @default 1000
 * @param options.wantsUse whether to record every signed request too. @default false
 */
export function memoryAuditLog(
  options: { readonly maxEntries?: number | undefined; readonly wantsUse?: boolean | undefined } = {},
): MemoryAuditLog {
  const { maxEntries = 1000, wantsUse = false } = options
  const entries: AuditEntry[] = []
  return {
    wantsUse,
    entries,
    record(entry) {
      entries.push(entry)
      if (entries.length > maxEntries) entries.splice(0, entries.length - maxEntries)
    },
  }
}
