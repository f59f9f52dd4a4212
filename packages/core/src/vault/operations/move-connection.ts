import type { ConnectionRecord } from '../connection-record.ts'
import type { ConnectionRows } from '../connection-store.ts'
import { unusableConnection } from '../connection-errors.ts'
import { renewalTiming } from '../renewal/renewal-context.ts'
import type { Row } from '../renewal/renewal-context.ts'
import { sleep } from '../../ports/clock.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Store, Version } from '../../ports/store.ts'

export interface MoveRules {
  /** Whether the grant counts for another client than the one that it would be used by. */
  readonly isStranger: (record: ConnectionRecord) => boolean
  /** The record as it is over there; undefined leaves it where it is. */
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

/** No grant has this number, so nobody takes the lock for a renewal that was never heard of again. */
const NO_GENERATION = -1

/**
 * Moves one row so that its credential is never nowhere, and never renewed in both places: nobody renews it while it is
 * moved, the copy is written before the original goes, and each write is on condition. Cut off anywhere, it goes on.
 */
export class MoveConnection {
  readonly #tools: MoveTools
  readonly #owner = `migration ${globalThis.crypto.randomUUID()}`

  constructor(tools: MoveTools) {
    this.#tools = tools
  }

  async move(from: string, to: string, { isStranger, relabel }: MoveRules): Promise<MoveOutcome> {
    const { rows, store } = this.#tools
    if (from === to) return this.#rewrite(from, relabel)
    let mine: Version | null = null
    for (;;) {
      const row = await rows.readFresh(from)
      if (row === undefined || row.record.state === 'pending') return { kind: 'nothing' }
      if (row.record.state === 'unreadable') throw unusableConnection(row.record)
      if (isStranger(row.record)) return { kind: 'other_registration', record: row.record }
      const there = relabel(row.record)
      if (there === undefined) return { kind: 'nothing' }
      const locked = await this.#lock(from, row)
      if (locked === undefined) continue
      const { lease: _lock, ...copy } = {
        ...there,
        ...unresolvedIn(locked.record),
        movedFrom: originOf(from, row.record),
      }
      const landed = await this.#land(to, copy, mine)
      if (landed === 'changed') continue
      if (landed === 'taken') {
        await this.#unlock(from)
        return { kind: 'target_exists', record: row.record }
      }
      mine = landed.version
      rows.forget(from)
      if (locked.version === null || !(await store.delete(from, { ifVersion: locked.version }))) continue
      return { kind: 'moved', record: copy }
    }
  }

  /** The key stays, the names in the record change. */
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

  /** Takes the lease of a renewal, so that nobody spends what is being copied. Undefined: look again. */
  async #lock(key: string, row: Row): Promise<Row | undefined> {
    const { rows, clock } = this.#tools
    const { record, version } = row
    const { lease, grant, generation = 0 } = record
    if (grant === undefined || lease?.owner === this.#owner) return row
    if (lease !== undefined && !(await this.#outlasts(key, JSON.stringify(lease)))) return undefined
    const until = clock.now() + renewalTiming.leaseMs
    // Whoever noted this very grant has never said what became of it.
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

  /** Waits for a renewal to end; true if it never does, because its worker is gone. */
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
  async #land(to: string, copy: ConnectionRecord, mine: Version | null): Promise<Row | 'taken' | 'changed'> {
    const { rows } = this.#tools
    const landed = await rows.write(to, copy, null)
    if (landed !== undefined) return landed
    const there = await rows.readFresh(to)
    if (there === undefined) return 'changed'
    if (there.record.movedFrom !== copy.movedFrom) return 'taken'
    // The copy of a run that was cut off; the original may have been renewed since.
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

/** Whoever connects at the old key later is somebody else. */
const originOf = (key: string, { connectedAt = '' }: ConnectionRecord): string => `${key} ${connectedAt}`

const unresolvedIn = ({ unresolved }: ConnectionRecord) => unresolved && { unresolved }
