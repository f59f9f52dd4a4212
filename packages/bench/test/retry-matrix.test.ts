import { expect, it } from 'vitest'
import type { EffectKind, FailureKind } from '../src/behaviour/retry-cells.ts'
import { missedRetries, unsafeRepeats } from '../src/behaviour/retry-matrix.ts'

const row = (effect: EffectKind, failure: FailureKind, ours: number) => ({
  effect,
  failure,
  requests: { ours, ky: 1, p_retry: 3, octokit: 1 },
})

it('counts repeats of a write that may have happened, but not after a 429', () => {
  const rows = [row('write', 'reset', 3), row('destroy', 'silent', 2), row('write', 'rate_limited', 3)]
  expect(unsafeRepeats(rows, 'ours')).toBe(3)
  expect(unsafeRepeats(rows, 'ky')).toBe(0)
})

it('does not count repeats of a read, an idempotent write, or a write with a key', () => {
  const rows = [row('read', 'reset', 3), row('idempotent', 'reset', 3), row('keyed', 'reset', 3)]
  expect(unsafeRepeats(rows, 'ours')).toBe(0)
})

it('counts repeatable calls that were sent only once', () => {
  const rows = [row('read', 'reset', 1), row('keyed', 'silent', 2), row('write', 'reset', 1)]
  expect(missedRetries(rows, 'ours')).toBe(1)
  expect(missedRetries(rows, 'p_retry')).toBe(0)
})
