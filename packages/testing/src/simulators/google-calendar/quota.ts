import { GoogleFailure } from './failure.ts'

const WINDOW_MS = 60_000
/** A patch counts as three requests: https://developers.google.com/workspace/calendar/api/v3/reference/events/patch */
const PATCH_UNITS = 3

/** The quota per minute and user, over a sliding window. */
export interface Quota {
  /** Counts a request, or throws if the quota is used up. */
  take(user: string, operation: string): void
}

/** @param status of a refusal; Google sends either, and clients have to handle both */
export function createQuota(now: () => number, perMinute: number, status: 403 | 429): Quota {
  const taken = new Map<string, { readonly at: number; readonly units: number }[]>()
  return {
    take(user, operation) {
      const units = operation === 'events.patch' ? PATCH_UNITS : 1
      const recent = (taken.get(user) ?? []).filter(({ at }) => at > now() - WINDOW_MS)
      taken.set(user, recent)
      const used = recent.reduce((sum, each) => sum + each.units, 0)
      if (used + units > perMinute) throw new GoogleFailure('rateLimitExceeded', { status })
      recent.push({ at: now(), units })
    },
  }
}
