import { expectSchedulesToHold } from './expect-schedules-to-hold.ts'
import { it } from 'vitest'

it('logs no user out if tokens rotate and old ones stay valid: 2,500 schedules', { timeout: 300_000 }, async () => {
  await expectSchedulesToHold('rotate', 2500)
})

it('logs no user out in 100 random schedules', { timeout: 60_000 }, async () => {
  await expectSchedulesToHold('rotate', 100, Math.floor(Math.random() * 2 ** 31))
})
