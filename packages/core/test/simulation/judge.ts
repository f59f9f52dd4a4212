import type { ConnectionRecord } from '../../src/credentials/connection-record.ts'
import { stateAfter } from '../../src/credentials/connection-state.ts'
import type { RenewalNews, Row } from '../../src/credentials/renewal-world.ts'
import type { AuthorizationServer, Family } from './authorization-server.ts'
import { count, type Counts, type LossKind } from './counts.ts'
import type { Plan } from './plan.ts'
import type { Presentation } from './token-endpoint.ts'
import type { VirtualTime } from './virtual-time.ts'
import type { CallEnd, Worker } from './worker.ts'

/** What must hold whatever happens. */
export type Invariant =
  /** A grant ends only where nothing could be done. */
  | 'no_grant_lost'
  /** A grant that the server would still renew is never given up. */
  | 'no_good_grant_given_up'
  /** What was lost is told as lost, and once. */
  | 'losses_are_told'
  /** Two processes that live never spend one token. */
  | 'one_spender'
  /** A lease that has not lapsed is respected. */
  | 'leases_are_respected'
  /** While its access token works, a token that may have been spent is not shown again. */
  | 'no_needless_risk'
  /** A grant is replaced by its own descendant and by nothing else. */
  | 'only_descendants_replace'
  /** What a person did stands. */
  | 'people_win'
  /** Who has seen that a connection is gone does not use it. */
  | 'removal_is_respected'
  | 'states_follow_the_table'
  /** News are told once, of what has happened, and of all that has happened. */
  | 'news_are_told'
  /** Without faults, a token is renewed once, in the last part of its life. */
  | 'one_refresh_per_expiry'
  /** After a failure nobody tries again before the time that was noted. */
  | 'no_storm'
  | 'only_known_errors'
  | 'comes_to_rest'

interface Telling {
  readonly row: Row
  readonly worker: Worker
  readonly untold: Set<RenewalNews>
}

/** Watches one schedule, and knows what really happened: the true time, the server's books, every version of the row. */
export class Judge {
  violation: { readonly invariant: Invariant; readonly message: string; readonly at: number } | undefined
  readonly counts: Counts = new Map()
  readonly #plan: Plan
  readonly #time: VirtualTime
  readonly #server: AuthorizationServer
  readonly #onGrant: () => void
  readonly #note: (who: string, what: string) => void
  #row: Row | undefined
  /** The consent that a person gave last; undefined after a disconnection. */
  #consent: Family | undefined
  /** When the server gave what the row holds. */
  #issuedAt = 0
  #leasedAt = -Infinity
  #landedAt = -Infinity
  readonly #leases = new Map<Worker, number>()
  readonly #presentations = new Map<string, Presentation[]>()
  readonly #issues = new Map<string, { readonly presentation: Presentation; readonly at: number }>()
  readonly #tellings = new Map<string, Telling>()
  /** Written, but the writer was told that it failed: it may look whether it did. */
  readonly #doubtful = new Map<Worker, Telling>()
  #dueNow: Telling[] = []
  /** When the row allows the next attempt, on the clock of the one who wrote it. */
  #retryAt: number | undefined

  constructor(options: {
    plan: Plan
    time: VirtualTime
    server: AuthorizationServer
    onGrant: () => void
    note: (who: string, what: string) => void
  }) {
    this.#plan = options.plan
    this.#time = options.time
    this.#server = options.server
    this.#onGrant = options.onGrant
    this.#note = options.note
  }

  get row(): Row | undefined {
    return this.#row
  }

  fail(invariant: Invariant, message: string): void {
    this.violation ??= { invariant, message, at: this.#time.now }
  }

  /** After every event. */
  goesOn(): boolean {
    for (const { untold, worker, row } of this.#dueNow) {
      this.#check(
        'news_are_told',
        untold.size === 0 || !worker.alive,
        () => `${worker.id} wrote version ${row.version} and did not tell: ${[...untold].join(', ')}`,
      )
      if (untold.size > 0) count(this.counts, 'tellings cut off')
    }
    this.#dueNow = []
    return this.violation === undefined
  }

  // ------------------------------------------------------------------------------------------------- the row

  /** A person did it. */
  forced(_before: Row | undefined, after: Row | undefined): void {
    this.#row = after
    this.#leasedAt = -Infinity
    const { grant, state } = after?.record ?? {}
    this.#consent = state === 'revoked' ? undefined : this.#server.familyOf(grant?.accessToken ?? '')
    this.#issuedAt = this.#time.now
    this.#retryAt = undefined
    this.#note('person', `the row is ${describe(after)}`)
    if (this.#consent !== undefined) this.#onGrant()
  }

  wrote(worker: Worker, before: Row | undefined, after: Row): void {
    this.#note(worker.id, `writes ${describe(after)}`)
    this.#row = after
    if (before === undefined) return this.fail('people_win', `${worker.id} brought back a row that was removed`)
    const news = new Set<RenewalNews>()
    const from = before.record.state ?? 'active'
    const to = after.record.state ?? 'active'
    const landed = before.record.grant?.accessToken !== after.record.grant?.accessToken
    if (landed) {
      this.#judgeLanding(worker, before.record, after.record)
      news.add('renewed')
      if (from !== 'active') news.add('recovered')
    } else {
      this.#check(
        'only_descendants_replace',
        JSON.stringify(before.record.grant) === JSON.stringify(after.record.grant),
        () => `${worker.id} changed a grant without renewing it`,
      )
      if (to === 'degraded' && from === 'active') news.add('degraded')
      if (to === 'needs_reauth' && from !== 'needs_reauth') {
        news.add('needs_reauth')
        if (after.record.trouble?.reason === 'grant_lost') news.add('grant_lost')
        this.#judgeRefusal(worker, after.record)
      }
    }
    const allowed = landed ? [stateAfter(from, 'prove')] : [from, stateAfter(from, 'fail'), stateAfter(from, 'refuse')]
    this.#check(
      'states_follow_the_table',
      allowed.includes(to) && (to === 'active') === (after.record.trouble === undefined),
      () => `${worker.id} took the connection from ${from} to ${to}`,
    )
    this.#check('people_win', from !== 'revoked', () => `${worker.id} wrote to a connection that was taken out of use`)
    const family = this.#server.familyOf(after.record.grant?.accessToken ?? '')
    this.#check(
      'people_win',
      family === this.#consent,
      () => `${worker.id} wrote a grant of ${family?.name}; the person gave ${this.#consent?.name ?? 'none'}`,
    )
    this.#judgeLease(worker, before.record, after.record)
    // Whoever only takes a lease has not tried yet.
    if (landed || after.record.lease === undefined) this.#retryAt = after.record.trouble?.retryAt
    if (news.size > 0) this.#tellings.set(String(after.version), { row: after, worker, untold: news })
  }

  acknowledged(worker: Worker, row: Row, lost: boolean): void {
    if (lost) count(this.counts, 'lost acknowledgements')
    const telling = this.#tellings.get(String(row.version))
    if (telling === undefined) return
    if (lost) this.#doubtful.set(worker, telling)
    else this.#dueNow.push(telling)
  }

  didRead(worker: Worker, row: Row | undefined, renewing: boolean): void {
    const { state = 'active' } = row?.record ?? { state: 'disconnected' }
    worker.sawRemoval = state === 'revoked' || state === 'disconnected'
    if (!renewing) return
    const doubtful = this.#doubtful.get(worker)
    if (doubtful === undefined) return
    this.#doubtful.delete(worker)
    if (row?.version === doubtful.row.version) this.#dueNow.push(doubtful)
    else count(this.counts, 'tellings cut off')
  }

  renewalEnded(worker: Worker): void {
    if (this.#doubtful.delete(worker)) count(this.counts, 'tellings cut off')
    if (worker.unsaved !== undefined) count(this.counts, 'grants held back')
  }

  told(worker: Worker, news: RenewalNews, row: Row): void {
    if (!worker.alive) return
    this.#note(worker.id, `tells ${news}`)
    if (news === 'recovered') count(this.counts, 'recovered')
    const telling = this.#tellings.get(String(row.version))
    this.#check(
      'news_are_told',
      telling?.worker === worker && telling.untold.delete(news),
      () => `${worker.id} told ${news} of version ${row.version}, where it did not happen, or again`,
    )
  }

  // ---------------------------------------------------------------------------------------- the token endpoint

  leasedAt(worker: Worker): number {
    return this.#leases.get(worker) ?? -Infinity
  }

  presented(presentation: Presentation, record: ConnectionRecord): void {
    count(this.counts, 'token requests')
    const { worker, token, at, leasedAt } = presentation
    const { model, timing, faulty } = this.#plan
    const earlier = this.#presentations.get(token) ?? []
    for (const other of earlier) {
      const { issued } = other
      const holds =
        other.storedAt !== undefined ||
        [other.worker.landing, other.worker.unsaved?.grant].some((grant) => grant?.accessToken === issued?.accessToken)
      const lapsed = leasedAt - other.leasedAt >= timing.leaseMs
      const done =
        other.end === 'open'
          ? (lapsed && other.worker.pausedAt >= other.leasedAt) || this.#superseded(other)
          : other.end !== 'granted' || model.rotation === 'keep' || (lapsed && holds)
      this.#check(
        'one_spender',
        !other.worker.alive || done,
        () => `${worker.id} shows ${token}, which ${other.worker.id} has ${other.end === 'open' ? 'shown' : 'spent'}`,
      )
    }
    this.#presentations.set(token, [...earlier, presentation])

    const { grant } = record
    const stillValid = grant?.expiresAt !== undefined && worker.clock.now() < grant.expiresAt
    this.#check(
      'no_needless_risk',
      model.name !== 'strict' ||
        record.unresolved === undefined ||
        !stillValid ||
        !this.#server.accepts(grant.accessToken, at),
      () => `${worker.id} shows ${token} again, which may have been spent, while ${grant?.accessToken} works`,
    )
    this.#check(
      'no_storm',
      this.#retryAt === undefined || worker.clock.now() >= this.#retryAt || at - worker.jumpedAt < 200_000,
      () => `${worker.id} tries again before it is time`,
    )
    if (faulty) return
    const margin = Math.min(5 * 60_000, (model.lifeMs + 2 * this.#plan.skewMs) * 0.1)
    // A life that was learnt was measured with two clocks, and is counted with two.
    const wrongMs = this.#plan.skewMs * (model.saysLife ? 2 : 4)
    const soonest = this.#issuedAt + model.lifeMs - margin - wrongMs - 1000
    this.#check(
      'one_refresh_per_expiry',
      earlier.length === (model.rotation === 'keep' ? earlier.length : 0) && at >= soonest,
      () => `${worker.id} renews ${grant?.accessToken} ${Math.round((soonest - at) / 1000)} s too soon, or again`,
    )
  }

  /** Where the token stays the same, what came late for it ends the lease of the one who is asking for more. */
  #superseded({ leasedAt }: Presentation): boolean {
    return this.#plan.model.rotation === 'keep' && this.#landedAt >= leasedAt
  }

  rotated(presentation: Presentation): void {
    const { issued } = presentation
    if (issued !== undefined) this.#issues.set(issued.accessToken, { presentation, at: this.#time.now })
  }

  failedToRenew({ end, issued }: Presentation): void {
    if (issued !== undefined || end === 'timed_out') count(this.counts, 'lost replies')
    this.#check('one_refresh_per_expiry', this.#plan.faulty, () => `a renewal ended: ${end}`)
  }

  // ------------------------------------------------------------------------------------------------- the calls

  called(worker: Worker, accessToken: string): void {
    count(this.counts, 'calls')
    this.#check('removal_is_respected', !worker.sawRemoval, () => `${worker.id} calls with ${accessToken}`)
  }

  unauthorized(): void {
    count(this.counts, '401s')
  }

  ended(worker: Worker, end: CallEnd): void {
    const early = this.#plan.faulty || end.how === 'answered'
    this.#check('comes_to_rest', early, () => `${worker.id}: a call ${end.how} although nothing fails`)
  }

  /** After faults have stopped and all have called for a while. */
  rested(
    worker: Worker,
    last: { readonly end: CallEnd; readonly rows: readonly (Row | undefined)[] } | undefined,
  ): void {
    const { state = 'active', lease } = this.#row?.record ?? { state: 'disconnected' }
    const { end, rows = [] } = last ?? {}
    const tokens = rows.map((row) => row?.record.grant?.accessToken)
    const asItIs =
      state === 'active'
        ? end?.how === 'answered' && tokens.includes(end.accessToken)
        : end?.how === 'gone' && state !== 'degraded'
    this.#check(
      'comes_to_rest',
      asItIs && (state !== 'active' || lease === undefined || this.#time.now - this.#leasedAt < 5000),
      () => `${worker.id} ends ${end?.how ?? 'waiting'}, the row is ${describe(this.#row)}`,
    )
    this.#check(
      'no_grant_lost',
      state !== 'active' || this.#consent?.ended === undefined,
      () => `the row is active, its consent ended: ${this.#consent?.ended?.why}`,
    )
  }

  // --------------------------------------------------------------------------------------------- what was written

  #judgeLanding(worker: Worker, before: ConnectionRecord, after: ConnectionRecord): void {
    count(this.counts, 'refreshes')
    const issue = this.#issues.get(after.grant?.accessToken ?? '')
    const spent = before.grant?.refreshToken
    const now = after.grant?.refreshToken
    const descends =
      issue?.presentation.issued?.refreshToken.name === now &&
      (this.#plan.model.rotation === 'keep' ? now === spent : issue?.presentation.token === spent)
    this.#check(
      'only_descendants_replace',
      descends && after.generation === (before.generation ?? 0) + 1,
      () => `${worker.id} replaced ${spent} by ${now}`,
    )
    this.#check(
      'states_follow_the_table',
      after.lease === undefined && after.unresolved === undefined,
      () => `${worker.id} landed a grant and left the lease`,
    )
    if (issue === undefined) return
    issue.presentation.storedAt = this.#time.now
    this.#issuedAt = issue.at
    this.#landedAt = this.#time.now
    this.#onGrant()
  }

  #judgeLease(worker: Worker, before: ConnectionRecord, after: ConnectionRecord): void {
    const { lease } = after
    if (lease === undefined || (lease.owner === before.lease?.owner && lease.until === before.lease.until)) return
    const now = this.#time.now
    if (before.lease !== undefined && before.lease.owner !== worker.id) {
      count(this.counts, 'leases taken over')
      this.#check(
        'leases_are_respected',
        now - this.#leasedAt >= this.#plan.timing.leaseMs,
        () => `${worker.id} took the lease of ${before.lease?.owner}, which was ${now - this.#leasedAt} ms old`,
      )
    }
    this.#check('leases_are_respected', lease.owner === worker.id, () => `${worker.id} took a lease for another`)
    this.#leasedAt = now
    this.#leases.set(worker, now)
  }

  #judgeRefusal(worker: Worker, { grant, trouble }: ConnectionRecord): void {
    const now = this.#time.now
    const token = this.#server.refreshToken(grant?.refreshToken)
    this.#check(
      'no_good_grant_given_up',
      token !== undefined && !this.#server.honours(token.name, now),
      () => `${worker.id} gave up ${token?.name}, which the server would still renew`,
    )
    if (token === undefined) return
    if (token.family.ended?.why === 'person') return count(this.counts, 'ended by people')
    const spent = token.firstSpentAt === Infinity ? token.family.ended?.shown : token
    const spendings = (this.#presentations.get(spent?.name ?? '') ?? []).filter(({ issued }) => issued !== undefined)
    const kinds = spendings.map((each) => excuse(each, spent === token))
    const kind = kinds.find((each) => each !== undefined)
    // What ended behind its back may have had other descendants, which were superseded.
    if (kind === undefined || (spent === token && kinds.includes(undefined))) {
      return this.fail('no_grant_lost', `${worker.id} found ${token.name} dead, and nothing excuses it`)
    }
    count(this.counts, `lost: ${kind}`)
    this.#check(
      'losses_are_told',
      spent !== token || trouble?.reason === 'grant_lost',
      () => `${token.name} was lost (${kind}), and ${worker.id} says ${trouble?.reason}`,
    )
  }

  #check(invariant: Invariant, holds: boolean, message: () => string): void {
    count(this.counts, 'checks')
    if (!holds) this.fail(invariant, message())
  }
}

/** Why what was got for a token never came into the row, or came when another had shown the token again. */
function excuse({ worker, end, issued, storedAt }: Presentation, isTheLast: boolean): LossKind | undefined {
  if (storedAt !== undefined) return isTheLast ? undefined : 'held_up'
  if (!worker.alive) return 'crash'
  if (end === 'open') return 'held_up'
  if (end !== 'granted') return 'no_reply'
  const holds = [worker.landing, worker.unsaved?.grant].some((grant) => grant?.accessToken === issued?.accessToken)
  return holds ? 'held_up' : undefined
}

function describe(row: Row | undefined): string {
  if (row === undefined) return 'none'
  const { state = 'active', grant, lease, unresolved, trouble, generation = 0 } = row.record
  const parts = [
    `v${row.version} ${state} #${generation} ${grant?.accessToken}/${grant?.refreshToken}`,
    lease && `lease ${lease.owner} spends #${lease.spending}`,
    unresolved && `unresolved ${unresolved.how}`,
    trouble && `trouble ${trouble.reason} ${trouble.failures ?? ''}`,
  ]
  return parts.filter((part) => part !== undefined).join('; ')
}
