import type { ModelName } from './authorization-server.ts'
import { addCounts, type Counts } from './counts.ts'
import type { Mutant } from './mutant.ts'
import { modelOf } from './plan.ts'
import { type Outcome, simulate } from './simulate.ts'

export interface Batch {
  readonly counts: ReadonlyMap<ModelName, Counts>
  /** The first schedule that broke a rule, with its trace. */
  readonly failure: Outcome | undefined
}

/**
 * Runs schedules until one breaks a rule. A seed determines its schedule, so a failed one runs once more with a trace.
 */
export async function runSchedules(
  seeds: Iterable<number>,
  options: { readonly mutant?: Mutant } = {},
): Promise<Batch> {
  const counts = new Map<ModelName, Counts>()
  for (const seed of seeds) {
    const outcome = await simulate(seed, options)
    const sum = counts.get(modelOf(seed)) ?? new Map()
    addCounts(sum, outcome.counts)
    counts.set(modelOf(seed), sum)
    if (outcome.violation !== undefined) return { counts, failure: await simulate(seed, { ...options, trace: true }) }
  }
  return { counts, failure: undefined }
}

/** Yields seeds from `first` on, `step` apart. */
export function* seedsFrom(first: number, count: number, step = 1): Generator<number> {
  for (let at = 0; at < count; at += 1) yield first + at * step
}

const LAST_LINES = 60

/** Describes a failed schedule, with the command that replays it. */
export function describeFailure({ plan, violation, trace }: Outcome): string {
  const { seed, model, workers, skewMs } = plan
  const odds = Object.entries(plan.odds).filter(([, chance]) => chance > 0)
  return [
    `Seed ${seed} broke the rule ${violation?.invariant}: ${violation?.message}.`,
    `Replay it: npm run simulate -- --schedules 1 --seed ${seed} --trace`,
    `Provider "${model.name}", tokens of ${model.lifeMs / 60_000} min; ${workers} workers, clocks ${skewMs / 1000} s off.`,
    `Faults: ${odds.map(([fault, chance]) => `${fault} ${chance.toFixed(3)}`).join(', ') || 'none'}.`,
    `Troubles: ${plan.troubles.map(({ kind }) => kind).join(', ') || 'none'}.`,
    ...(trace.length > LAST_LINES ? [`(${trace.length - LAST_LINES} lines before)`] : []),
    ...trace.slice(-LAST_LINES),
  ].join('\n')
}
