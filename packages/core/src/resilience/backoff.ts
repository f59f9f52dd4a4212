/**
 * How long to wait before trying again: anything between nothing and a doubling bound, so that callers who failed
 * together do not come back together.
 * @param attempt how many attempts have failed, from 1
 * @param options.baseMs bound after the first failure
 * @param options.maxMs bound that is never passed
 * @param random answers a number from 0 up to 1
 */
export const fullJitter = (
  attempt: number,
  options: { readonly baseMs: number; readonly maxMs: number },
  random: () => number,
): number => random() * Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, MOST_DOUBLINGS))

/** Past this, doubling changes nothing but overflows. */
const MOST_DOUBLINGS = 52
