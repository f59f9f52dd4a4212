import { diceOf } from './random.ts'
import type { Trouble } from './plan.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const YEAR_MS = 365 * 24 * 60 * MINUTE

/**
 * Faults that only some of the schedules have. Each is decided by dice of its own, so that the schedules without it stay as
 * they are. Durations are milliseconds, shares from 0 to 1.
 */
export interface RareFaults {
  /** The share of processes whose clock is off by minutes to a year, and jumps. */
  readonly strayClocks: number
  /** Times in which operations of the store never respond, or respond late, and in which the API refuses every token. */
  readonly troubles: readonly Trouble[]
  /** Whether the store has such times: then calls have a time limit. */
  readonly silent: boolean
  /** The server signs id_tokens with another key this often; 0: never. */
  readonly rotatesKeysMs: number
  /** The token endpoint refuses an ended grant with a reason. */
  readonly explains: boolean
  /** The token endpoint asks for waits of up to a month. */
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
  const random = diceOf(`${seed} rare`)
  const has = (share: number): boolean => random() < share
  const between = (low: number, high: number): number => low + random() * (high - low)
  const trouble = (kind: Trouble['kind'], longestMs: number, share: number): Trouble => ({
    kind,
    grant: Math.ceil(between(0, 3)),
    afterMs: between(-5 * SECOND, 2 * SECOND),
    lastsMs: between(SECOND, longestMs),
    share,
  })
  const strayClocks = has(0.15) ? between(0.1, 0.7) : 0
  const silent = has(0.15)
  const silences = silent ? [1, 2].map(() => trouble('store_silent', 2 * MINUTE, between(0.3, 1))) : []
  // A note that a fresh token was refused counts until the token ends, which a wrong clock puts off for up to a day.
  const denials = has(0.08) && strayClocks === 0 ? [trouble('not_allowed', 30 * MINUTE, 1)] : []
  const rotatesKeysMs = has(0.3) ? between(MINUTE, 30 * MINUTE) : 0
  const explains = !has(0.08)
  const longWaits = has(0.1)
  const limits = longWaits ? [trouble('server_limiting', MINUTE, 1)] : []
  return { strayClocks, silent, troubles: [...silences, ...denials, ...limits], rotatesKeysMs, explains, longWaits }
}

/** How far a stray clock is off: minutes to a year, ahead or behind. */
export const strayMs = (random: () => number): number =>
  (random() < 0.5 ? -1 : 1) * 6 * MINUTE * (YEAR_MS / (6 * MINUTE)) ** random()

/** What the store does with an operation that it does not respond to in time. */
export interface Silence {
  /** Whether it acts at all, and after how long. */
  readonly actsAfterMs: number | undefined
  readonly responds: boolean
}

export function silenceOf(random: () => number): Silence {
  const kind = random()
  if (kind < 0.3) return { actsAfterMs: undefined, responds: false }
  if (kind < 0.6) return { actsAfterMs: 5, responds: false }
  return { actsAfterMs: 5 * SECOND + random() * 85 * SECOND, responds: random() < 0.7 }
}
