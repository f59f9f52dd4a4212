import { seededRandom } from './random.ts'
import type { Trouble } from './plan.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const YEAR_MS = 365 * 24 * 60 * MINUTE

/**
 * Faults of a few schedules. Each has its own random function, so that the schedules without it stay the same.
 * Durations are milliseconds, shares from 0 to 1.
 */
export interface RareFaults {
  /** The share of processes whose clock is off by minutes to a year, and jumps. */
  readonly strayClocks: number
  /** Periods in which store operations respond late or never, or the API refuses every token. */
  readonly troubles: readonly Trouble[]
  /** Whether the store has such periods: then calls have a timeout. */
  readonly silent: boolean
  /** The interval at which the server rotates its signing key; 0: never. */
  readonly rotatesKeysMs: number
  /** Whether the token endpoint refuses a revoked grant with a reason. */
  readonly explains: boolean
  /** Whether the token endpoint sends Retry-After with up to a month. */
  readonly longWaits: boolean
}

export const noRareFaults: RareFaults = {
  strayClocks: 0,
  troubles: [],
  silent: false,
  rotatesKeysMs: 0,
  explains: true,
  longWaits: false,
}

export function makeRareFaults(seed: number): RareFaults {
  const random = seededRandom(`${seed} rare`)
  const has = (share: number): boolean => random() < share
  const between = (low: number, high: number): number => low + random() * (high - low)
  const trouble = (kind: Trouble['kind'], maxMs: number, share: number): Trouble => ({
    kind,
    grant: Math.ceil(between(0, 3)),
    afterMs: between(-5 * SECOND, 2 * SECOND),
    lastsMs: between(SECOND, maxMs),
    share,
  })
  const strayClocks = has(0.15) ? between(0.1, 0.7) : 0
  const silent = has(0.15)
  const silences = silent ? [1, 2].map(() => trouble('store_silent', 2 * MINUTE, between(0.3, 1))) : []
  // A recorded refusal of a fresh token counts until the token expires, which a wrong clock delays by up to a day.
  const denials = has(0.08) && strayClocks === 0 ? [trouble('not_allowed', 30 * MINUTE, 1)] : []
  const rotatesKeysMs = has(0.3) ? between(MINUTE, 30 * MINUTE) : 0
  const explains = !has(0.08)
  const longWaits = has(0.1)
  const limits = longWaits ? [trouble('server_limiting', MINUTE, 1)] : []
  return { strayClocks, silent, troubles: [...silences, ...denials, ...limits], rotatesKeysMs, explains, longWaits }
}

/** Returns the error of a stray clock: minutes to a year, ahead or behind. */
export const strayMs = (random: () => number): number =>
  (random() < 0.5 ? -1 : 1) * 6 * MINUTE * (YEAR_MS / (6 * MINUTE)) ** random()

/** The behaviour of a store that does not respond in time. */
export interface Silence {
  /** The delay of the operation; undefined if it is never executed. */
  readonly actsAfterMs: number | undefined
  readonly responds: boolean
}

export function silenceOf(random: () => number): Silence {
  const kind = random()
  if (kind < 0.3) return { actsAfterMs: undefined, responds: false }
  if (kind < 0.6) return { actsAfterMs: 5, responds: false }
  return { actsAfterMs: 5 * SECOND + random() * 85 * SECOND, responds: random() < 0.7 }
}
