import { renewalTiming } from '../../src/vault/renewal/refresh-timing.ts'
import type { RenewalTiming } from '../../src/vault/renewal/refresh-timing.ts'
import { seededRandom } from './random.ts'
import { makeRareFaults, noRareFaults, type RareFaults } from './rare-faults.ts'
import { type ModelName, modelNames, type ProviderModel } from './authorization-server.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Everything that a seed decides before the first event. Durations are milliseconds, odds from 0 to 1. */
export interface Plan {
  readonly seed: number
  readonly model: ProviderModel
  readonly timing: RenewalTiming
  readonly workers: number
  /** The clocks of the workers are wrong by up to this much. */
  readonly skewMs: number
  readonly faulty: boolean
  readonly odds: Odds
  /** The share of id_tokens that cannot be verified yet: issued in the future, or signed with an unlisted key. */
  readonly unverifiable: number
  readonly rare: RareFaults
  readonly troubles: readonly Trouble[]
  readonly acts: readonly Act[]
  /** The average time between two calls of one worker. */
  readonly callEveryMs: number
  /** The time after which there are no faults. */
  readonly calmAt: number
  readonly endsAt: number
}

export interface Odds {
  /** The store fails without reading or writing. */
  readonly storeFails: number
  /** The store writes, but reports a failure. */
  readonly acknowledgementLost: number
  /** A process crashes around a store operation. */
  readonly crashAtStore: number
  /** A process crashes right after it took a lease. */
  readonly crashWithLease: number
  /** A process crashes during a token request. */
  readonly crashWhileAsking: number
  /** A process crashes when the token response arrives. */
  readonly crashAtReply: number
  readonly requestLost: number
  readonly requestRefused: number
  readonly replyLost: number
  readonly replySlow: number
  /** The server succeeds, but a gateway responds with 502. */
  readonly gatewayError: number
  /** The store is unreachable for a worker from the time when its token response arrives. */
  readonly cutOffAtReply: number
  /** A process is suspended and resumed. */
  readonly pause: number
  readonly clockJump: number
}

export type TroubleKind = (typeof usualTroubles)[number] | (typeof rareTroubles)[number]
const usualTroubles = [
  'store_down',
  'store_slow',
  'server_down',
  'server_failing',
  'server_limiting',
  'app_refused',
] as const
/** `store_silent`: the store never responds, or late. `not_allowed`: the API refuses every token with 401. */
const rareTroubles = ['store_silent', 'not_allowed'] as const

/** An event around the refresh of the grant with this number, which is the critical time. */
interface Timed {
  readonly grant: number
  /** The delay after the start of the concurrent calls. */
  readonly afterMs: number
}

/** A period of trouble for the workers whose luck is below `share`. */
export interface Trouble extends Timed {
  readonly kind: TroubleKind
  readonly lastsMs: number
  readonly share: number
}

export interface Act extends Timed {
  readonly kind: 'reconnect' | 'disconnect' | 'quarantine' | 'leave'
}

const never: Odds = {
  storeFails: 0,
  acknowledgementLost: 0,
  crashAtStore: 0,
  crashWithLease: 0,
  crashWhileAsking: 0,
  crashAtReply: 0,
  requestLost: 0,
  requestRefused: 0,
  replyLost: 0,
  replySlow: 0,
  gatewayError: 0,
  cutOffAtReply: 0,
  pause: 0,
  clockJump: 0,
}

/** The maximum of each of the odds. */
const worst: Odds = {
  storeFails: 0.15,
  acknowledgementLost: 0.15,
  crashAtStore: 0.04,
  crashWithLease: 0.25,
  crashWhileAsking: 0.25,
  crashAtReply: 0.25,
  requestLost: 0.2,
  requestRefused: 0.2,
  replyLost: 0.2,
  replySlow: 0.25,
  gatewayError: 0.2,
  cutOffAtReply: 0.3,
  pause: 0.02,
  clockJump: 0.3,
}

/** Seeds take turns with the provider models. */
export const modelOf = (seed: number): ModelName => modelNames[seed % modelNames.length] ?? 'strict'

export function makePlan(seed: number): Plan {
  const name = modelOf(seed)
  const random = seededRandom(`${seed} plan`)
  const between = (low: number, high: number): number => low + random() * (high - low)
  const pick = <T>(...choices: readonly [T, ...T[]]): T => choices[Math.floor(random() * choices.length)] ?? choices[0]

  const faulty = random() < 0.85
  const skewMs = pick(0, 2 * SECOND, 20 * SECOND, 2 * MINUTE)
  const lifeMs =
    skewMs > 5 * SECOND ? pick(12 * MINUTE, 30 * MINUTE, 60 * MINUTE) : pick(90 * SECOND, 10 * MINUTE, 60 * MINUTE)
  const workers = Math.round(2 ** between(1, 6))
  const model = makeModel(name, lifeMs, random)
  const calmAt = lifeMs * between(2, 4)
  const calls = between(20, 80)

  // Most of the odds are off in any one schedule, so that each fault is also met alone.
  const level = random()
  const odds = faulty
    ? (Object.fromEntries(
        Object.entries(worst).map(([fault, most]) => [fault, random() < 0.5 ? most * level : 0]),
      ) as unknown as Odds)
    : never
  const list = <T>(most: number, make: () => T): readonly T[] =>
    Array.from({ length: faulty ? Math.floor(between(0, most + 1)) : 0 }, make)
  const troubles = list(3, (): Trouble => {
    const longest = pick(10 * SECOND, 60 * SECOND, 5 * MINUTE, 20 * MINUTE)
    return {
      kind: pick(...usualTroubles),
      grant: Math.ceil(between(0, 4)),
      afterMs: between(-10 * SECOND, 3 * SECOND),
      lastsMs: between(0, longest),
      share: pick(1, 1, 0.5, 0.2),
    }
  })
  const rare = faulty ? makeRareFaults(seed) : noRareFaults
  const acts = list(pick(0, 3), (): Act => ({
    kind: pick('reconnect', 'reconnect', 'disconnect', 'quarantine', 'leave'),
    grant: Math.ceil(between(0, 5)),
    afterMs: pick(between(0, 3 * SECOND), between(0, 30 * SECOND), between(-lifeMs / 2, lifeMs / 2)),
  }))
  return {
    seed,
    model,
    timing: { ...renewalTiming, pollMs: 2000 },
    workers,
    skewMs,
    faulty,
    odds,
    // From its own random function, so that the other schedules stay the same.
    unverifiable: seededRandom(`${seed} id_token`)() < 0.5 ? 0.3 : 0,
    rare,
    troubles: [...troubles, ...rare.troubles],
    acts,
    callEveryMs: (calmAt * workers) / calls,
    calmAt,
    // A refusal is final after the reuse window, and a wait set by another clock may be too long by two skews.
    endsAt: calmAt + 2.2 * lifeMs + (name === 'window' ? 10 * MINUTE : 0) + 2 * skewMs + 4 * MINUTE + maxWaitMs(rare),
  }
}

/** Returns the maximum wait in the row because of rare faults. */
function maxWaitMs({ strayClocks, explains, longWaits, troubles }: RareFaults): number {
  if (strayClocks > 0 || !explains || troubles.some(({ kind }) => kind === 'not_allowed')) return 70 * MINUTE
  return longWaits ? 16 * MINUTE : 0
}

function makeModel(name: ModelName, lifeMs: number, random: () => number): ProviderModel {
  const usually = random() < 0.8
  const often = random() < 0.5
  const shared = { name, lifeMs, endsAccess: often, saysLife: random() < 0.85, leavesOutSame: random() < 0.5 }
  switch (name) {
    case 'strict':
      return { ...shared, rotation: 'single_use', reuseWindowMs: 0, revokesFamily: usually }
    case 'window':
      return { ...shared, rotation: 'single_use', reuseWindowMs: 10 * MINUTE, revokesFamily: usually }
    case 'rotate':
      return { ...shared, rotation: 'rotate', reuseWindowMs: often ? 15 * MINUTE : Infinity, revokesFamily: false }
    case 'keep':
      return { ...shared, rotation: 'keep', reuseWindowMs: Infinity, revokesFamily: false }
  }
}
