import type { Grant } from '../../src/auth/grant.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import type { AuthorizationServer, RefreshToken } from './authorization-server.ts'
import { count, type LossKind } from './counts.ts'
import type { Plan } from './plan.ts'
import { MAX_WAIT_MS } from './lease-watch.ts'
import type { Presentation } from './token-endpoint.ts'
import type { Verdict } from './verdict.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Watches how refresh tokens are spent, and what becomes of what was got for them. */
export class SpendingWatch {
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #server: AuthorizationServer
  readonly #verdict: Verdict
  /** When the server gave what the row holds. */
  #issuedAt = 0
  #landedAt = -Infinity
  /** When the row allows the next attempt, on the clock of the one who wrote it. */
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

  /** A token was refused right after it was issued, as the row says. */
  wasRefusedFresh(accessToken: string, at: number): void {
    this.#refusedFresh = { accessToken, at, writtenAt: this.#time.now }
  }

  /** The row allows the next attempt then. */
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
        'one_spender',
        !other.worker.alive ||
          presentation.strayTakeoverAt >= Math.min(other.leasedAt, presentation.leasedAt) ||
          this.#isDoneWith(other, presentation),
        () => `${worker.id} shows ${token}, which ${other.worker.id} has ${other.end === 'open' ? 'shown' : 'spent'}`,
      )
    }
    this.#presentations.set(token, [...earlier, presentation])

    const { grant, unresolved } = record
    const wasDenied =
      worker.cause?.kind === 'refused' && this.#plan.rare.troubles.some(({ kind }) => kind === 'not_allowed')
    const hasJumped = worker.wasStray && at - worker.jumpedAt < 200_000
    const mayBeSpent = unresolved !== undefined && unresolved.how !== 'shown_twice'
    const stillValid = grant?.expiresAt !== undefined && worker.clock.now() < grant.expiresAt
    this.#verdict.check(
      'no_needless_risk',
      model.name !== 'strict' ||
        !mayBeSpent ||
        !stillValid ||
        hasJumped ||
        wasDenied ||
        !this.#server.accepts(grant.accessToken, at),
      () => `${worker.id} shows ${token} again, which may have been spent, while ${grant?.accessToken} works`,
    )
    this.#verdict.check(
      'no_storm',
      this.#retryAt === undefined ||
        worker.clock.now() >= this.#retryAt ||
        this.#retryAt - worker.clock.now() > MAX_WAIT_MS - 60_000 ||
        at - worker.jumpedAt < 200_000,
      () => `${worker.id} tries again before it is time`,
    )
    // A note of a wrong clock counts for nothing.
    const notedMs = worker.clock.now() - this.#refusedFresh.at
    const isKnown = this.#refusedFresh.accessToken === grant?.accessToken && notedMs >= 0 && notedMs < 3_600_000
    this.#verdict.check(
      'no_refresh_storm',
      !isKnown ||
        presentation.leasedAt < this.#refusedFresh.writtenAt ||
        !stillValid ||
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

  /** Whether `grant` is what was got for the token that the row held. */
  descends(before: Grant | undefined, grant: Grant | undefined): boolean {
    const issue = this.#issues.get(grant?.accessToken ?? '')
    const spent = before?.refreshToken
    const now = grant?.refreshToken
    const stays = this.#plan.model.rotation === 'keep'
    return (
      issue?.presentation.issued?.refreshToken.name === now &&
      (stays ? now === spent : issue?.presentation.token === spent)
    )
  }

  /** The row holds it now. Answers whether it came from the server. */
  landed(grant: Grant | undefined): boolean {
    const issue = this.#issues.get(grant?.accessToken ?? '')
    if (issue === undefined) return false
    issue.presentation.storedAt = this.#time.now
    this.#issuedAt = issue.at
    this.#landedAt = this.#time.now
    return true
  }

  /** Why `token`, which the row holds, could not be saved from its end; undefined: it could have been. */
  lossOf(token: RefreshToken): LossKind | undefined {
    const isSpent = token.firstSpentAt !== Infinity
    const spent = isSpent ? token : token.family.ended?.shown
    const spendings = (this.#presentations.get(spent?.name ?? '') ?? []).filter(({ issued }) => issued !== undefined)
    const kinds = spendings.map((each) => excuse(each, isSpent))
    const kind = kinds.find((each) => each !== undefined)
    // What ended behind its back may have had other descendants, which were superseded.
    if (kind === undefined || (isSpent && kinds.includes(undefined))) return undefined
    const { reuseWindowMs } = this.#plan.model
    return isSpent && reuseWindowMs > 0 ? 'window_passed' : kind
  }

  /** Whether the living presenter of `other` cannot be harmed by `next`. */
  #isDoneWith(other: Presentation, next: Presentation): boolean {
    const { model, timing } = this.#plan
    const lapsed = next.leasedAt - other.leasedAt >= timing.leaseMs
    if (other.end === 'open') {
      // Where the token stays the same, what came late for it ends the lease of the one who is asking for more.
      const superseded = model.rotation === 'keep' && this.#landedAt >= other.leasedAt
      return (lapsed && other.worker.pausedAt >= other.leasedAt) || superseded
    }
    return (
      other.end !== 'granted' || model.rotation === 'keep' || (lapsed && (other.storedAt !== undefined || holds(other)))
    )
  }

  /** Where nothing fails, a token is renewed once, and not before it is time. */
  #judgeMoment({ worker, at }: Presentation, grant: Grant | undefined, before: number): void {
    const { model, skewMs } = this.#plan
    const margin = Math.min(5 * 60_000, (model.lifeMs + 2 * skewMs) * 0.1)
    // A life that was learnt was measured with two clocks, and is counted with two.
    const wrongMs = skewMs * (model.saysLife ? 2 : 4)
    const soonest = this.#issuedAt + model.lifeMs - margin - wrongMs - 1000
    this.#verdict.check(
      'one_refresh_per_expiry',
      (before === 0 || model.rotation === 'keep') && at >= soonest,
      () => `${worker.id} renews ${grant?.accessToken} ${Math.round((soonest - at) / 1000)} s too soon, or again`,
    )
  }
}

/** Whether the one who got it still has it in hand. */
const holds = ({ worker, issued }: Presentation): boolean =>
  [worker.landing, worker.unsaved?.grant].some((grant) => grant?.accessToken === issued?.accessToken)

/** Why what was got for a token never came into the row, or came when another had shown the token again. */
function excuse(presentation: Presentation, isTheLast: boolean): LossKind | undefined {
  const { worker, end, storedAt } = presentation
  if (storedAt !== undefined) return isTheLast ? undefined : 'held_up'
  if (!worker.alive) return 'crash'
  if (end === 'open') return 'held_up'
  if (end !== 'granted') return 'no_reply'
  return holds(presentation) ? 'held_up' : undefined
}
