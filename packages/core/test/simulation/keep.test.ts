import { expectSchedulesToHold } from './expect-schedules-to-hold.ts'
import { it } from 'vitest'

it('logs no user out if the refresh token does not rotate: 2,500 schedules', { timeout: 300_000 }, async () => {
  await expectSchedulesToHold('keep', 2500)
})

it('logs no user out in 100 random schedules', { timeout: 60_000 }, async () => {
  await expectSchedulesToHold('keep', 100, Math.floor(Math.random() * 2 ** 31))
})
