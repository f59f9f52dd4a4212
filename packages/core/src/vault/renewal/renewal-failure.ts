import { UNEXPLAINED } from '../../auth/unexplained.ts'
import { ConnectorError } from '../../errors/connector-error.ts'
import { fullJitter } from '../../resilience/backoff.ts'
import type { ConnectionRecord, Trouble, Unresolved } from '../connection-record.ts'
import { stateAfter } from '../connection-state.ts'
import type { ConnectionChange } from '../connection-state.ts'
import { isSameLineage } from './lineage.ts'
import { isWithinLife } from './refresh-timing.ts'
import { isInService, mayBeServed, mustBeInService, unusable, writeSurely } from './renewal-world.ts'
import type { RenewalCause, RenewalWorld, Row } from './renewal-world.ts'
import { MAX_RENEWAL_WAIT_MS, sinceIn, UNEXPLAINED_AGAIN_MS } from './waits.ts'

const BACKOFF = { baseMs: 1000, maxMs: 60_000 }
const OBTAIN_AGAIN_MS = 60_000
/** Refusals without a reason end the connection once there have been so many in a row, over at least this time. */
const MAX_UNEXPLAINED = 4
const MIN_UNEXPLAINED_MS = 10 * 60_000
/** Refused, but inside the provider's reuse window: another worker may hold what the token was spent for. */
const SUSPECTED = 'refusal_suspected'
const HINTS: Readonly<Record<Unresolved['how'], string>> = {
  crashed: 'A process ended between the answer of the provider and its writing. Connect the account again.',
  no_reply: 'The answer of the provider never came, and its token can be spent only once. Connect the account again.',
  shown_twice:
    'A process was held up for so long that another one spent the same token again. Connect the account again.',
}

/** A failure that may pass: the grant is left alone, and the token served as long as it is valid. */
export async function failRenewal(
  world: RenewalWorld,
  leased: Row,
  failure: ConnectorError,
  cause: RenewalCause,
): Promise<Row> {
  const now = world.clock.now()
  const { trouble: before } = leased.record
  const failures = (before?.failures ?? 0) + 1
  const appRefused = failure.code === 'CONFIGURATION_ERROR'
  const reason = failure.details.reason ?? (appRefused ? 'app_refused' : 'renewal_failed')
  const repeated = unexplainedSoFar(before, reason, now)
  // Refused for this before, it was asked again, and nothing has changed.
  const wasOver = leased.record.state === 'needs_reauth' && before?.reason === UNEXPLAINED
  const isLasting =
    repeated !== undefined &&
    (wasOver || (repeated.times >= MAX_UNEXPLAINED && now - repeated.since >= MIN_UNEXPLAINED_MS))
  const { grant } = leased.record
  const isInUse = grant !== undefined && isWithinLife(grant, now) && mayBeServed(leased.record, cause, now)
  const isOver = isLasting && !isInUse
  const backoffMs = isOver ? UNEXPLAINED_AGAIN_MS : fullJitter(failures, BACKOFF, world.random)
  const waitMs = Math.min(
    failure.details.retryAfterMs ?? backoffMs,
    isOver ? UNEXPLAINED_AGAIN_MS : MAX_RENEWAL_WAIT_MS,
  )
  const trouble = {
    reason,
    hint: isOver ? LASTING_HINTS[world.flow.renewal] : failure.advice,
    since: before?.since ?? now,
    failures,
    retryAt: now + waitMs,
    ...(repeated && { unexplained: repeated }),
  }
  // "No" is an answer, and then the token was not spent.
  const answered = appRefused || failure.details.outcome === 'not_processed'
  const unresolved = { since: now, how: 'no_reply' } as const
  const found = answered ? { trouble } : { trouble, unresolved }
  const row = await releaseLease(world, leased, isOver ? { ...found, change: 'refuse' } : found)
  if (isOver && row?.record.state === 'needs_reauth') throw unusable(row.record)
  mustBeInService(row)
  if (mayBeServed(row.record, cause, world.clock.now())) return row
  throw failure.with({ retryAfterMs: Math.ceil(waitMs) })
}

const LASTING_HINTS = {
  refresh_token: 'The provider refuses the grant and gives no reason. Connect the account again.',
  access_token: 'The provider refuses the grant and gives no reason. Connect the account again.',
  obtain: 'The provider refuses the credential and gives no reason. Check it with the provider.',
} as const

/** How often the provider has refused in a row without a reason, and since when. */
function unexplainedSoFar(before: Trouble | undefined, reason: string, now: number): Trouble['unexplained'] {
  if (reason !== UNEXPLAINED) return undefined
  const { times = 0, since = now } = before?.unexplained ?? {}
  return { times: times + 1, since: sinceIn(since, now) }
}

/** The provider refused the grant. Undefined: look again, somebody else has been at work. */
export async function refuseRenewal(
  world: RenewalWorld,
  { record: spent }: Row,
  failure: ConnectorError,
  cause: RenewalCause,
): Promise<Row | undefined> {
  const { refresh } = world.flow
  for (;;) {
    const row = await world.read()
    mustBeInService(row)
    const { lease, ...record } = row.record
    if (!isSameLineage(record.grant, spent.grant)) return undefined
    if (lease !== undefined && lease.owner !== world.owner) return undefined
    const now = world.clock.now()
    const suspectedAt = record.trouble?.reason === SUSPECTED ? sinceIn(record.trouble.since, now) : now
    const believedAt = suspectedAt + (refresh.reuseWindowMs ?? 0)
    if (now < believedAt) {
      const trouble = { reason: SUSPECTED, since: suspectedAt, retryAt: believedAt }
      const suspected = await writeSurely(world, moved(record, 'fail', trouble), row.version)
      if (suspected === undefined) continue
      emitDegraded(world, record, suspected)
      if (mayBeServed(record, cause, now)) return suspected
      throw notYet(trouble, now)
    }
    const { unresolved, ...settled } = record
    const lost = unresolved !== undefined && refresh.rotation !== 'keep'
    // Nobody agreed to what is obtained with a key, and so nobody can agree again: a skewed clock passes, a right comes back.
    const again = world.flow.renewal === 'obtain' && { retryAt: now + OBTAIN_AGAIN_MS }
    const trouble = lost
      ? { reason: 'grant_lost', hint: HINTS[unresolved.how], since: now }
      : { reason: failure.details.reason ?? 'invalid_grant', hint: failure.advice, since: now, ...again }
    const refused = await writeSurely(world, moved(settled, 'refuse', trouble), row.version)
    if (refused === undefined) continue
    if (lost) world.emit('grant_lost', refused)
    if (record.state !== 'needs_reauth') world.emit('needs_reauth', refused)
    throw unusable(refused.record)
  }
}

/** Gives the lease up, noting what was found; answers the row as it is then. */
export async function releaseLease(
  world: RenewalWorld,
  leased: Row,
  found: { readonly trouble?: Trouble; readonly unresolved?: Unresolved; readonly change?: 'fail' | 'refuse' },
): Promise<Row | undefined> {
  const { lease: mine } = leased.record
  for (let row: Row | undefined = leased; ; row = await world.read()) {
    // Taken over, given up, or landed by a worker that had been thought dead: there is nothing to release or to note.
    if (row === undefined || !isInService(row.record)) return row
    const { lease, ...record } = row.record
    if (lease?.owner !== mine?.owner || lease?.until !== mine?.until) return row
    const { trouble, unresolved, change = 'fail' } = found
    const next = trouble === undefined ? record : moved(record, change, trouble)
    const released = await writeSurely(world, { ...next, ...(unresolved && { unresolved }) }, row.version)
    if (released === undefined) continue
    if (trouble !== undefined && change === 'fail') emitDegraded(world, record, released)
    if (change === 'refuse' && record.state !== 'needs_reauth') world.emit('needs_reauth', released)
    return released
  }
}

function emitDegraded(world: RenewalWorld, before: ConnectionRecord, after: Row): void {
  if ((before.state ?? 'active') === 'active') world.emit('degraded', after)
}

const moved = (record: ConnectionRecord, change: ConnectionChange, trouble: Trouble): ConnectionRecord => ({
  ...record,
  state: stateAfter(record.state ?? 'active', change),
  trouble,
})

export const notYet = ({ reason, hint, retryAt = 0 }: Trouble, now: number): ConnectorError =>
  new ConnectorError('MCP_CONNECTION_ERROR', 'The grant could not be renewed, and it is too early to try again.', {
    reason,
    retryAfterMs: Math.max(0, Math.ceil(retryAt - now)),
    hint,
    outcome: 'not_processed',
  })
