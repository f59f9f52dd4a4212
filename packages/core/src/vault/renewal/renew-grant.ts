import type { Grant } from '../../auth/grant.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { sleep } from '../../ports/clock.ts'
import { untilAborted } from '../../ports/until-aborted.ts'
import type { ConnectionRecord, Lease } from '../connection-record.ts'
import { landGrant } from './land-grant.ts'
import { isRefusedFresh, mayBeStale, renewAt } from './refresh-timing.ts'
import { failRenewal, notYet, refuseRenewal, releaseLease } from './renewal-failure.ts'
import { mayBeServed, mustBeInService, unusable, writeSurely } from './renewal-world.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal-world.ts'
import { isWaiting, UNEXPLAINED_AGAIN_MS } from './waits.ts'

/** The spender gives up after this part of its lease, and has the rest for writing what it got. */
const SPENDING_OF_LEASE = 2 / 3
/** A worker that took longer than this part of its lease to begin has to take another one. */
const STARTING_OF_LEASE = 1 / 6

/**
 * Renews a grant so that nobody is logged out, whatever other workers do at the same time, by compare-and-swap on its
 * lineage: a refresh token can be spent once, so only what it was spent for may replace it. A success that comes late
 * still lands; what is stale cannot overwrite; who reconnected meanwhile is never clobbered.
 *
 * 1. One worker takes a lease, and in the same write notes which token it is about to spend. The others go on with the
 *    token while it is valid, else wait and adopt what the first one got. A lease whose owner died is taken over.
 * 2. A failure that may pass leaves the grant alone. A refusal for good is believed after another look at the row, and
 *    after the provider's reuse window.
 * 3. What cannot be repaired, a crash between the answer and its writing where a token may be spent only once, is
 *    reported as `grant_lost`: the note of step 1 tells it from any other refusal.
 *
 * @returns the row with a usable grant
 * @throws ConnectorError `MCP_AUTHENTICATION_FAILURE` a person has to connect again; `CONFIGURATION_ERROR` the provider
 *   refuses the app; anything else may pass
 * @throws UnsavedGrant the token was spent, and the store could not be written
 */
export async function renewGrant(world: RenewalWorld, cause: RenewalCause): Promise<Row> {
  const { clock, timing, owner } = world
  const watch = leaseWatch(world)
  for (;;) {
    const row = await world.read()
    mustBeInService(row)
    if (needsNothing(world, row, cause)) return row
    const { record } = row
    if (record.lease !== undefined && record.lease.owner !== owner && !watch.hasLapsed(record.lease)) {
      if (mayBeServed(record, cause, clock.now())) return row
      await sleep(clock, timing.pollMs * (0.5 + world.random()))
      continue
    }
    const startedAt = clock.monotonic()
    const leased = await takeLease(world, row)
    if (leased === undefined) continue
    const tooLate = clock.monotonic() - startedAt > timing.leaseMs * STARTING_OF_LEASE
    if (tooLate || canWait(world, leased.record, cause)) {
      // Too late to be sure that the lease outlasts the request; or it was another's, who may have spent the token.
      await releaseLease(world, leased, {})
      continue
    }
    const outcome = await spend(world, leased.record, startedAt)
    if ('grant' in outcome) return landGrant(world, leased.record, outcome.grant, cause)
    const refusal = outcome.failure.code === 'MCP_AUTHENTICATION_FAILURE'
    const settled = await (refusal ? refuseRenewal : failRenewal)(world, leased, outcome.failure, cause)
    if (settled !== undefined) return settled
  }
}

/** Whether the row is as it should be, or as good as it can be for now. */
function needsNothing(world: RenewalWorld, { record }: Row, cause: RenewalCause): boolean {
  const { grant, trouble } = record
  const now = world.clock.now()
  if (grant !== undefined) {
    if (cause.kind === 'expiring' && now < renewAt(grant, world.place)) return true
    // Somebody else has renewed it.
    if (cause.kind === 'refused' && grant.accessToken !== cause.accessToken) return true
    if (cause.kind === 'refused' && (!mayBeStale(grant, now) || isRefusedFresh(record, now))) throw freshAndRefused()
    if (canWait(world, record, cause)) return true
  }
  if (trouble === undefined || !isWaiting(trouble, now, maxWaitMs(world))) return false
  if (mayBeServed(record, cause, now)) return true
  throw record.state === 'needs_reauth' ? unusable(record) : notYet(trouble, now)
}

/** A refusal is believed after the reuse window, which may be longer than any other wait. */
const maxWaitMs = ({ flow }: RenewalWorld): number => Math.max(UNEXPLAINED_AGAIN_MS, flow.refresh.reuseWindowMs ?? 0)

/**
 * Showing a token again that may have been spent can end the whole grant; while its access token works, let it. Inside a
 * reuse window it is safe, and the sooner the better.
 */
function canWait({ flow, clock }: RenewalWorld, record: ConnectionRecord, cause: RenewalCause): boolean {
  const { rotation, reuseWindowMs } = flow.refresh
  const mayBeSpent = record.unresolved !== undefined && record.unresolved.how !== 'shown_twice'
  const risky = mayBeSpent && rotation === 'single_use' && reuseWindowMs === undefined
  return risky && record.grant?.expiresAt !== undefined && mayBeServed(record, cause, clock.now())
}

/**
 * Takes a lease for lapsed when it has been seen for its whole length, whatever the clocks of others say, or when even
 * a wrong clock cannot excuse it.
 */
function leaseWatch({ clock, timing }: RenewalWorld): { hasLapsed(lease: Lease): boolean } {
  let watched = { lease: '', since: 0 }
  return {
    hasLapsed({ owner, until, spending }) {
      const lease = `${owner} ${until} ${spending}`
      if (watched.lease !== lease) watched = { lease, since: clock.monotonic() }
      return clock.monotonic() - watched.since >= timing.leaseMs || clock.now() >= until + timing.clockSkewMs
    },
  }
}

/** Undefined: another worker was quicker. */
function takeLease(world: RenewalWorld, { record, version }: Row): Promise<Row | undefined> {
  const { owner, clock, timing } = world
  const spending = record.generation ?? 0
  // Whoever noted this very grant has never said what became of it.
  const crashed = record.lease?.spending === spending
  const lease = { owner, until: clock.now() + timing.leaseMs, spending }
  const unresolved = { since: clock.now(), how: 'crashed' } as const
  return writeSurely(world, { ...record, lease, ...(crashed && { unresolved }) }, version)
}

type Spent = { readonly grant: Grant } | { readonly failure: ConnectorError }

async function spend(world: RenewalWorld, record: ConnectionRecord, startedAt: number): Promise<Spent> {
  const { clock, timing } = world
  const timer = new AbortController()
  const leftMs = timing.leaseMs * SPENDING_OF_LEASE - (clock.monotonic() - startedAt)
  const cancel = clock.schedule(leftMs, () => {
    timer.abort(new ConnectorError('TIMEOUT', 'The authorization server did not respond in time.'))
  })
  try {
    return { grant: await untilAborted(world.spend(record, timer.signal), timer.signal) }
  } catch (error) {
    const known = timer.signal.aborted ? (timer.signal.reason as unknown) : error
    if (ConnectorError.is(known)) return { failure: known }
    return {
      failure: new ConnectorError('API_INTERNAL_ERROR', 'The grant could not be renewed.', {}, { cause: known }),
    }
  } finally {
    cancel()
  }
}

const freshAndRefused = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The provider refused a token that it gave moments ago.', {
    reason: 'fresh_token_refused',
    hint: 'The account may lack the right to do this: look at its permissions with the provider.',
  })
