import { expectSchedulesToHold } from './expect-schedules-to-hold.ts'
import { test } from 'vitest'

test(
  'no user of a provider where a refresh token is spent once is logged out: 2,500 schedules',
  { timeout: 300_000 },
  async () => {
    await expectSchedulesToHold('strict', 2500)
  },
)

test('nor in schedules that nobody has seen before', { timeout: 60_000 }, async () => {
  await expectSchedulesToHold('strict', 100, Math.floor(Math.random() * 2 ** 31))
})
