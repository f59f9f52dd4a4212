import process from 'node:process'
import type { SyncResult as CoreSyncResult } from '@mcpclient/core'
import type { SyncResult } from '@mcpclient/sync'
import { seededRandom } from '@mcpclient/testing'
import type { FakeClock } from '@mcpclient/testing'
import type { Table } from './memory-table.ts'

/** Runs a request, with faults of the network around it. */
export type Around = (send: () => Promise<Response>, request: Request) => Promise<Response>

/** The sources of chance in a history. */
export interface HistoryContext {
  readonly random: () => number
  readonly chance: (probability: number) => boolean
  readonly pick: <Item>(list: readonly Item[]) => Item | undefined
  readonly around: Around
}

/** The counts that the rounds of a history reported. */
export type HistoryReport = Readonly<Record<'conflicts' | 'unknown' | 'unconditional', number>>

export interface Judgement {
  /** The guarantees that did not hold. */
  readonly violations: readonly string[]
  /** The losses that the guarantees of the provider's kind allow. */
  readonly admitted?: readonly string[] | undefined
}

/** Both sides of a sync, and the users who edit them. */
export interface HistoryScene {
  readonly clock: FakeClock
  readonly table: Table
  /** Makes one random edit by a user of one side. */
  edit(): Promise<void> | void
  round(): Promise<CoreSyncResult>
  /** Expires every checkpoint. */
  expire(): void
  /** Expires every page token. */
  expirePages(): void
  /** Switches random faults of the provider off. */
  behave(): void
  /** Returns the number of writes at the provider, without those of users. */
  writes(): number
  /** Returns the cost of the requests so far: their number, or units of a quota. */
  cost(): number
  /** Judges both sides by the actions of the users alone, after everything has settled. */
  judge(report: HistoryReport): Promise<Judgement> | Judgement
  /** Further events of the history. */
  readonly counts?: Readonly<Record<string, number>> | undefined
}

export interface HistoryOptions {
  /** @default 10 */
  readonly steps?: number | undefined
  /** @default 2 */
  readonly maxEditsPerStep?: number | undefined
  /**
   * The longest pause before most rounds, and before three in ten.
   * @default [60_000, 900_000]
   */
  readonly maxPausesMs?: readonly [usual: number, long: number] | undefined
  /** Probabilities, per request or per round. */
  readonly rates?:
    | {
        /**
         * The network fails before a request; and as often after its effect.
         * @default 0.05
         */
        readonly failure?: number | undefined
        /**
         * A user edits during a request.
         * @default 0.03
         */
        readonly during?: number | undefined
        /** @default 0.1 */
        readonly expiry?: number | undefined
      }
    | undefined
  /** The cost of a round that finds no change. */
  readonly quietCost: number
  readonly compose: (context: HistoryContext) => HistoryScene
}

export interface HistoryOutcome extends Judgement {
  /** The events of the history. A batch without one of them has proved nothing about it. */
  readonly counts: Readonly<Record<string, number>>
}

const DAY = 86_400_000
/** Rounds without faults. The engine retries a record after hours if it failed three times. */
const CALM_ROUNDS = 4

/** Runs one history of random edits and faults on both sides. */
export async function hostileHistory(
  seed: number,
  { steps = 10, maxEditsPerStep = 2, maxPausesMs = [60_000, 900_000], rates = {}, quietCost, compose }: HistoryOptions,
): Promise<HistoryOutcome> {
  const { failure = 0.05, during = 0.03, expiry = 0.1 } = rates
  const random = seededRandom(seed)
  const chance = (probability: number): boolean => random() < probability
  const pick = <Item>(list: readonly Item[]): Item | undefined => list[Math.floor(random() * list.length)]
  const counts = { edits: 0, faults: 0, during: 0, expired: 0 }
  const report = { conflicts: 0, unknown: 0, unconditional: 0 }
  const violations: string[] = []
  let isHostile = true

  const mayFail = (): void => {
    if (!isHostile || !chance(failure)) return
    counts.faults++
    throw new TypeError('The network failed.')
  }
  const scene = compose({
    random,
    chance,
    pick,
    async around(send) {
      mayFail()
      const response = await send()
      if (isHostile && chance(during)) {
        counts.during++
        await edit()
      }
      mayFail()
      return response
    },
  })
  const edit = async (): Promise<void> => {
    counts.edits++
    await scene.edit()
  }
  const round = async (): Promise<SyncResult> => {
    // The engine of the plan counts more than the port of core names.
    const result = (await scene.round()) as unknown as SyncResult
    report.conflicts += result.conflicts
    report.unknown += result.unknown
    report.unconditional += result.unconditional
    return result
  }

  for (let step = 0; step < steps; step++) {
    const total = Math.floor(random() * (maxEditsPerStep + 1))
    for (let n = 0; n < total; n++) await edit()
    await scene.clock.advance(Math.floor(random() * maxPausesMs[chance(0.3) ? 1 : 0]))
    if (chance(expiry)) {
      counts.expired++
      scene.expire()
    }
    if (chance(0.05)) scene.expirePages()
    await round()
  }
  isHostile = false
  scene.behave()
  for (let n = 0; n < CALM_ROUNDS; n++) {
    await scene.clock.advance(DAY + 3_600_000)
    const { success, errors } = await round()
    if (!success) violations.push(`a calm round failed: ${JSON.stringify(errors)}`)
  }

  const { table } = scene
  const before = { writes: scene.writes(), rows: table.writes, cost: scene.cost() }
  await round()
  if (scene.writes() !== before.writes || table.writes !== before.rows) violations.push('P2: a quiet round writes')
  const cost = scene.cost() - before.cost
  if (cost !== quietCost) violations.push(`P7: a quiet round costs ${cost}`)

  const judgement = await scene.judge(report)
  return {
    violations: [...violations, ...judgement.violations],
    admitted: judgement.admitted,
    counts: { ...counts, ...scene.counts },
  }
}

/** Returns how many histories to run: `HISTORIES` of the environment, as long runs set it, or this number. */
export const historyCount = (inShortRuns: number): number => Number(process.env['HISTORIES'] ?? inShortRuns)

/** The result of a batch of histories. */
export interface HistoriesOutcome {
  /** The violations of the first history that has some, and its seed. */
  readonly violations: readonly string[]
  /** Events that happened in no history. */
  readonly missing: readonly string[]
  /** The number of histories with each loss that was admitted. */
  readonly admitted: Readonly<Record<string, number>>
}

/** Runs histories with the seeds from 1, until one violates a guarantee. */
export async function hostileHistories(total: number, options: HistoryOptions): Promise<HistoriesOutcome> {
  const counts: Record<string, number> = {}
  const admitted: Record<string, number> = {}
  for (let seed = 1; seed <= total; seed++) {
    const history = await hostileHistory(seed, options)
    for (const [name, count] of Object.entries(history.counts)) counts[name] = (counts[name] ?? 0) + count
    for (const name of history.admitted ?? []) admitted[name] = (admitted[name] ?? 0) + 1
    if (history.violations.length > 0)
      return { violations: [`seed ${seed}`, ...history.violations], missing: [], admitted }
  }
  return { violations: [], missing: Object.keys(counts).filter((name) => counts[name] === 0), admitted }
}
