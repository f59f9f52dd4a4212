import { describe, expect, it } from 'vitest'
import { candidatesOf, succeeded } from '../../src/vault/stand-ins.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const keyed = (apiKey: string) => ({ credential: { apiKey }, since: NOW - HOUR })
const record = { credential: { apiKey: 'old' } }

describe('the record after another credential has taken over', () => {
  const next = { credential: { apiKey: 'new' }, keepOldForMs: 0 }

  it.each([
    [undefined, 1],
    [1, 2],
    [7, 8],
  ])('has after the generation %s the generation %d', (generation, expected) => {
    expect(succeeded({ ...record, generation }, next, NOW)).toEqual({
      credential: { apiKey: 'new' },
      grant: undefined,
      generation: expected,
    })
  })

  it('has the previous credential for as long as that is kept', () => {
    const { predecessor } = succeeded({ ...record, expiresAt: NOW + HOUR }, { ...next, keepOldForMs: 5000 }, NOW)
    expect(predecessor).toEqual({
      credential: { apiKey: 'old' },
      grant: undefined,
      since: NOW,
      expiresAt: NOW + HOUR,
      until: NOW + 5000,
    })
  })
})

describe('the credentials of a connection', () => {
  const all = {
    ...record,
    successor: { ...keyed('new'), keepOldForMs: 0 },
    predecessor: { ...keyed('before'), until: NOW + 1 },
    backup: keyed('spare'),
  }
  const keysOf = (...given: Parameters<typeof candidatesOf>) =>
    candidatesOf(...given).map(({ role, record: { credential } }) => [role, credential['apiKey']])

  it('are tried from the newest to the backup', () => {
    expect(keysOf(all, NOW)).toEqual([
      ['successor', 'new'],
      ['first', 'old'],
      ['predecessor', 'before'],
      ['backup', 'spare'],
    ])
  })

  it('are without the predecessor once its time has passed', () => {
    expect(keysOf(all, NOW + 1).map(([role]) => role)).toEqual(['successor', 'first', 'backup'])
  })
})
