import type { PairRecord } from '../../src/pairs.ts'
import type { Parked } from '../../src/parked-records.ts'
import { engineWrites, presentWords, wordsTwice } from './sides.ts'
import type { Sides } from './sides.ts'
import { PREFIX } from './simulation-context.ts'
import type { SimulationContext } from './simulation-context.ts'

/** The predicates of the property test. */
export type Predicate = 'P1' | 'P2' | 'P3' | 'P4' | 'P5' | 'P6' | 'P7' | 'failed'

export interface Violation {
  readonly predicate: Predicate
  readonly text: string
}

/** A loss that the guarantees of a kind allow, and that the results reported. */
export type Admitted = 'lost' | 'lost in the lag' | 'duplicate' | 'respelled' | 'repeated' | 'twice for a while'

/** The predicates that a history broke, and the losses that its kind allows. */
export interface Verdict {
  readonly violations: readonly Violation[]
  readonly admitted: readonly Admitted[]
  violate(predicate: Predicate, text: string): void
  admit(loss: Admitted): void
}

export function createVerdict(): Verdict {
  const violations: Violation[] = []
  const admitted: Admitted[] = []
  return {
    violations,
    admitted,
    violate: (predicate, text) => void violations.push({ predicate, text }),
    admit: (loss) => void admitted.push(loss),
  }
}

/** P4, while users edit: what is there twice may be edited twice. */
export async function judgeMeanwhile(simulation: SimulationContext, { violate, admit }: Verdict): Promise<void> {
  const { provider, replica, oracle, kind, interrupted } = simulation
  const isInterrupted = (word: string): boolean =>
    [...interrupted].some(({ record }) => record === oracle.recordOf(word))
  for (const rows of [provider.records(), replica.rows()]) {
    const twice = wordsTwice(rows.map(({ item }) => item))
    if (twice.length === 0) continue
    // A record that was removed before its create was repeated has another one after it.
    const isRepeated = kind.creates === 'keys' && twice.every((word) => isInterrupted(word) && oracle.wasRemoved(word))
    // Precedes the other reason, because the second row of a parked create may stay.
    if (kind.creates === 'keys' && (await isCreateParked(simulation))) admit('twice for a while')
    else if (isRepeated) admit('repeated')
    else violate('P4', `for a while, twice: ${twice.join()}`)
  }
}

/**
 * Returns whether a create is parked after three failures or abandoned, so it holds no record back, or takes its record from
 * another row.
 */
async function isCreateParked({ store }: SimulationContext): Promise<boolean> {
  const pairs = await store.list(`${PREFIX}/m/`)
  const failures = await store.list(`${PREFIX}/f/`)
  const failing = failures.entries.filter(({ value }) => Number(value) >= 3).map(({ key }) => key.split('/').at(-1))
  return pairs.entries.some(({ key, value }) => {
    const { intent } = JSON.parse(value) as PairRecord
    if (intent?.kind !== 'create_remote') return false
    return intent.twin !== undefined || intent.abandoned || failing.includes(key.split('/').at(-1))
  })
}

/** P3, P4 and P6: no value is lost, no record is there twice, and nothing removed lives again. */
export function judgeValues(
  simulation: SimulationContext,
  parked: readonly Parked[],
  sides: Sides,
  { violate, admit, admitted }: Verdict,
): void {
  const { kind, oracle, provider, replica, results, trace } = simulation
  // The result of a run that died is lost with it.
  const reported = (isReported: (result: (typeof results)[number]) => boolean): boolean =>
    simulation.crashes > 0 || results.some(isReported)

  const lost = oracle.lost(presentWords(simulation, parked))
  if (lost.length > 0) {
    trace?.(`LOST ${lost.join()}`)
    const isAdmitted = !isConditional(simulation) && reported(({ unconditional }) => unconditional > 0)
    if (isAdmitted) admit(simulation.settleMs > 0 ? 'lost in the lag' : 'lost')
    else violate('P3', `lost ${lost.join()}`)
  }
  for (const rows of [sides.remote, sides.local]) {
    const twice = wordsTwice(rows)
    if (twice.length === 0) continue
    if (kind.creates === 'neither' && reported(({ unknown }) => unknown > 0)) admit('duplicate')
    // The second row of a create that failed, and the record that a repeated key created after the removal of the first.
    else if (admitted.includes('twice for a while') && twice.every((word) => oracle.wasRemoved(word)))
      admit('duplicate')
    else violate('P4', `twice: ${twice.join()}`)
  }
  for (const { item } of [...provider.records(), ...replica.rows()]) {
    if (!oracle.resurrected(item)) continue
    const records = Object.values(item).map((word) => oracle.recordOf(word))
    if ([...simulation.interrupted].some((write) => records.includes(write.record))) admit('respelled')
    else violate('P6', `lives again: ${Object.values(item).join()}`)
  }
}

/** P5 and P7: no more writes and reads than the edits, conflicts and faults explain. */
export function judgeEffort(
  simulation: SimulationContext,
  writes: number,
  { violate }: Verdict,
): { readonly mayWrite: number; readonly conflicts: number } {
  const { oracle, provider, results, hints, kind } = simulation
  const crashes = simulation.crashes + provider.failures
  const conflicts = results.reduce((sum, result) => sum + result.conflicts + result.restored, 0)
  const mayWrite = oracle.edits + conflicts + crashes
  if (writes > mayWrite) violate('P5', `${writes} writes, at most ${mayWrite}`)
  const mayConfirm = kind.removals === 'hinted' ? hints : 0
  const mayCompare = isConditional(simulation) ? 0 : 2 * provider.writes()
  const mayRead = oracle.edits + 2 * conflicts + crashes + mayConfirm + mayCompare
  if (provider.requests.get > mayRead) violate('P7', `${provider.requests.get} reads, at most ${mayRead}`)
  return { mayWrite, conflicts }
}

/** P2 and P7: a round without an edit writes nothing, and reads the fewest pages. */
export function judgeQuiet(
  simulation: SimulationContext,
  before: { readonly writes: number; readonly pulls: number; readonly gets: number },
  parked: readonly Parked[],
  { violate }: Verdict,
): void {
  const { kind, provider } = simulation
  const written = engineWrites(simulation) - before.writes
  if (written > 0) violate('P2', `${written} writes without an edit`)
  const pages = kind.removals === 'listed' ? Math.max(1, Math.ceil(provider.size() / 2)) : 1
  const pulls = provider.requests.pull - before.pulls
  const gets = provider.requests.get - before.gets
  const openUnknown = parked.some((row) => row.kind === 'unknown')
  if (pulls > pages || (gets > 0 && !openUnknown)) violate('P7', `a quiet round made ${pulls} pulls and ${gets} reads`)
}

const isConditional = ({ kind }: SimulationContext): boolean => kind.conditionalRemovals ?? kind.etags
