import type { RefreshedGrant } from '../../auth/grant-flow.ts'
import type { Grant } from '../../auth/grant.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { sleep } from '../../ports/clock.ts'
import { fullJitter } from '../../resilience/backoff.ts'
import { disconnectedConnection, unusableConnection } from '../connection-errors.ts'
import type { ConnectionRecord, Lease } from '../connection-record.ts'
import { stateAfter } from '../connection-state.ts'
import { descendant, isSameLineage } from './grant-lineage.ts'
import { assertInService, isSameRow, writeAndConfirm } from './renewal-context.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal-context.ts'

/** The number of attempts to write a grant before it is used without being stored. */
const MAX_WRITES = 6
/** The part of the lease for which writing is retried: calls wait meanwhile. */
const COMMIT_OF_LEASE = 1 / 3
const BACKOFF = { baseMs: 50, maxMs: 2000 }
/** Timeout for verifying a stored grant. */
const VERIFY_MS = 10_000

/** A grant that was obtained but could not be written. Its token was used up, so it must not be lost. */
export class UncommittedGrant extends Error {
  override readonly name = 'UncommittedGrant'
  /** The record whose token was exchanged. */
  readonly spent: ConnectionRecord
  readonly grant: Grant
  /** Verifies the grant once it is stored. */
  readonly verify: RefreshedGrant['verify'] | undefined
  constructor(spent: ConnectionRecord, grant: Grant, cause: unknown, verify?: RefreshedGrant['verify']) {
    super('An obtained grant could not be stored.', { cause })
    this.spent = spent
    this.grant = grant
    this.verify = verify
  }
}

/**
 * Writes a grant that was obtained for `spent` if the row still holds that lineage; otherwise returns the row as it is. The
 * grant is verified after it is stored: the token that was exchanged for it is gone, so a grant that is not stored is lost.
 * @param spent the record when its token was exchanged, with the lease
 * @throws UncommittedGrant if the store could not be written
 */
export async function commitGrant(
  context: RenewalContext,
  spent: ConnectionRecord,
  fresh: Grant,
  cause: RenewalCause,
): Promise<Row> {
  // The store may have written although it reported a failure; then the row shows it.
  let offered: { readonly before: ConnectionRecord; readonly after: ConnectionRecord } | undefined
  const began = context.clock.monotonic()
  for (let failures = 0; ;) {
    let row: Row | undefined
    let committed: { readonly before: ConnectionRecord; readonly row: Row } | undefined
    try {
      row = await context.read()
      // It may be readable again in a moment, and then the grant can be stored.
      if (row?.record.state === 'unreadable') throw unusableConnection(row.record)
      if (row !== undefined && takesGrants(row.record)) {
        const { record } = row
        if (offered !== undefined && isSameRow(record, offered.after)) committed = { before: offered.before, row }
        else {
          if (!isSameLineage(record.grant, spent.grant)) return row
          const grant = descendant(record.grant, fresh, cause, context.clock.now())
          // The refresh token did not rotate, and another process refreshed as well: the grant that lasts longer is kept.
          const renewed = record.grant?.accessToken !== spent.grant?.accessToken
          if (renewed && expiryOf(record.grant) >= expiryOf(grant)) return row
          // The lease may have been taken from a process with a wrong clock, which presents the same token at any moment.
          const others = !isSameLease(record.lease, spent.lease) || wasTakenJustNow(context, spent)
          const doubted = context.flow.refresh.rotation !== 'keep' && others
          const unresolved = doubted ? ({ since: context.clock.now(), how: 'shown_twice' } as const) : undefined
          offered = { before: record, after: { ...renewedRecord(record, grant), ...(unresolved && { unresolved }) } }
          const written = await context.write(offered.after, row.version)
          if (written === undefined) continue
          committed = { before: record, row: written }
        }
      }
    } catch (error) {
      const isLate = context.clock.monotonic() - began >= context.timing.leaseMs * COMMIT_OF_LEASE
      if (++failures >= MAX_WRITES || isLate) throw new UncommittedGrant(spent, fresh, error, context.verify?.())
      await sleep(context.clock, fullJitter(failures, BACKOFF, context.random))
      continue
    }
    if (committed !== undefined) {
      context.emit('renewed', committed.row)
      if ((committed.before.state ?? 'active') !== 'active') context.emit('recovered', committed.row)
      return verifyStored(context, committed.row)
    }
    // The connection was revoked or deleted during the renewal, so its grant must not be used.
    await context.discard(fresh, spent)
    throw row === undefined ? disconnectedConnection() : unusableConnection(row.record)
  }
}

/** Returns whether a refreshed grant restores the connection. Only a user restores one that was revoked. */
const takesGrants = ({ state = 'active' }: ConnectionRecord): boolean => stateAfter(state, 'prove') === 'active'

/** Returns whether the lease was taken over so recently that the request of its former owner may still be running. */
function wasTakenJustNow({ clock, timing }: RenewalContext, { unresolved }: ConnectionRecord): boolean {
  return unresolved?.how === 'crashed' && Math.abs(clock.now() - unresolved.since) < timing.leaseMs
}

/** Compares two leases. If they differ, another process may have presented the token that was exchanged. */
const isSameLease = (one: Lease | undefined, other: Lease | undefined): boolean =>
  one?.owner === other?.owner && one?.until === other?.until

const expiryOf = (grant: Grant | undefined): number => (grant === undefined ? 0 : (grant.expiresAt ?? Infinity))

function renewedRecord(record: ConnectionRecord, grant: Grant): ConnectionRecord {
  const { lease: _lease, unresolved: _unresolved, trouble: _trouble, state: _state, ...rest } = record
  const { refusedFresh: _before, ...kept } = rest
  return { ...kept, grant, generation: (record.generation ?? 0) + 1 }
}

/** Verifies a grant after it was stored. Only a grant of another account ends the connection. */
async function verifyStored(context: RenewalContext, row: Row): Promise<Row> {
  const verify = context.verify?.()
  const refusal = verify && (await verificationFailure(context, verify))
  if (refusal === undefined) return row
  const trouble = { reason: refusal.details.reason ?? 'account_changed', hint: refusal.advice }
  for (let now: Row | undefined = row; ; now = await context.read()) {
    assertInService(now)
    if (!isSameLineage(now.record.grant, row.record.grant)) return now
    const { lease: _lease, ...record } = now.record
    const state = stateAfter(record.state ?? 'active', 'refuse')
    const refused = { ...record, state, trouble: { ...trouble, since: context.clock.now() } }
    const written = await writeAndConfirm(context, refused, now.version)
    if (written === undefined) continue
    context.emit('needs_reauth', written)
    throw unusableConnection(written.record)
  }
}

/** Returns why a grant must not be used; undefined if it may, or if the verification failed otherwise or took too long. */
export async function verificationFailure(
  { clock }: Pick<RenewalContext, 'clock'>,
  verify: RefreshedGrant['verify'],
): Promise<ConnectorError | undefined> {
  const timer = new AbortController()
  const timeout = Promise.withResolvers<undefined>()
  const cancel = clock.schedule(VERIFY_MS, () => {
    timer.abort(new ConnectorError('TIMEOUT', 'The authorization server did not respond in time.'))
    timeout.resolve(undefined)
  })
  const verified = verify(timer.signal).then(
    () => undefined,
    (error: unknown) => (ConnectorError.is(error) && error.code === 'MCP_AUTHENTICATION_FAILURE' ? error : undefined),
  )
  return Promise.race([verified, timeout.promise]).finally(cancel)
}
