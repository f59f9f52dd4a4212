import type { Grant } from '../../auth/grant.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { sleep } from '../../ports/clock.ts'
import { untilAborted } from '../../ports/until-aborted.ts'
import { unusableConnection } from '../connection-errors.ts'
import type { ConnectionRecord, Lease } from '../connection-record.ts'
import { commitGrant } from './commit-grant.ts'
import { isRefusedFresh, isWaiting, mayBeStale, renewAt, UNEXPLAINED_AGAIN_MS } from './refresh-timing.ts'
import { failRenewal, notYet, refuseRenewal, releaseLease } from './renewal-failure.ts'
import { assertInService, isServable, writeAndConfirm } from './renewal-context.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal-context.ts'

/** The exchange times out after this part of the lease. The rest is for writing the grant. */
const EXCHANGE_OF_LEASE = 2 / 3
/** A process that took longer than this part of its lease to begin has to take another one. */
const STARTING_OF_LEASE = 1 / 6

/**
 * Renews a grant by compare-and-swap on its lineage, so that no user is logged out, whatever other processes do at the same
 * time. A refresh token can be exchanged once, so only a grant that was obtained with it may replace it: a late success is
 * still written, a stale one cannot overwrite, and an account that was connected again meanwhile stays.
 *
 * 1. One process takes a lease, and in the same write records which grant it is about to exchange. The others use the
 *    current token while it is valid, otherwise they wait for the new one. A lease whose owner crashed is taken over.
 * 2. A temporary failure leaves the grant alone. A permanent refusal is final after the row is read again, and after the
 *    provider's reuse window.
 * 3. A crash between the response and its write, where a token can be exchanged only once, cannot be repaired. It is
 *    reported as `grant_lost`: the record of step 1 distinguishes it from any other refusal.
 *
 * @returns the row with a usable grant
 * @throws ConnectorError MCP_AUTHENTICATION_FAILURE if a user has to connect again; CONFIGURATION_ERROR if the provider
 *   refuses the app; any other code is temporary
 * @throws UncommittedGrant if the token was exchanged and the store could not be written
 */
export async function renewGrant(context: RenewalContext, cause: RenewalCause): Promise<Row> {
  const { clock, timing, owner } = context
  const watch = leaseWatch(context)
  for (;;) {
    const row = await context.read()
    assertInService(row)
    if (needsNothing(context, row, cause)) return row
    const { record } = row
    if (record.lease !== undefined && record.lease.owner !== owner && !watch.hasLapsed(record.lease)) {
      if (isServable(record, cause, clock.now())) return row
      await sleep(clock, timing.pollMs * (0.5 + context.random()))
      continue
    }
    const startedAt = clock.monotonic()
    const leased = await takeLease(context, row)
    if (leased === undefined) continue
    const tooLate = clock.monotonic() - startedAt > timing.leaseMs * STARTING_OF_LEASE
    if (tooLate || canWait(context, leased.record, cause)) {
      // The lease may end before the request does, or its former owner may have exchanged the token.
      await releaseLease(context, leased, {})
      continue
    }
    const outcome = await exchange(context, leased.record, startedAt)
    if ('grant' in outcome) return commitGrant(context, leased.record, outcome.grant, cause)
    const refusal = outcome.failure.code === 'MCP_AUTHENTICATION_FAILURE'
    const settled = await (refusal ? refuseRenewal : failRenewal)(context, leased, outcome.failure, cause)
    if (settled !== undefined) return settled
  }
}

/** Returns whether the row needs no renewal, or can have none now. */
function needsNothing(context: RenewalContext, { record }: Row, cause: RenewalCause): boolean {
  const { grant, trouble } = record
  const now = context.clock.now()
  if (grant !== undefined) {
    if (cause.kind === 'expiring' && now < renewAt(grant, context.storeKey)) return true
    // Another process has renewed it.
    if (cause.kind === 'refused' && grant.accessToken !== cause.accessToken) return true
    if (cause.kind === 'refused' && (!mayBeStale(grant, now) || isRefusedFresh(record, now))) throw freshAndRefused()
    if (canWait(context, record, cause)) return true
  }
  if (trouble === undefined || !isWaiting(trouble, now, maxWaitMs(context))) return false
  if (isServable(record, cause, now)) return true
  throw record.state === 'needs_reauth' ? unusableConnection(record) : notYet(trouble, now)
}

/** Returns the longest wait in a row. A refusal is final after the reuse window, which may be longer than any other wait. */
const maxWaitMs = ({ flow }: RenewalContext): number => Math.max(UNEXPLAINED_AGAIN_MS, flow.refresh.reuseWindowMs ?? 0)

/**
 * Returns whether the exchange waits until the access token expires. Presenting a token that may be used up can end the whole
 * grant. Inside a reuse window it is safe, and the sooner the better.
 */
function canWait({ flow, clock }: RenewalContext, record: ConnectionRecord, cause: RenewalCause): boolean {
  const { rotation, reuseWindowMs } = flow.refresh
  const mayBeUsed = record.unresolved !== undefined && record.unresolved.how !== 'shown_twice'
  const risky = mayBeUsed && rotation === 'single_use' && reuseWindowMs === undefined
  return risky && record.grant?.expiresAt !== undefined && isServable(record, cause, clock.now())
}

/**
 * Watches the lease of another process. It has lapsed once it was seen for its whole length, whatever the clocks of others
 * say, or once it is older than the largest clock skew explains.
 */
function leaseWatch({ clock, timing }: RenewalContext): { hasLapsed(lease: Lease): boolean } {
  let watched = { lease: '', since: 0 }
  return {
    hasLapsed({ owner, until, generation }) {
      const lease = `${owner} ${until} ${generation}`
      if (watched.lease !== lease) watched = { lease, since: clock.monotonic() }
      return clock.monotonic() - watched.since >= timing.leaseMs || clock.now() >= until + timing.clockSkewMs
    },
  }
}

/** Takes the lease. Returns undefined if another process was faster. */
function takeLease(context: RenewalContext, { record, version }: Row): Promise<Row | undefined> {
  const { owner, clock, timing } = context
  const generation = record.generation ?? 0
  // The process that was about to exchange this very grant never recorded the result.
  const crashed = record.lease?.generation === generation
  const lease = { owner, until: clock.now() + timing.leaseMs, generation }
  const unresolved = { since: clock.now(), how: 'crashed' } as const
  return writeAndConfirm(context, { ...record, lease, ...(crashed && { unresolved }) }, version)
}

type Exchange = { readonly grant: Grant } | { readonly failure: ConnectorError }

async function exchange(context: RenewalContext, record: ConnectionRecord, startedAt: number): Promise<Exchange> {
  const { clock, timing } = context
  const timer = new AbortController()
  const leftMs = timing.leaseMs * EXCHANGE_OF_LEASE - (clock.monotonic() - startedAt)
  const cancel = clock.schedule(leftMs, () => {
    timer.abort(new ConnectorError('TIMEOUT', 'The authorization server did not respond in time.'))
  })
  try {
    return { grant: await untilAborted(context.exchange(record, timer.signal), timer.signal) }
  } catch (error) {
    const known = timer.signal.aborted ? (timer.signal.reason as unknown) : error
    if (ConnectorError.is(known)) return { failure: known }
    return {
      failure: new ConnectorError('API_INTERNAL_ERROR', 'The grant could not be refreshed.', {}, { cause: known }),
    }
  } finally {
    cancel()
  }
}

const freshAndRefused = (): ConnectorError =>
  new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'The provider refused a token that it has just issued.', {
    reason: 'fresh_token_refused',
    hint: 'The account may lack a permission: check its permissions at the provider.',
  })
