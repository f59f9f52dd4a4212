import type { RefreshedGrant } from '../../auth/grant-flow.ts'
import type { Grant } from '../../auth/grant.ts'
import { sleep } from '../../ports/clock.ts'
import { fullJitter } from '../../resilience/backoff.ts'
import type { ConnectionRecord, Lease } from '../connection-record.ts'
import { stateAfter } from '../connection-state.ts'
import { descendant, isSameLineage } from './lineage.ts'
import { goneForGood, isSameRow, unusable } from './renewal-world.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal-world.ts'
import { verifyStored } from './verify-stored.ts'

/** A grant that cannot be written is offered to the store this often before it is handed back unwritten. */
const WRITES = 6
/** And for this part of the lease: calls wait meanwhile, and the grant can be used without being stored. */
const LANDING_OF_LEASE = 1 / 3
const BACKOFF = { baseMs: 50, maxMs: 2000 }

/** The token was spent and the store could not be written: what was got for it is here, and must not be lost. */
export class UnsavedGrant extends Error {
  override readonly name = 'UnsavedGrant'
  readonly spent: ConnectionRecord
  readonly grant: Grant
  /** Verifies the grant once it is stored. */
  readonly verify: RefreshedGrant['verify'] | undefined
  constructor(spent: ConnectionRecord, grant: Grant, cause: unknown, verify?: RefreshedGrant['verify']) {
    super('A renewed grant could not be stored.', { cause })
    this.spent = spent
    this.grant = grant
    this.verify = verify
  }
}

/**
 * Writes a grant that was got for `spent`, if the row still holds what it was got for; else adopts the row. The grant is
 * verified after it is stored: the token that was spent for it is gone, so a grant that is not stored is lost.
 * @param spent the record as it was when its token was spent, with the lease
 */
export async function landGrant(
  world: RenewalWorld,
  spent: ConnectionRecord,
  fresh: Grant,
  cause: RenewalCause,
): Promise<Row> {
  // The store may have written although it said that it failed; then the row shows it.
  let offered: { readonly before: ConnectionRecord; readonly after: ConnectionRecord } | undefined
  const began = world.clock.monotonic()
  for (let failures = 0; ;) {
    let row: Row | undefined
    let landed: { readonly before: ConnectionRecord; readonly row: Row } | undefined
    try {
      row = await world.read()
      // It may be readable again in a moment, and the grant can be stored then.
      if (row?.record.state === 'unreadable') throw unusable(row.record)
      if (row !== undefined && takesGrants(row.record)) {
        const { record } = row
        if (offered !== undefined && isSameRow(record, offered.after)) landed = { before: offered.before, row }
        else {
          if (!isSameLineage(record.grant, spent.grant)) return row
          const grant = descendant(record.grant, fresh, cause, world.clock.now())
          // Nothing rotated, and another worker was here as well: the grant that lasts longer is kept.
          const renewed = record.grant?.accessToken !== spent.grant?.accessToken
          if (renewed && endOf(record.grant) >= endOf(grant)) return row
          // The lease may have been taken from a process whose clock is wrong, and which shows the same token any moment.
          const others = !isSameLease(record.lease, spent.lease) || wasTakenJustNow(world, spent)
          const doubted = world.flow.refresh.rotation !== 'keep' && others
          const unresolved = doubted ? ({ since: world.clock.now(), how: 'shown_twice' } as const) : undefined
          offered = { before: record, after: { ...proved(record, grant), ...(unresolved && { unresolved }) } }
          const written = await world.write(offered.after, row.version)
          if (written === undefined) continue
          landed = { before: record, row: written }
        }
      }
    } catch (error) {
      const isLate = world.clock.monotonic() - began >= world.timing.leaseMs * LANDING_OF_LEASE
      if (++failures >= WRITES || isLate) throw new UnsavedGrant(spent, fresh, error, world.verify?.())
      await sleep(world.clock, fullJitter(failures, BACKOFF, world.random))
      continue
    }
    if (landed !== undefined) {
      emitCommitted(world, landed.before, landed.row)
      return verifyStored(world, landed.row)
    }
    // Given up while its renewal was under way: nobody may use what came of it.
    await world.discard(fresh, spent)
    throw row === undefined ? goneForGood() : unusable(row.record)
  }
}

function emitCommitted(world: RenewalWorld, before: ConnectionRecord, row: Row): void {
  world.emit('renewed', row)
  if ((before.state ?? 'active') !== 'active') world.emit('recovered', row)
}

/** Nothing but a person brings back what was given up; what was only refused is brought back by what it waited for. */
const takesGrants = ({ state = 'active' }: ConnectionRecord): boolean => stateAfter(state, 'prove') === 'active'

/** Whether the lease was taken over from another process so recently that its request may still be under way. */
function wasTakenJustNow({ clock, timing }: RenewalWorld, { unresolved }: ConnectionRecord): boolean {
  return unresolved?.how === 'crashed' && Math.abs(clock.now() - unresolved.since) < timing.leaseMs
}

/** If it is not, others have been at the grant meanwhile, and may have shown what had been spent. */
const isSameLease = (one: Lease | undefined, other: Lease | undefined): boolean =>
  one?.owner === other?.owner && one?.until === other?.until

const endOf = (grant: Grant | undefined): number => (grant === undefined ? 0 : (grant.expiresAt ?? Infinity))

function proved(record: ConnectionRecord, grant: Grant): ConnectionRecord {
  const { lease: _lease, unresolved: _unresolved, trouble: _trouble, state: _state, ...rest } = record
  const { refusedFresh: _before, ...kept } = rest
  return { ...kept, grant, generation: (record.generation ?? 0) + 1 }
}
