import { UNEXPLAINED } from '../../src/auth/unexplained.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { stateAfter } from '../../src/vault/connection-state.ts'
import type { RenewalEvent, Row } from '../../src/vault/renewal/renewal-context.ts'
import type { AuthorizationServer, Family } from './authorization-server.ts'
import { count, type Counts } from './counts.ts'
import { LeaseWatch } from './lease-watch.ts'
import { EventWatch } from './event-watch.ts'
import type { Plan } from './plan.ts'
import { RefreshTokenWatch } from './refresh-token-watch.ts'
import type { Presentation } from './token-endpoint.ts'
import { type Invariant, Verdict, type Violation } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { CallEnd, Worker } from './worker.ts'

const MINUTE = 60_000
/** The maximum pause of a process after the last fault, and ten seconds of waiting for a hanging operation. */
const DISTURBED_MS = 100_000 + 10_000

/** The last call of a worker, and the rows at its start and its end. */
export interface LastCall {
  readonly end: CallEnd
  readonly rows: readonly (Row | undefined)[]
}

/** Checks the rules of one schedule with the true time, the state of the server and every version of the row. */
export class Judge {
  readonly #time: VirtualTime
  readonly #server: AuthorizationServer
  readonly #faulty: boolean
  readonly #explains: boolean
  readonly #calmAt: number
  readonly #lifeMs: number
  readonly #onGrant: () => void
  readonly #note: (who: string, what: () => string) => void
  readonly #verdict: Verdict
  readonly #events: EventWatch
  readonly #leases: LeaseWatch
  readonly #refreshTokens: RefreshTokenWatch
  #row: Row | undefined
  /** The last consent of the user; undefined after a disconnection. */
  #consent: Family | undefined

  constructor(options: {
    plan: Plan
    time: VirtualTime
    server: AuthorizationServer
    onGrant: () => void
    note: (who: string, what: () => string) => void
  }) {
    const { plan, time, server } = options
    this.#time = time
    this.#server = server
    this.#faulty = plan.faulty
    this.#explains = plan.rare.explains
    this.#calmAt = plan.calmAt
    this.#lifeMs = plan.model.lifeMs
    this.#onGrant = options.onGrant
    this.#note = options.note
    this.#verdict = new Verdict()
    this.#events = new EventWatch(this.#verdict)
    this.#leases = new LeaseWatch(plan, time, this.#verdict)
    this.#refreshTokens = new RefreshTokenWatch(plan, time, server, this.#verdict)
  }

  get row(): Row | undefined {
    return this.#row
  }

  get violation(): Violation | undefined {
    return this.#verdict.violation
  }

  get counts(): Counts {
    return this.#verdict.counts
  }

  fail(invariant: Invariant, message: string): void {
    this.#verdict.fail(invariant, message)
  }

  /** Runs the checks after an event. Returns false once a rule is broken. */
  shouldContinue(): boolean {
    this.#events.afterEvent()
    return this.violation === undefined
  }

  // ------------------------------------------------------------------------------------------------- the row

  /** Records a change by the user. */
  forced(after: Row | undefined): void {
    this.#row = after
    const { grant, state } = after?.record ?? {}
    this.#consent = state === 'revoked' ? undefined : this.#server.familyOf(grant?.accessToken ?? '')
    this.#leases.forced()
    this.#refreshTokens.forced()
    this.#note('user', () => `the row is ${describe(after)}`)
    if (this.#consent !== undefined) this.#onGrant()
  }

  wrote(worker: Worker, before: Row | undefined, after: Row): void {
    this.#note(worker.id, () => `writes ${describe(after)}`)
    this.#row = after
    if (before === undefined) return this.fail('user_actions_win', `${worker.id} restored a row that was deleted`)
    const from = before.record.state ?? 'active'
    const to = after.record.state ?? 'active'
    const committed = before.record.grant?.accessToken !== after.record.grant?.accessToken
    if (committed) this.#judgeCommit(worker, before.record, after.record)
    else this.#judgeNote(worker, before.record, after.record)
    const allowed = committed
      ? [stateAfter(from, 'prove')]
      : [from, stateAfter(from, 'fail'), stateAfter(from, 'refuse')]
    this.#verdict.check(
      'states_follow_the_table',
      allowed.includes(to) && (to === 'active') === (after.record.trouble === undefined),
      () => `${worker.id} took the connection from ${from} to ${to}`,
    )
    this.#verdict.check(
      'user_actions_win',
      from !== 'revoked',
      () => `${worker.id} wrote to a connection that was taken out of use`,
    )
    const family = this.#server.familyOf(after.record.grant?.accessToken ?? '')
    this.#verdict.check(
      'user_actions_win',
      family === this.#consent,
      () => `${worker.id} wrote a grant of ${family?.name}; the user consented to ${this.#consent?.name ?? 'none'}`,
    )
    this.#leases.wrote(worker, before.record, after.record)
    const { refusedFresh, grant } = after.record
    if (refusedFresh !== undefined && refusedFresh !== before.record.refusedFresh) {
      this.#refreshTokens.wasRefusedFresh(grant?.accessToken ?? '', refusedFresh.at)
    }
    // A worker that only takes a lease has not tried yet.
    if (committed || after.record.lease === undefined) this.#refreshTokens.mayRetryAt(after.record.trouble?.retryAt)
    this.#events.wrote(worker, after, eventsOf(before.record, after.record))
  }

  acknowledged(worker: Worker, row: Row, lost: boolean): void {
    this.#events.acknowledged(worker, row, lost)
  }

  didRead(worker: Worker, row: Row | undefined, renewing: boolean): void {
    const { state = 'active' } = row?.record ?? { state: 'disconnected' }
    worker.sawRemoval = state === 'revoked' || state === 'disconnected'
    if (!renewing) return
    this.#leases.didRead(worker, row)
    this.#events.didRead(worker, row)
  }

  storeFailed(worker: Worker): void {
    this.#leases.excuse(worker)
  }

  storeIsSilent(worker: Worker): void {
    this.#leases.excuse(worker)
    this.#events.neverResponded(worker)
  }

  renewalEnded(worker: Worker): void {
    this.#leases.renewalEnded(worker)
    this.#events.renewalEnded(worker)
    if (worker.uncommitted !== undefined) count(this.counts, 'grants held back')
  }

  emitted(worker: Worker, event: RenewalEvent, row: Row): void {
    if (!worker.alive) return
    this.#note(worker.id, () => `emits ${event}`)
    this.#events.emitted(worker, event, row)
  }

  // ---------------------------------------------------------------------------------------- the token endpoint

  leasedAt(worker: Worker): number {
    return this.#leases.leasedAt(worker)
  }

  get strayTakeoverAt(): number {
    return this.#leases.strayTakeoverAt
  }

  presented(presentation: Presentation, record: ConnectionRecord): void {
    this.#leases.excuse(presentation.worker)
    this.#refreshTokens.presented(presentation, record)
  }

  rotated(presentation: Presentation): void {
    this.#refreshTokens.rotated(presentation)
  }

  failedToRenew(presentation: Presentation): void {
    this.#refreshTokens.failedToRenew(presentation)
  }

  // ------------------------------------------------------------------------------------------------- the calls

  called(worker: Worker, accessToken: string): void {
    count(this.counts, 'calls')
    this.#verdict.check('removal_is_respected', !worker.sawRemoval, () => `${worker.id} calls with ${accessToken}`)
  }

  unauthorized(): void {
    count(this.counts, '401s')
  }

  ended(worker: Worker, { how }: CallEnd): void {
    const early = this.#faulty || how === 'succeeded'
    this.#verdict.check('comes_to_rest', early, () => `${worker.id}: a call ${how} although nothing fails`)
  }

  /** Returns whether the last call ended as required, after a time without faults. */
  isAtRest(last: LastCall | undefined): boolean {
    const { state = 'active', lease } = this.#row?.record ?? { state: 'disconnected' }
    const { end, rows = [] } = last ?? {}
    if (state !== 'active') return end?.how === 'gone' && state !== 'degraded'
    const tokens = rows.map((row) => row?.record.grant?.accessToken)
    const succeeded = end?.how === 'succeeded' && tokens.includes(end.accessToken)
    return succeeded && this.#isAlive() && (lease === undefined || this.#leases.ageMs < 5000)
  }

  rested(worker: Worker, last: LastCall | undefined): void {
    const { state = 'active' } = this.#row?.record ?? { state: 'disconnected' }
    this.#verdict.check(
      'no_grant_lost',
      state !== 'active' || this.#isAlive(),
      () => `the row is active, its consent ended: ${this.#consent?.ended?.why}`,
    )
    this.#verdict.check(
      'comes_to_rest',
      this.isAtRest(last),
      () => `${worker.id} ends ${last?.end.how ?? 'waiting'}, the row is ${describe(this.#row)}`,
    )
  }

  /** Records a call that exceeded its timeout. */
  timedOut(worker: Worker, beganAt: number): void {
    if (!worker.alive) return
    count(this.counts, 'calls that timed out')
    const wasDisturbed = beganAt < this.#calmAt + DISTURBED_MS
    this.#verdict.check('no_call_blocked', wasDisturbed, () => `${worker.id}: a call from ${beganAt} did not end`)
  }

  couldNotVerify(worker: Worker, kid: string, mayFetch: boolean): void {
    this.#verdict.check(
      'keys_are_fetched_again',
      !mayFetch,
      () => `${worker.id} could not verify with ${kid}, which is listed`,
    )
  }

  /** Checks a recorded wait by the clock of its writer, which may have just jumped. */
  #judgeWait(worker: Worker, { trouble, state }: ConnectionRecord): void {
    const waitMs = (trouble?.retryAt ?? 0) - worker.clock.now()
    const maxMs = state === 'needs_reauth' ? 60 * MINUTE : 15 * MINUTE
    this.#verdict.check(
      'waits_are_bounded',
      waitMs <= maxMs || this.#time.now - worker.jumpedAt < 200_000,
      () => `${worker.id} records a wait of ${Math.round(waitMs / MINUTE)} minutes`,
    )
  }

  #isAlive(): boolean {
    const { ended } = this.#consent ?? {}
    // A wrong clock has just caused its revocation, and its last token still works.
    const isFresh = this.#time.now - this.#leases.strayTakeoverAt < 1.2 * this.#lifeMs
    return ended === undefined || (ended.why === 'reuse' && isFresh)
  }

  // --------------------------------------------------------------------------------------------- what was written

  #judgeCommit(worker: Worker, before: ConnectionRecord, after: ConnectionRecord): void {
    count(this.counts, 'refreshes')
    this.#leases.excuse(worker)
    this.#verdict.check(
      'only_descendants_replace',
      this.#refreshTokens.descends(before.grant, after.grant) && after.generation === (before.generation ?? 0) + 1,
      () => `${worker.id} replaced ${before.grant?.refreshToken} by ${after.grant?.refreshToken}`,
    )
    this.#verdict.check(
      'states_follow_the_table',
      after.lease === undefined && (after.unresolved === undefined || after.unresolved.how === 'shown_twice'),
      () => `${worker.id} stored a grant and left the lease`,
    )
    if (this.#refreshTokens.committed(after.grant)) this.#onGrant()
  }

  /** Checks a write that keeps the grant: a lease, a failure or a refusal. */
  #judgeNote(worker: Worker, before: ConnectionRecord, after: ConnectionRecord): void {
    this.#verdict.check(
      'only_descendants_replace',
      JSON.stringify(before.grant) === JSON.stringify(after.grant),
      () => `${worker.id} changed a grant without renewing it`,
    )
    if (before.trouble?.retryAt !== after.trouble?.retryAt) this.#judgeWait(worker, after)
    if (after.state === 'needs_reauth' && before.state !== 'needs_reauth') this.#judgeRefusal(worker, after)
  }

  #judgeRefusal(worker: Worker, { grant, trouble }: ConnectionRecord): void {
    const token = this.#server.refreshToken(grant?.refreshToken)
    this.#verdict.check(
      'no_valid_grant_dropped',
      token !== undefined && !this.#server.wouldAccept(token.name, this.#time.now),
      () => `${worker.id} dropped ${token?.name}, which the server would still refresh`,
    )
    if (token === undefined) return
    if (token.family.ended?.why === 'user') return count(this.counts, 'revoked by users')
    const kind = this.#refreshTokens.lossOf(token)
    if (kind === undefined) {
      return this.fail('no_grant_lost', `${worker.id} found ${token.name} revoked, which was avoidable`)
    }
    count(this.counts, `lost: ${kind}`)
    this.#verdict.check(
      'losses_are_reported',
      trouble?.reason === 'grant_lost' || (!this.#explains && trouble?.reason === UNEXPLAINED),
      () => `${token.name} was lost (${kind}), and ${worker.id} reports ${trouble?.reason}`,
    )
  }
}

/** Returns the events that a write has to emit. */
function eventsOf(before: ConnectionRecord, after: ConnectionRecord): Set<RenewalEvent> {
  const { state: from = 'active' } = before
  const { state: to = 'active' } = after
  if (before.grant?.accessToken !== after.grant?.accessToken) {
    return new Set(from === 'active' ? ['renewed'] : ['renewed', 'recovered'])
  }
  if (to === 'degraded' && from === 'active') return new Set(['degraded'])
  if (to !== 'needs_reauth' || from === 'needs_reauth') return new Set()
  return new Set(after.trouble?.reason === 'grant_lost' ? ['needs_reauth', 'grant_lost'] : ['needs_reauth'])
}

function describe(row: Row | undefined): string {
  if (row === undefined) return 'none'
  const { state = 'active', grant, lease, unresolved, trouble, generation = 0 } = row.record
  const parts = [
    `v${row.version} ${state} #${generation} ${grant?.accessToken}/${grant?.refreshToken}`,
    lease && `lease ${lease.owner} uses #${lease.generation}`,
    unresolved && `unresolved ${unresolved.how}`,
    trouble && `trouble ${trouble.reason} ${trouble.failures ?? ''}`,
  ]
  return parts.filter((part) => part !== undefined).join('; ')
}
