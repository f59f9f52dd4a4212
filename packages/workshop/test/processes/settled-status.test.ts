import { expect, it } from 'vitest'
import { settledStatus } from './prove-survival.ts'

const results = (...states: readonly string[]) => {
  const left = [...states]
  return () => Promise.resolve({ state: left.length > 1 ? (left.shift() ?? '') : (left[0] ?? '') })
}

it('does not count a degraded connection that recovers as a loss', async () => {
  let calls = 0
  const recover = () => Promise.resolve(calls++)
  expect(await settledStatus(results('degraded', 'degraded', 'active'), { recover })).toEqual({ state: 'active' })
  expect(calls).toBe(2)
})

it('reports a connection that stays degraded', async () => {
  expect(await settledStatus(results('degraded'), { patienceMs: 0 })).toEqual({ state: 'degraded' })
})

it('reports a connection that needs its user at once', async () => {
  expect(await settledStatus(results('needs_reauth', 'active'))).toEqual({ state: 'needs_reauth' })
})
