import fc from 'fast-check'
import { expect, it } from 'vitest'
import { isRefusedFresh, isValid, mayBeStale, renewAt } from '../../../src/vault/renewal/refresh-timing.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000
const grant = (lifeMs: number) => ({ accessToken: 'a', issuedAt: NOW, expiresAt: NOW + lifeMs })
const place = fc.string({ minLength: 1 })

it('renewAt is in the last tenth of the life of a token, at most five minutes before its expiry', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 90 * 24 * 60 * MINUTE }), place, (lifeMs, where) => {
      const margin = NOW + lifeMs - renewAt(grant(lifeMs), where)
      const most = Math.min(5 * MINUTE, lifeMs / 10)
      expect(margin).toBeLessThanOrEqual(most + 0.01)
      expect(margin).toBeGreaterThanOrEqual(most / 2 - 0.01)
    }),
  )
})

it('renewAt differs for a thousand connections that were made together', () => {
  const seconds = Array.from({ length: 1000 }, (_, at) =>
    Math.floor(renewAt(grant(60 * MINUTE), `connection/demo/user${at}/default`) / 1000),
  )
  const together = Math.max(...[...new Set(seconds)].map((each) => seconds.filter((one) => one === each).length))
  expect(together).toBeLessThan(40)
  expect(renewAt(grant(60 * MINUTE), 'x')).toBe(renewAt(grant(60 * MINUTE), 'x'))
})

it('renewAt is absent for a token without expiry, until a refusal teaches its life', () => {
  const silent = { accessToken: 'a', issuedAt: NOW }
  expect(renewAt(silent, 'x')).toBe(Infinity)
  expect(renewAt({ ...silent, learntLifeMs: 60 * MINUTE }, 'x')).toBe(renewAt(grant(60 * MINUTE), 'x'))
  expect(isValid(silent, NOW + 1e12)).toBe(true)
})

it('an expired token is due at once', () => {
  expect(renewAt(grant(-MINUTE), 'x')).toBe(NOW - MINUTE)
})

it('a token is valid before its expiry, not at its expiry', () => {
  expect(isValid(grant(MINUTE), NOW + MINUTE - 1)).toBe(true)
  expect(isValid(grant(MINUTE), NOW + MINUTE)).toBe(false)
})

it('mayBeStale limits refreshes if an API refuses every token', () => {
  expect(mayBeStale(grant(60 * MINUTE), NOW + 9999)).toBe(false)
  expect(mayBeStale(grant(60 * MINUTE), NOW + 10_000)).toBe(true)
  expect(mayBeStale({ accessToken: 'a', issuedAt: NOW }, NOW + 9999)).toBe(false)
})

it('mayBeStale accepts a token of two seconds after one second', () => {
  expect(mayBeStale(grant(2000), NOW + 999)).toBe(false)
  expect(mayBeStale(grant(2000), NOW + 1000)).toBe(true)
})

it('mayBeStale accepts a token issued by a clock that is ahead', () => {
  expect(mayBeStale(grant(60 * MINUTE), NOW - 2 * MINUTE)).toBe(true)
})

it.each([
  ['two minutes ahead', 120_000, true],
  ['two minutes behind', -120_000, true],
  ['a year ahead', 365 * 86_400_000, false],
  ['a year behind', -365 * 86_400_000, false],
])('judges a recorded refusal of a fresh token with a clock that is %s', (_name, skewMs, believed) => {
  const now = Date.UTC(2026, 0, 1)
  const grant = { accessToken: 'access', issuedAt: now - 60_000, expiresAt: now + 3_600_000 }
  expect(isRefusedFresh({ grant, generation: 3, refusedFresh: { generation: 3, at: now + skewMs } }, now)).toBe(
    believed,
  )
})
