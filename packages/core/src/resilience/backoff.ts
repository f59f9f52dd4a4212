/** More doublings overflow. */
const MAX_DOUBLINGS = 52

/**
 * Returns the milliseconds to wait before a retry: exponential backoff with full jitter, so that callers which failed
 * together do not retry together.
 * @param attempt failed attempts so far, from 1
 * @param options.baseMs upper bound after the first failure; doubles with each further one
 * @param options.maxMs upper bound of every wait
 * @param random returns a number from 0 up to 1
 */
export const fullJitter = (
  attempt: number,
  options: { readonly baseMs: number; readonly maxMs: number },
  random: () => number,
): number => random() * Math.min(options.maxMs, options.baseMs * 2 ** Math.min(attempt - 1, MAX_DOUBLINGS))
