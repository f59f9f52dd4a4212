import { seededRandom } from './random.ts'
import type { ConnectionRecord } from '../../src/vault/connection-record.ts'
import { AuthorizationServer, refreshOf } from './authorization-server.ts'
import { count, type Counts } from './counts.ts'
import { Judge, type LastCall } from './judge.ts'
import type { Mutant } from './mutant.ts'
import { noMutant } from './mutants.ts'
import { type Act, makePlan, type Plan, type Trouble } from './plan.ts'
import { silenceOf } from './rare-faults.ts'
import { between, type SimulationContext } from './simulation-context.ts'
import { UnreliableStore } from './unreliable-store.ts'
import { VirtualTime } from './virtual-time.ts'
import type { Violation } from './verdict.ts'
import { Worker } from './worker.ts'

export interface Outcome {
  readonly plan: Plan
  readonly counts: Counts
  readonly violation: Violation | undefined
  /** The events, one a line, if requested. */
  readonly trace: readonly string[]
}

const EPOCH = Date.UTC(2026, 10, 21, 12)

/** Runs the schedule of a seed, deterministically. */
export async function simulate(
  seed: number,
  options: { readonly mutant?: Mutant; readonly trace?: boolean } = {},
): Promise<Outcome> {
  const plan = makePlan(seed)
  const { mutant = noMutant } = options
  const random = seededRandom(`${seed} events`)
  const time = new VirtualTime()
  const trace: string[] = []
  const note = (who: string, what: () => string): void => {
    if (options.trace === true) trace.push(`${(time.now / 1000).toFixed(3).padStart(10)}  ${who.padEnd(8)} ${what()}`)
  }
  const server = new AuthorizationServer(plan.model)
  const judge = new Judge({ plan, time, server, onGrant: planRush, note })
  const workers: Worker[] = []
  let made = 0
  const suffered: { trouble: Trouble; from: number }[] = []
  let grants = 0
  const isCalm = (): boolean => time.now >= plan.calmAt

  const simulation: SimulationContext = {
    plan,
    time,
    random,
    server,
    judge,
    happens: (fault) => plan.odds[fault] > 0 && !isCalm() && random() < plan.odds[fault],
    suffers: (worker, kind) =>
      !isCalm() &&
      ((kind === 'store_down' && time.now < worker.cutOffUntil) ||
        suffered.some(
          ({ trouble, from }) =>
            trouble.kind === kind &&
            time.now >= from &&
            time.now < from + trouble.lastsMs &&
            worker.luck < trouble.share,
        )),
    silence: (worker) =>
      plan.rare.silent && simulation.suffers(worker, 'store_silent') && random() < 0.5 ? silenceOf(random) : undefined,
    crash(worker, where) {
      if (!worker.alive) return
      worker.alive = false
      note(worker.id, () => `crashes ${where}`)
      count(judge.counts, 'crashes')
      if (random() < 0.8 || workers.every(({ alive }) => !alive)) {
        time.after(-Math.log(1 - random()) * 20_000, () => start(worker.skewMs))
      }
    },
    note,
  }
  const store = new UnreliableStore(simulation)

  function start(skewMs: number): void {
    const worker = new Worker(simulation, store, { id: `w${++made}`, skewMs, luck: random(), mutant })
    workers.push(worker)
    note(worker.id, () => `starts, its clock ${Math.round(skewMs)} ms off`)
    const again = (): void => {
      time.after(-Math.log(1 - random()) * plan.callEveryMs * (isCalm() ? 2 : 1), () => {
        if (!worker.alive) return
        if (!worker.wasStray && simulation.happens('clockJump')) {
          worker.skewMs = between(simulation, -plan.skewMs, plan.skewMs)
          worker.jumpedAt = time.now
        }
        callBy(worker)
        again()
      })
    }
    again()
  }

  function callBy(worker: Worker): void {
    void worker.call().then((end) => {
      note(worker.id, () => `call ${end.how}${end.how === 'failed' ? `: ${String(end.error)}` : ''}`)
      judge.ended(worker, end)
    })
  }

  /** Schedules many concurrent calls when a grant is due, which is the critical time. */
  function planRush(): void {
    const { lifeMs } = plan.model
    const rushAt = lifeMs * between(simulation, 0.84, 1.02)
    const part = random() ** 2
    grants += 1
    for (const trouble of plan.troubles) {
      if (trouble.grant === grants) suffered.push({ trouble, from: time.now + rushAt + trouble.afterMs })
    }
    for (const each of plan.acts) {
      if (each.grant === grants) time.after(rushAt + each.afterMs, () => void act(each))
    }
    time.after(rushAt, () => {
      if (time.now > plan.endsAt) return
      for (const worker of workers) {
        if (worker.alive && random() < part)
          time.after(between(simulation, 0, 1500), () => worker.alive && callBy(worker))
      }
    })
  }

  async function act({ kind }: Act): Promise<void> {
    if (isCalm()) return
    const before = await store.peek()
    count(judge.counts, 'user actions')
    const accessToken = before?.record.grant?.accessToken
    const family = accessToken === undefined ? undefined : server.familyOf(accessToken)
    if (family !== undefined && (kind !== 'reconnect' || random() < 0.5)) server.end(family, 'user')
    note('user', () => `does: ${kind}`)
    switch (kind) {
      case 'reconnect':
        return store.force(connected(before?.record))
      case 'disconnect':
        return store.force(undefined)
      case 'quarantine': {
        if (before === undefined) return
        const { lease, unresolved: _unresolved, ...record } = before.record
        const kept = random() < 0.5 && lease !== undefined ? { lease } : {}
        return store.force({
          ...record,
          ...kept,
          state: 'revoked',
          trouble: { reason: 'quarantined', since: EPOCH + time.now },
        })
      }
      // On the provider's own page, which does not notify us.
      case 'leave':
        return undefined
    }
  }

  function connected(before: ConnectionRecord | undefined): ConnectionRecord {
    const { accessToken, refreshToken, lifeMs } = server.consent(time.now)
    const issuedAt = EPOCH + time.now + between(simulation, -plan.skewMs, plan.skewMs)
    return {
      credential: {},
      generation: (before?.generation ?? -1) + 1,
      grant: {
        accessToken,
        refreshToken: refreshToken.name,
        issuedAt,
        ...(lifeMs !== undefined && { expiresAt: issuedAt + lifeMs }),
      },
    }
  }

  time.after(0, () => void store.force(connected(undefined)))
  for (let at = 0; at < plan.workers; at += 1) {
    time.after(1 + at, () => start(between(simulation, -plan.skewMs, plan.skewMs)))
  }
  time.after(plan.calmAt, () => {
    note('all', () => 'from here on nothing fails')
    if (workers.every(({ alive }) => !alive)) start(0)
  })
  const shouldContinue = (): boolean => judge.shouldContinue()
  await time.pass(plan.endsAt, shouldContinue)

  // Every worker calls: the first call may be refused, the second may confirm it, the third must find a final state.
  const living = workers.filter(({ alive }) => alive)
  const ends = new Map<Worker, LastCall>()
  const LAPSED_MS = 40_000
  // A refusal without a reason is believed after ten minutes.
  const unexplainedMs = plan.rare.explains ? [] : [1, 2, 3, 4].map(() => 4 * 60_000)
  for (const waitMs of [
    ...unexplainedMs,
    (refreshOf(plan.model).reuseWindowMs ?? 0) + 2 * plan.skewMs + LAPSED_MS,
    LAPSED_MS,
    LAPSED_MS,
  ]) {
    for (const worker of living) {
      time.after(between(simulation, 0, 1000), () => {
        worker.forget()
        const { row } = judge
        void worker.call().then((end) => {
          note(worker.id, () => `last call ${end.how}`)
          ends.set(worker, { end, rows: [row, judge.row] })
        })
      })
    }
    if (judge.violation === undefined) await time.pass(time.now + waitMs, shouldContinue)
    if (living.every((worker) => judge.isAtRest(ends.get(worker)))) break
  }
  if (judge.violation === undefined) for (const worker of living) judge.rested(worker, ends.get(worker))
  count(judge.counts, 'schedules')
  count(judge.counts, 'events', time.events)
  return { plan, counts: judge.counts, violation: judge.violation, trace }
}
