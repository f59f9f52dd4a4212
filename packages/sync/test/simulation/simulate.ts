import { calmRun, hostileRun } from './runs.ts'
import type { RunSync } from './runs.ts'
import type { KindName } from './kinds.ts'
import { engineWrites, isEqual, sidesOf, sorted } from './sides.ts'
import { createSimulation, DAY, MINUTE, parkedRows } from './simulation-context.ts'
import type { SimulationContext } from './simulation-context.ts'
import { act, calmEdits } from './users.ts'
import { createVerdict, judgeEffort, judgeMeanwhile, judgeQuiet, judgeValues } from './verdict.ts'
import type { Admitted, Verdict, Violation } from './verdict.ts'

export interface Outcome {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly admitted: readonly Admitted[]
  readonly counts: Readonly<Record<string, number>>
}

const STEPS = 26
const MAX_CALM_ROUNDS = 6

/** Runs one history and judges it. Equal seeds give equal histories. */
export async function simulate(
  seed: number,
  kindName: KindName,
  runSync: RunSync,
  trace?: SimulationContext['trace'],
): Promise<Outcome> {
  const simulation = createSimulation(seed, kindName, trace)
  const { options, settleMs, provider, results } = simulation
  trace?.(`policy ${JSON.stringify(options.policy)} removals ${options.removals} settle ${settleMs}`)
  const verdict = createVerdict()
  await hostilePhase(simulation, runSync, verdict)
  const { rounds, neededRounds } = await calmPhase(simulation, runSync, verdict)
  const parked = await parkedRows(simulation)
  const sides = sidesOf(simulation, parked)
  const writes = engineWrites(simulation)
  await quietRound(simulation, runSync, verdict)
  if (verdict.violations.length === 0) await calmEdit(simulation, runSync, verdict)
  judgeValues(simulation, parked, sides, verdict)
  const { mayWrite, conflicts } = judgeEffort(simulation, writes, verdict)
  return {
    seed,
    violations: verdict.violations,
    admitted: verdict.admitted,
    counts: {
      edits: simulation.oracle.edits,
      conflicts,
      crashes: simulation.crashes,
      failures: provider.failures,
      writes,
      mayWrite,
      runs: results.length,
      pulls: provider.requests.pull,
      gets: provider.requests.get,
      hints: simulation.hints,
      rounds,
      neededRounds,
      braked: results.filter(({ braked }) => braked !== undefined).length,
      superseded: results.filter(({ superseded }) => superseded).length,
      finished: results.reduce((sum, { finished }) => sum + finished, 0),
      records: provider.records().length,
    },
  }
}

/** Users edit, and runs fail, die and overtake each other. */
async function hostilePhase(simulation: SimulationContext, runSync: RunSync, verdict: Verdict): Promise<void> {
  const { random, clock, provider, kind, trace } = simulation
  for (let step = 0; step < STEPS; step++) {
    const choice = random()
    if (choice < 0.6) act(simulation, 30 * MINUTE)
    else if (choice < 0.64) {
      trace?.('EXPIRE')
      provider.expire()
    } else if (choice < 0.68) provider.forgetPages()
    else {
      await hostileRun(simulation, runSync)
      if (kind.creates !== 'neither') await judgeMeanwhile(simulation, verdict)
    }
    clock.advance(Math.floor(random() ** 3 * 20 * MINUTE))
  }
}

/** Edits stop, and the provider behaves: P1. */
async function calmPhase(simulation: SimulationContext, runSync: RunSync, { violate }: Verdict) {
  simulation.provider.behave()
  let rounds = 0
  let neededRounds = 0
  for (; rounds < MAX_CALM_ROUNDS; rounds++) {
    simulation.clock.advance(2 * DAY)
    const before = engineWrites(simulation)
    const { hints } = simulation
    const result = await calmRun(simulation, runSync)
    // A hint is confirmed once more after the provider has settled.
    const isHinted = simulation.kind.removals === 'hinted' && simulation.hints > hints
    if (!result.success) violate('failed', JSON.stringify(result.errors))
    if (!isEqual(simulation, await parkedRows(simulation))) neededRounds = rounds + 1
    else if (
      rounds >= 2 &&
      engineWrites(simulation) === before &&
      result.complete &&
      !isHinted &&
      result.deferred === 0
    )
      break
  }
  const parked = await parkedRows(simulation)
  if (!isEqual(simulation, parked)) {
    const { remote, local } = sidesOf(simulation, parked)
    violate('P1', `remote ${sorted(remote)} local ${sorted(local)}`)
  } else if (neededRounds > 2) violate('P1', `equal after ${neededRounds + 1} rounds`)
  return { rounds, neededRounds }
}

async function quietRound(simulation: SimulationContext, runSync: RunSync, verdict: Verdict): Promise<void> {
  const { clock, provider } = simulation
  const parked = await parkedRows(simulation)
  const before = { writes: engineWrites(simulation), pulls: provider.requests.pull, gets: provider.requests.get }
  clock.advance(2 * DAY)
  await calmRun(simulation, runSync)
  judgeQuiet(simulation, before, parked, verdict)
}

/** Makes a few edits on each side, far apart from any trouble: each is one write on the other side. */
async function calmEdit(simulation: SimulationContext, runSync: RunSync, { violate }: Verdict): Promise<void> {
  const touched = await calmEdits(simulation)
  const before = engineWrites(simulation)
  for (let round = 0; round < 2; round++) {
    simulation.clock.advance(2 * DAY)
    await calmRun(simulation, runSync)
  }
  if (!isEqual(simulation, await parkedRows(simulation))) violate('P1', 'a calm edit did not arrive')
  const made = engineWrites(simulation) - before
  if (made !== touched) violate('P5', `${made} writes for ${touched} edited records`)
}
