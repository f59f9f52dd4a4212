import { UNEXPLAINED } from '../../auth/unexplained.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { fullJitter } from '../../resilience/backoff.ts'
import { unusableConnection } from '../connection-errors.ts'
import type { ConnectionRecord, Trouble, Unresolved } from '../connection-record.ts'
import { stateAfter } from '../connection-state.ts'
import type { ConnectionChange } from '../connection-state.ts'
import { isSameLineage } from './grant-lineage.ts'
import { isWithinLife, MAX_RENEWAL_WAIT_MS, sinceIn, UNEXPLAINED_AGAIN_MS } from './refresh-timing.ts'
import { assertInService, isInService, isServable, writeAndConfirm } from './renewal-context.ts'
import type { RenewalCause, RenewalContext, Row } from './renewal-context.ts'

const BACKOFF = { baseMs: 1000, maxMs: 60_000 }
const OBTAIN_AGAIN_MS = 60_000
/** This many refusals in a row without a reason, over at least MIN_UNEXPLAINED_MS, end the connection. */
const MAX_UNEXPLAINED = 4
const MIN_UNEXPLAINED_MS = 10 * 60_000
/** The reason after a refusal inside the provider's reuse window: another process may hold the next grant. */
const SUSPECTED = 'refusal_suspected'
const HINTS: Readonly<Record<Unresolved['how'], string>> = {
  crashed: 'A process ended before it stored the response of the provider. Connect the account again.',
  no_reply: 'The response of the provider never arrived, and its token works only once. Connect the account again.',
  shown_twice:
    'A process stopped for longer than its lease, and another one used the same token. Connect the account again.',
}

/** Records a temporary failure. The grant stays, and calls use the token as long as it is valid. */
export async function failRenewal(
  context: RenewalContext,
  leased: Row,
  failure: ConnectorError,
  cause: RenewalCause,
): Promise<Row> {
  const now = context.clock.now()
  const { trouble: before } = leased.record
  const failures = (before?.failures ?? 0) + 1
  const appRefused = failure.code === 'CONFIGURATION_ERROR'
  const reason = failure.details.reason ?? (appRefused ? 'app_refused' : 'renewal_failed')
  const repeated = unexplainedSoFar(before, reason, now)
  // It was refused for this before, and was tried once more.
  const wasOver = leased.record.state === 'needs_reauth' && before?.reason === UNEXPLAINED
  const isLasting =
    repeated !== undefined &&
    (wasOver || (repeated.times >= MAX_UNEXPLAINED && now - repeated.since >= MIN_UNEXPLAINED_MS))
  const { grant } = leased.record
  const isInUse = grant !== undefined && isWithinLife(grant, now) && isServable(leased.record, cause, now)
  const isOver = isLasting && !isInUse
  const backoffMs = isOver ? UNEXPLAINED_AGAIN_MS : fullJitter(failures, BACKOFF, context.random)
  const waitMs = Math.min(
    failure.details.retryAfterMs ?? backoffMs,
    isOver ? UNEXPLAINED_AGAIN_MS : MAX_RENEWAL_WAIT_MS,
  )
  const trouble = {
    reason,
    hint: isOver ? LASTING_HINTS[context.flow.renewal] : failure.advice,
    since: before?.since ?? now,
    failures,
    retryAt: now + waitMs,
    ...(repeated && { unexplained: repeated }),
  }
  // A refusal is a response, so the token was not used up.
  const isAnswered = appRefused || failure.details.outcome === 'not_processed'
  const unresolved = { since: now, how: 'no_reply' } as const
  const found = isAnswered ? { trouble } : { trouble, unresolved }
  const row = await releaseLease(context, leased, isOver ? { ...found, change: 'refuse' } : found)
  if (isOver && row?.record.state === 'needs_reauth') throw unusableConnection(row.record)
  assertInService(row)
  if (isServable(row.record, cause, context.clock.now())) return row
  throw failure.with({ retryAfterMs: Math.ceil(waitMs) })
}

const LASTING_HINTS = {
  refresh_token: 'The provider refuses the grant and gives no reason. Connect the account again.',
  access_token: 'The provider refuses the grant and gives no reason. Connect the account again.',
  obtain: 'The provider refuses the credential and gives no reason. Check it with the provider.',
} as const

/** Returns how often the provider has refused in a row without a reason, and since when. */
function unexplainedSoFar(before: Trouble | undefined, reason: string, now: number): Trouble['unexplained'] {
  if (reason !== UNEXPLAINED) return undefined
  const { times = 0, since = now } = before?.unexplained ?? {}
  return { times: times + 1, since: sinceIn(since, now) }
}

/** Records a refusal by the provider. Returns undefined if another process changed the row: read it again. */
export async function refuseRenewal(
  context: RenewalContext,
  { record: spent }: Row,
  failure: ConnectorError,
  cause: RenewalCause,
): Promise<Row | undefined> {
  const { refresh } = context.flow
  for (;;) {
    const row = await context.read()
    assertInService(row)
    const { lease, ...record } = row.record
    if (!isSameLineage(record.grant, spent.grant)) return undefined
    if (lease !== undefined && lease.owner !== context.owner) return undefined
    const now = context.clock.now()
    const suspectedAt = record.trouble?.reason === SUSPECTED ? sinceIn(record.trouble.since, now) : now
    const finalAt = suspectedAt + (refresh.reuseWindowMs ?? 0)
    if (now < finalAt) {
      const trouble = { reason: SUSPECTED, since: suspectedAt, retryAt: finalAt }
      const suspected = await writeAndConfirm(context, moved(record, 'fail', trouble), row.version)
      if (suspected === undefined) continue
      emitDegraded(context, record, suspected)
      if (isServable(record, cause, now)) return suspected
      throw notYet(trouble, now)
    }
    const { unresolved, ...settled } = record
    const lost = unresolved !== undefined && refresh.rotation !== 'keep'
    // A grant that is obtained with a key needs no user: the failure may be a skewed clock or a permission that is back later.
    const again = context.flow.renewal === 'obtain' && { retryAt: now + OBTAIN_AGAIN_MS }
    const trouble = lost
      ? { reason: 'grant_lost', hint: HINTS[unresolved.how], since: now }
      : { reason: failure.details.reason ?? 'invalid_grant', hint: failure.advice, since: now, ...again }
    const refused = await writeAndConfirm(context, moved(settled, 'refuse', trouble), row.version)
    if (refused === undefined) continue
    if (lost) context.emit('grant_lost', refused)
    if (record.state !== 'needs_reauth') context.emit('needs_reauth', refused)
    throw unusableConnection(refused.record)
  }
}

/** Releases the lease, records what was found, and returns the row. */
export async function releaseLease(
  context: RenewalContext,
  leased: Row,
  found: { readonly trouble?: Trouble; readonly unresolved?: Unresolved; readonly change?: 'fail' | 'refuse' },
): Promise<Row | undefined> {
  const { lease: mine } = leased.record
  for (let row: Row | undefined = leased; ; row = await context.read()) {
    // The lease was taken over, the connection deleted, or the grant written by a process that seemed to have crashed.
    if (row === undefined || !isInService(row.record)) return row
    const { lease, ...record } = row.record
    if (lease?.owner !== mine?.owner || lease?.until !== mine?.until) return row
    const { trouble, unresolved, change = 'fail' } = found
    const next = trouble === undefined ? record : moved(record, change, trouble)
    const released = await writeAndConfirm(context, { ...next, ...(unresolved && { unresolved }) }, row.version)
    if (released === undefined) continue
    if (trouble !== undefined && change === 'fail') emitDegraded(context, record, released)
    if (change === 'refuse' && record.state !== 'needs_reauth') context.emit('needs_reauth', released)
    return released
  }
}

function emitDegraded(context: RenewalContext, before: ConnectionRecord, after: Row): void {
  if ((before.state ?? 'active') === 'active') context.emit('degraded', after)
}

const moved = (record: ConnectionRecord, change: ConnectionChange, trouble: Trouble): ConnectionRecord => ({
  ...record,
  state: stateAfter(record.state ?? 'active', change),
  trouble,
})

export const notYet = ({ reason, hint, retryAt = 0 }: Trouble, now: number): ConnectorError =>
  new ConnectorError('MCP_CONNECTION_ERROR', 'The grant could not be refreshed. It is too early to retry.', {
    reason,
    retryAfterMs: Math.max(0, Math.ceil(retryAt - now)),
    hint,
    outcome: 'not_processed',
  })
