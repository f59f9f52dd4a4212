import { expect, it } from 'vitest'
import type { Grant } from '../../../src/auth/grant.ts'
import { descendant, isSameLineage, lineageOf } from '../../../src/vault/renewal/grant-lineage.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const HOUR = 3_600_000
const parent: Grant = { accessToken: 'a1', refreshToken: 'r1', issuedAt: NOW - HOUR, expiresAt: NOW }
const fresh: Grant = { accessToken: 'a2', issuedAt: NOW, expiresAt: NOW + HOUR }
const expiring = { kind: 'expiring' } as const
const refused = { kind: 'refused', accessToken: 'a1' } as const

it('descendant keeps the old refresh token if the response has none', () => {
  expect(descendant(parent, fresh, expiring, NOW)).toEqual({ ...fresh, refreshToken: 'r1' })
  expect(descendant(parent, { ...fresh, refreshToken: undefined }, expiring, NOW).refreshToken).toBe('r1')
})

it('descendant replaces the refresh token and its expiry', () => {
  const old = { ...parent, refreshExpiresAt: NOW + HOUR }
  expect(descendant(old, { ...fresh, refreshToken: 'r2' }, expiring, NOW)).toEqual({ ...fresh, refreshToken: 'r2' })
  expect(descendant(old, fresh, expiring, NOW).refreshExpiresAt).toBe(NOW + HOUR)
  expect(descendant(old, { ...fresh, refreshExpiresAt: NOW + 2 * HOUR }, expiring, NOW).refreshExpiresAt).toBe(
    NOW + 2 * HOUR,
  )
})

it('descendant keeps the scopes, the issuer and the account if the response omits them', () => {
  const rich = { ...parent, scopes: ['read'], issuer: 'https://login.example', account: { id: 'ada' } }
  expect(descendant(rich, fresh, expiring, NOW)).toMatchObject({ scopes: ['read'], account: { id: 'ada' } })
  expect(descendant(rich, { ...fresh, scopes: ['write'] }, expiring, NOW).scopes).toEqual(['write'])
})

it('descendant replaces the settings that the response contains, and keeps the others', () => {
  const settings = { host: 'heron.example', site: 's1' }
  const moved = { ...fresh, settings: { host: 'egret.example', site: undefined } }
  expect(descendant({ ...parent, settings }, fresh, expiring, NOW).settings).toEqual(settings)
  expect(descendant({ ...parent, settings }, moved, expiring, NOW).settings).toEqual({
    ...settings,
    host: 'egret.example',
  })
  expect(descendant(parent, moved, expiring, NOW).settings).toEqual({ host: 'egret.example' })
})

it('descendant does not copy the expiry of the old access token', () => {
  expect(descendant(parent, { accessToken: 'a2', issuedAt: NOW }, expiring, NOW).expiresAt).toBeUndefined()
})

it('descendant learns the life of a token from a refusal if the server never sends it', () => {
  const { expiresAt: _unknown, ...silent } = parent
  expect(descendant(silent, fresh, refused, NOW).learntLifeMs).toBe(HOUR)
  expect(descendant({ ...silent, learntLifeMs: HOUR / 2 }, fresh, refused, NOW).learntLifeMs).toBe(HOUR / 2)
  expect(descendant({ ...silent, learntLifeMs: HOUR / 2 }, fresh, expiring, NOW).learntLifeMs).toBe(HOUR / 2)
})

it('descendant learns nothing from a refusal within a minute, nor if the expiry is known', () => {
  const { expiresAt: _unknown, ...silent } = parent
  const young = { ...silent, issuedAt: NOW - 59_000 }
  expect(descendant(young, fresh, refused, NOW)).not.toHaveProperty('learntLifeMs')
  expect(descendant({ ...silent, issuedAt: NOW + 5000 }, fresh, refused, NOW)).not.toHaveProperty('learntLifeMs')
  expect(descendant(parent, fresh, refused, NOW)).not.toHaveProperty('learntLifeMs')
})

it('a grant descends by its refresh token, or by its access token if that is exchanged', () => {
  expect(lineageOf(parent)).toBe('r1')
  expect(lineageOf({ accessToken: 'a1', issuedAt: NOW })).toBe('a1')
  expect(isSameLineage({ ...parent, accessToken: 'a9' }, parent)).toBe(true)
  expect(isSameLineage({ ...parent, refreshToken: 'r2' }, parent)).toBe(false)
  expect(isSameLineage(undefined, parent)).toBe(false)
  expect(isSameLineage(undefined, undefined)).toBe(true)
})
