import { memoryStore } from '@mcpclient/core'
import type { Clock, Store } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { simulatedProvider } from '@mcpclient/testing/simulators'
import type { SimulatedProvider, SimulatedRecord } from '@mcpclient/testing/simulators'
import type { SyncEngineOptions } from '../../src/options.ts'
import { parkedRecords } from '../../src/parked-records.ts'
import type { Parked } from '../../src/parked-records.ts'
import type { SyncResult } from '../../src/result.ts'
import { simulatedReplica } from '../simulated-replica.ts'
import type { SimulatedReplica } from '../simulated-replica.ts'
import { fastKeys } from './fast-keys.ts'
import { kinds } from './kinds.ts'
import type { Kind, KindName } from './kinds.ts'
import { createOracle, spelling } from './oracle.ts'
import type { Oracle, Values } from './oracle.ts'

export const FIELDS = ['title', 'place'] as const
export const MINUTE = 60_000
const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
export const PREFIX = 'sync/test'

/** One history: the provider, the host, their users, and the runs between them. */
export interface SimulationContext {
  readonly kind: Kind
  readonly random: () => number
  readonly clock: Clock & { advance(ms: number): void }
  readonly provider: SimulatedProvider
  readonly replica: SimulatedReplica
  readonly store: Store
  readonly oracle: Oracle
  readonly options: Omit<SyncEngineOptions, 'remote' | 'replica' | 'store'>
  readonly settleMs: number
  records: number
  /** The host shows no rows. */
  isBlank: boolean
  crashes: number
  /** Ids that the provider reported as removed, and the records that once had a row. */
  hints: number
  readonly withRow: Set<number | undefined>
  readonly results: SyncResult[]
  /** Records with a write whose response did not arrive: the provider's spelling looks like an edit then. */
  readonly interrupted: Set<{ readonly record: number | undefined }>
  /** The creates that were begun, by marker and time. A retry writes the same one again. */
  readonly begunCreates: Set<string>
  /** Gets a line for each event. Writing them takes time, so most runs have none. */
  readonly trace: ((line: string) => void) | undefined
}

export const pick = <Value>(random: () => number, values: readonly Value[]): Value | undefined =>
  values[Math.floor(random() * values.length)]

function createClock(): SimulationContext['clock'] {
  let now = Date.UTC(2026, 0, 1)
  return {
    now: () => now,
    monotonic: () => now,
    schedule: () => () => {},
    advance(ms) {
      now += ms
    },
  }
}

/** Creates the two sides and the faults of a seed. */
export function createSimulation(
  seed: number,
  kindName: KindName,
  trace: SimulationContext['trace'],
): SimulationContext {
  const random = seededRandom(`${kindName} ${seed}`)
  const kind = kinds[kindName]
  const clock = createClock()
  const settleMs = random() < 0.4 ? 5 * MINUTE : 0
  const revisions = random() < 0.8
  const stalePages = revisions ? 0.25 : 0
  const provider = simulatedProvider({
    now: clock.now,
    random,
    ...kind,
    tombstones: kind.removals !== 'listed',
    ...(kind.creates === 'keys' && {
      repeatedKeys: random() < 0.5 ? 'response' : 'record',
      ...(random() < 0.2 && { failCreates: 0.5 }),
    }),
    ...(kind.removals === 'hinted' && { isListed }),
    revisions,
    lagMs: settleMs,
    normalize: (item) => ({ ...item, title: spelling(item['title']) }),
    checkpoints: random() < 0.5 ? 'last' : 'every',
    failBefore: 0.02,
    failAfter: 0.04,
    stalePages,
    repeatedPages: 0.1,
    emptyPages: 0.05,
  })
  const policy = pick(random, ['remote', 'remote', 'local', 'park'] as const)
  const removals = pick(random, ['edit', 'edit', 'edit', 'removal'] as const)
  return {
    kind,
    random,
    clock,
    provider,
    replica: simulatedReplica(),
    store: memoryStore({ clock }),
    oracle: createOracle(),
    settleMs,
    options: {
      prefix: PREFIX,
      keys: fastKeys,
      policy,
      removals,
      brake: { share: 0.3, atLeast: 3 },
      fullEveryMs: HOUR,
      clock,
    },
    records: 0,
    isBlank: false,
    crashes: 0,
    hints: 0,
    withRow: new Set(),
    results: [],
    interrupted: new Set(),
    begunCreates: new Set(),
    trace,
  }
}

/** Returns whether the list of a provider that hints removals has an item. A user moves it out of the list with another word. */
function isListed({ place }: Values): boolean {
  return Number(String(place).slice(1)) % 5 !== 0
}

/** Notes which records have a row, for {@link shownRecords}. */
export function noteRows({ replica, oracle, withRow, kind }: SimulationContext): void {
  if (kind.removals !== 'hinted') return
  for (const { item } of replica.rows()) {
    for (const word of Object.values(item)) withRow.add(oracle.recordOf(word))
  }
}

/** Returns the provider's records that belong into the host's table: those in the list, and those that once had a row. */
export function shownRecords(
  { provider, oracle, withRow, kind }: SimulationContext,
  parked: readonly Parked[],
): readonly SimulatedRecord[] {
  const records = provider.records()
  if (kind.removals !== 'hinted') return records
  // After a conflict, a record has words of two.
  const hasRow = (item: Values): boolean => Object.values(item).some((word) => withRow.has(oracle.recordOf(word)))
  const waiting = parked.filter(({ kind }) => kind === 'conflict' || kind === 'removed')
  const isParked = (id: string): boolean => waiting.some(({ remoteId }) => remoteId === id)
  return records.filter(({ id, item }) => isListed(item) || hasRow(item) || isParked(id))
}

export async function parkedRows({ store, options }: SimulationContext): Promise<readonly Parked[]> {
  const rows: Parked[] = []
  for await (const row of parkedRecords({ store, prefix: PREFIX, keys: options.keys })) rows.push(row)
  return rows
}
