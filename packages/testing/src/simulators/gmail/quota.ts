import { GmailFailure } from './failure.ts'

const WINDOW_MS = 60_000

/** The quota of a user, over a sliding window. */
export interface GmailQuota {
  /** Counts units, or throws if the quota is used up. */
  take(units: number): void
  /** Units of all requests so far that were not refused. */
  used(): number
}

export function createGmailQuota(now: () => number, perMinute: number, status: 403 | 429): GmailQuota {
  let recent: { readonly at: number; readonly units: number }[] = []
  let total = 0
  return {
    take(units) {
      if (perMinute < Number.POSITIVE_INFINITY) {
        recent = recent.filter(({ at }) => at > now() - WINDOW_MS)
        const used = recent.reduce((sum, each) => sum + each.units, 0)
        if (used + units > perMinute) throw new GmailFailure('userRateLimitExceeded', { status })
        recent.push({ at: now(), units })
      }
      total += units
    },
    used: () => total,
  }
}
