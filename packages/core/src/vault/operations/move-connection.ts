import type { ConnectionRecord } from '../connection-record.ts'
import type { ConnectionRows } from '../connection-store.ts'
import { unusableConnection } from '../connection-errors.ts'
import { renewalTiming } from '../renewal/refresh-timing.ts'
import type { Row } from '../renewal/renewal-context.ts'
import { sleep } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store, Version } from '../../ports/store.ts'

export interface MoveRules {
  /** Returns whether the grant belongs to a different OAuth client than the target uses. */
  readonly isForeign: (record: ConnectionRecord) => boolean
  /** Returns the record at the target; undefined leaves it where it is. */
  readonly relabel: (record: ConnectionRecord) => ConnectionRecord | undefined
}

export type MoveOutcome =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'moved' | 'target_exists' | 'other_registration'; readonly record: ConnectionRecord }

interface MoveTools {
  readonly rows: ConnectionRows
  readonly store: Store
  readonly clock: Clock
}

/** The generation of no grant, so that no process mistakes the lock for a crashed renewal. */
const NO_GENERATION = -1

/**
 * Moves one row so that its credential is never lost, and never refreshed in both rows. No process refreshes it meanwhile,
 * the copy is written before the original is deleted, and each write is a compare-and-swap. It continues after a crash.
 */
export class MoveConnection {
  readonly #tools: MoveTools
  readonly #owner = `migration ${globalThis.crypto.randomUUID()}`

  constructor(tools: MoveTools) {
    this.#tools = tools
  }

  async move(from: string, to: string, { isForeign, relabel }: MoveRules): Promise<MoveOutcome> {
    const { rows, store } = this.#tools
    if (from === to) return this.#rewrite(from, relabel)
    let mine: Version | null = null
    for (;;) {
      const row = await rows.readFresh(from)
      if (row === undefined || row.record.state === 'pending') return { kind: 'nothing' }
      if (row.record.state === 'unreadable') throw unusableConnection(row.record)
      if (isForeign(row.record)) return { kind: 'other_registration', record: row.record }
      const there = relabel(row.record)
      if (there === undefined) return { kind: 'nothing' }
      const locked = await this.#lock(from, row)
      if (locked === undefined) continue
      const { lease: _lock, ...copy } = {
        ...there,
        ...unresolvedIn(locked.record),
        movedFrom: originOf(from, row.record),
      }
      const copied = await this.#writeCopy(to, copy, mine)
      if (copied === 'changed') continue
      if (copied === 'taken') {
        await this.#unlock(from)
        return { kind: 'target_exists', record: row.record }
      }
      mine = copied.version
      rows.forget(from)
      if (locked.version === null || !(await store.delete(from, { ifVersion: locked.version }))) continue
      return { kind: 'moved', record: copy }
    }
  }

  /** Changes the names in a record whose key stays. */
  async #rewrite(key: string, relabel: MoveRules['relabel']): Promise<MoveOutcome> {
    const { rows } = this.#tools
    let changed = false
    const row = await rows.update(key, (record) => {
      if (record?.state === 'unreadable') throw unusableConnection(record)
      const next = record && relabel(record)
      changed = next !== undefined && JSON.stringify(next) !== JSON.stringify(record)
      return changed ? next : undefined
    })
    return changed && row !== undefined ? { kind: 'moved', record: row.record } : { kind: 'nothing' }
  }

  /** Takes the lease of a renewal, so that no process exchanges the grant. Returns undefined if the row changed. */
  async #lock(key: string, row: Row): Promise<Row | undefined> {
    const { rows, clock } = this.#tools
    const { record, version } = row
    const { lease, grant, generation = 0 } = record
    if (grant === undefined || lease?.owner === this.#owner) return row
    if (lease !== undefined && !(await this.#outlasts(key, JSON.stringify(lease)))) return undefined
    const until = clock.now() + renewalTiming.leaseMs
    // The process that was about to exchange this very grant never recorded the result.
    const crashed = lease?.generation === generation
    return rows.write(
      key,
      {
        ...record,
        lease: { owner: this.#owner, until, generation: NO_GENERATION },
        ...(crashed && { unresolved: { since: clock.now(), how: 'crashed' } as const }),
      },
      version,
    )
  }

  /** Waits for a renewal to end. Returns true if it never does, because its process crashed. */
  async #outlasts(key: string, lease: string): Promise<boolean> {
    const { rows, clock } = this.#tools
    const since = clock.monotonic()
    while (clock.monotonic() - since < renewalTiming.leaseMs) {
      await sleep(clock, renewalTiming.pollMs)
      const now = await rows.readFresh(key)
      if (now === undefined || JSON.stringify(now.record.lease) !== lease) return false
    }
    return true
  }

  /** @param mine the version of a copy that was made a moment ago, of an original that has changed since */
  async #writeCopy(to: string, copy: ConnectionRecord, mine: Version | null): Promise<Row | 'taken' | 'changed'> {
    const { rows } = this.#tools
    const copied = await rows.write(to, copy, null)
    if (copied !== undefined) return copied
    const there = await rows.readFresh(to)
    if (there === undefined) return 'changed'
    if (there.record.movedFrom !== copy.movedFrom) return 'taken'
    // The copy of an interrupted run; the original may have been refreshed since.
    const isOlder = there.version === mine || (copy.generation ?? 0) > (there.record.generation ?? 0)
    return isOlder ? ((await rows.write(to, copy, there.version)) ?? 'changed') : there
  }

  async #unlock(key: string): Promise<void> {
    await this.#tools.rows.update(key, (record) => {
      if (record?.lease?.owner !== this.#owner) return undefined
      const { lease: _lock, ...kept } = record
      return kept
    })
  }
}

/** Identifies the original: an account that is connected under the old key later is a different one. */
const originOf = (key: string, { connectedAt = '' }: ConnectionRecord): string => `${key} ${connectedAt}`

const unresolvedIn = ({ unresolved }: ConnectionRecord) => unresolved && { unresolved }
