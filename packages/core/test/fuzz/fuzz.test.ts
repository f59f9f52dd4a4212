import { expect, it } from 'vitest'
import { runFuzz } from './run-fuzz.ts'

const INPUTS = 3000

it('handle and composition keep their contract for any input', { timeout: 120_000 }, async () => {
  const { counts, failure } = await runFuzz(1, INPUTS)
  expect(failure).toBeUndefined()
  expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(INPUTS)
  for (const outcome of ['success', 'INVALID_INPUT', 'ROUTING_ERROR', 'TOOL_NOT_SUPPORTED', 'composed', 'refused']) {
    expect(counts.get(outcome), outcome).toBeGreaterThan(10)
  }
})
