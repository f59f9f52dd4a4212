import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { seedsFrom } from './run-schedules.ts'
import { simulate } from './simulate.ts'

async function hashOf(seed: number): Promise<string> {
  const { trace } = await simulate(seed, { trace: true })
  expect(trace.length).toBeGreaterThan(20)
  return createHash('sha256').update(trace.join('\n')).digest('hex')
}

it('a seed always produces the same trace', async () => {
  const hashes = new Set<string>()
  for (const seed of seedsFrom(0, 40)) {
    const hash = await hashOf(seed)
    expect(await hashOf(seed)).toBe(hash)
    hashes.add(hash)
  }
  expect(hashes.size).toBe(40)
})
