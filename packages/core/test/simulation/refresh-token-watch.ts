import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import type { AuthorizationServer, RefreshToken } from './authorization-server.ts'
import { count, type LossKind } from './counts.ts'
import type { Plan } from './plan.ts'
import { MAX_WAIT_MS } from './lease-watch.ts'
import type { Presentation } from './token-endpoint.ts'
import type { Verdict } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Checks how refresh tokens are used, and that the grants received for them are stored. */
export class RefreshTokenWatch {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #server: AuthorizationServer
  readonly #verdict: Verdict
  /** The time at which the server issued the grant in the row. */
  #issuedAt = 0
  #committedAt = -Infinity
  /** The time of the next attempt in the row, on the clock of its writer. */
  #retryAt: number | undefined
  #refusedFresh = { accessToken: '', at: -Infinity, writtenAt: Infinity }
  readonly #presentations = new Map<string, Presentation[]>()
  readonly #issues = new Map<string, { readonly presentation: Presentation; readonly at: number }>()

  constructor(plan: Plan, time: VirtualTime, server: AuthorizationServer, verdict: Verdict) {
    this.#plan = plan
    this.#time = time
    this.#server = server
    this.#verdict = verdict
  }

  forced(): void {
    this.#issuedAt = this.#time.now
    this.#retryAt = undefined
  }

  /** Records that the row says that a fresh token was refused. */
  wasRefusedFresh(accessToken: string, at: number): void {
    this.#refusedFresh = { accessToken, at, writtenAt: this.#time.now }
  }

  /** Records the time of the next attempt in the row. */
  mayRetryAt(retryAt: number | undefined): void {
    this.#retryAt = retryAt
  }

  presented(presentation: Presentation, record: ConnectionRecord): void {
    count(this.#verdict.counts, 'token requests')
    const { worker, token, at } = presentation
    const { model } = this.#plan
    const earlier = this.#presentations.get(token) ?? []
    for (const other of earlier) {
      this.#verdict.check(
        'one_use_per_token',
        !other.worker.alive ||
          presentation.strayTakeoverAt >= Math.min(other.leasedAt, presentation.leasedAt) ||
          this.#isDoneWith(other, presentation),
        () =>
          `${worker.id} presents ${token}, which ${other.worker.id} has ${other.end === 'open' ? 'presented' : 'used'}`,
      )
    }
    this.#presentations.set(token, [...earlier, presentation])

    const { grant, unresolved } = record
    const wasDenied =
      worker.cause?.kind === 'refused' && this.#plan.rare.troubles.some(({ kind }) => kind === 'not_allowed')
    const hasJumped = worker.wasStray && at - worker.jumpedAt < 200_000
    const mayBeUsed = unresolved !== undefined && unresolved.how !== 'shown_twice'
    const isStillValid = grant?.expiresAt !== undefined && worker.clock.now() < grant.expiresAt
    this.#verdict.check(
      'no_needless_risk',
      model.name !== 'strict' ||
        !mayBeUsed ||
        !isStillValid ||
        hasJumped ||
        wasDenied ||
        !this.#server.accepts(grant.accessToken, at),
      () => `${worker.id} presents ${token} again, which may have been used, while ${grant?.accessToken} works`,
    )
    this.#verdict.check(
      'no_storm',
      this.#retryAt === undefined ||
        worker.clock.now() >= this.#retryAt ||
        this.#retryAt - worker.clock.now() > MAX_WAIT_MS - 60_000 ||
        at - worker.jumpedAt < 200_000,
      () => `${worker.id} retries too early`,
    )
    // A note of a wrong clock is ignored.
    const notedMs = worker.clock.now() - this.#refusedFresh.at
    const isKnown = this.#refusedFresh.accessToken === grant?.accessToken && notedMs >= 0 && notedMs < 3_600_000
    this.#verdict.check(
      'no_refresh_storm',
      !isKnown ||
        presentation.leasedAt < this.#refusedFresh.writtenAt ||
        !isStillValid ||
        worker.cause?.kind !== 'refused' ||
        hasJumped,
      () => `${worker.id} refreshes because of a 401, although a fresh token was refused as well`,
    )
    if (!this.#plan.faulty) this.#judgeMoment(presentation, grant, earlier.length)
  }

  rotated(presentation: Presentation): void {
    const { issued } = presentation
    if (issued !== undefined) this.#issues.set(issued.accessToken, { presentation, at: this.#time.now })
  }

  failedToRenew({ end, issued }: Presentation): void {
    if (issued !== undefined || end === 'timed_out') count(this.#verdict.counts, 'lost replies')
    this.#verdict.check('one_refresh_per_expiry', this.#plan.faulty, () => `a renewal ended: ${end}`)
  }

  /** Returns whether `grant` was issued for the refresh token of the previous row. */
  descends(before: Grant | undefined, grant: Grant | undefined): boolean {
    const issue = this.#issues.get(grant?.accessToken ?? '')
    const used = before?.refreshToken
    const now = grant?.refreshToken
    const stays = this.#plan.model.rotation === 'keep'
    return (
      issue?.presentation.issued?.refreshToken.name === now &&
      (stays ? now === used : issue?.presentation.token === used)
    )
  }

  /** Records that the row has the grant now. Returns whether the server issued it. */
  committed(grant: Grant | undefined): boolean {
    const issue = this.#issues.get(grant?.accessToken ?? '')
    if (issue === undefined) return false
    issue.presentation.storedAt = this.#time.now
    this.#issuedAt = issue.at
    this.#committedAt = this.#time.now
    return true
  }

  /** Returns why the loss of `token` was unavoidable, or undefined if it was avoidable. */
  lossOf(token: RefreshToken): LossKind | undefined {
    const isUsed = token.firstUsedAt !== Infinity
    const used = isUsed ? token : token.family.ended?.shown
    const uses = (this.#presentations.get(used?.name ?? '') ?? []).filter(({ issued }) => issued !== undefined)
    const kinds = uses.map((each) => excuse(each, isUsed))
    const kind = kinds.find((each) => each !== undefined)
    // A token of a revoked family may have had other descendants, which were superseded.
    if (kind === undefined || (isUsed && kinds.includes(undefined))) return undefined
    const { reuseWindowMs } = this.#plan.model
    return isUsed && reuseWindowMs > 0 ? 'window_passed' : kind
  }

  /** Returns whether `next` cannot harm the running worker that presented `other`. */
  #isDoneWith(other: Presentation, next: Presentation): boolean {
    const { model, timing } = this.#plan
    const lapsed = next.leasedAt - other.leasedAt >= timing.leaseMs
    if (other.end === 'open') {
      // If the token does not rotate, a late grant for it ends the lease of the worker that is refreshing.
      const superseded = model.rotation === 'keep' && this.#committedAt >= other.leasedAt
      return (lapsed && other.worker.pausedAt >= other.leasedAt) || superseded
    }
    return (
      other.end !== 'granted' || model.rotation === 'keep' || (lapsed && (other.storedAt !== undefined || holds(other)))
    )
  }

  /** Checks that a token is refreshed once and not too early, if there are no faults. */
  #judgeMoment({ worker, at }: Presentation, grant: Grant | undefined, before: number): void {
    const { model, skewMs } = this.#plan
    const margin = Math.min(5 * 60_000, (model.lifeMs + 2 * skewMs) * 0.1)
    // A learnt life was measured with two clocks, and is applied with two.
    const wrongMs = skewMs * (model.saysLife ? 2 : 4)
    const soonest = this.#issuedAt + model.lifeMs - margin - wrongMs - 1000
    this.#verdict.check(
      'one_refresh_per_expiry',
      (before === 0 || model.rotation === 'keep') && at >= soonest,
      () => `${worker.id} renews ${grant?.accessToken} ${Math.round((soonest - at) / 1000)} s too early, or twice`,
    )
  }
}

/** Returns whether the worker that received the grant still has it. */
const holds = ({ worker, issued }: Presentation): boolean =>
  [worker.committing, worker.uncommitted?.grant].some((grant) => grant?.accessToken === issued?.accessToken)

/** Returns why a received grant was never stored, or stored after another worker presented the token. */
function excuse(presentation: Presentation, isTheLast: boolean): LossKind | undefined {
  const { worker, end, storedAt } = presentation
  if (storedAt !== undefined) return isTheLast ? undefined : 'held_up'
  if (!worker.alive) return 'crash'
  if (end === 'open') return 'held_up'
  if (end !== 'granted') return 'no_reply'
  return holds(presentation) ? 'held_up' : undefined
}
