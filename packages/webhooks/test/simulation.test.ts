import { expect, it } from 'vitest'
import { simulate } from './simulation/simulate.ts'

const DAY = 86_400_000
const HOUR = DAY / 24

it(
  'W25: leaves no gap while a fifth of the renewals fail and processes stop at random',
  { timeout: 120_000 },
  async () => {
    const result = await simulate({ seed: 1, channels: 20, days: 90 })
    expect(result.gaps).toEqual([])
    expect(result.lapses).toBe(0)
    expect(result.live).toBeGreaterThanOrEqual(20)
    expect(result.stops).toBeGreaterThan(0)
    expect(result.failed).toBeGreaterThan(50)
  },
)

it(
  'W25: pulls within a minute after a gap, which renewals that fail and a long downtime cause',
  { timeout: 120_000 },
  async () => {
    const options = { outages: [{ from: 10, days: 3 }], downtimes: [{ from: 40, days: 8 }] }
    const result = await simulate({ seed: 2, channels: 20, days: 60, ...options })
    expect(result.gaps.length).toBeGreaterThan(20)
    expect(result.lateAfterGap).toEqual([])
    expect(result.slowestRecoveryMs).toBeLessThan(3 * HOUR)
    expect(result.lapses).toBeGreaterThan(20)
  },
)
