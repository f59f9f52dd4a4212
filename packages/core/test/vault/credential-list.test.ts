import { describe, expect, it } from 'vitest'
import {
  credentialsToTry,
  outdatedSpares,
  promoted,
  spareOf,
  withoutSpare,
  withSpare,
} from '../../src/vault/credential-list.ts'

const NOW = Date.UTC(2026, 0, 1)
const HOUR = 3_600_000
const spare = (role: 'staged' | 'previous' | 'backup', apiKey: string) => ({
  role,
  credential: { apiKey },
  since: NOW - HOUR,
})
const record = { credential: { apiKey: 'old' } }

describe('promoted', () => {
  const next = { credential: { apiKey: 'new' }, keepOldForMs: 0 }

  it.each([
    [undefined, 1],
    [1, 2],
    [7, 8],
  ])('counts the generation %s up to %d', (generation, expected) => {
    expect(promoted({ ...record, generation }, next, NOW)).toEqual({
      credential: { apiKey: 'new' },
      grant: undefined,
      generation: expected,
    })
  })

  it('keeps the previous credential for the requested time', () => {
    const after = promoted({ ...record, expiresAt: NOW + HOUR }, { ...next, keepOldForMs: 5000 }, NOW)
    expect(after.spares).toEqual([
      {
        role: 'previous',
        credential: { apiKey: 'old' },
        grant: undefined,
        since: NOW,
        expiresAt: NOW + HOUR,
        until: NOW + 5000,
      },
    ])
  })

  it('deletes the staged and the previous credential, and keeps the backup', () => {
    const spares = [spare('staged', 'new'), spare('previous', 'before'), spare('backup', 'spare')]
    expect(promoted({ ...record, spares }, next, NOW).spares).toEqual([spare('backup', 'spare')])
  })

  it('clears the state, the expiry and the lease of the replaced credential', () => {
    const lease = { owner: 'a', until: NOW, generation: 0 }
    const unresolved = { since: NOW, how: 'crashed' } as const
    const trouble = { reason: 'credential_refused', since: NOW }
    const troubled = {
      ...record,
      state: 'needs_reauth',
      trouble,
      lease,
      unresolved,
      expiresAt: NOW,
      warnedDays: 1,
    } as const
    expect(promoted(troubled, next, NOW)).toEqual({ credential: { apiKey: 'new' }, grant: undefined, generation: 1 })
  })
})

describe('the list of spare credentials', () => {
  it('is sorted by use, in whatever order they were added', () => {
    const backedUp = withSpare(record, spare('backup', 'spare'))
    const { spares } = withSpare(withSpare(backedUp, spare('staged', 'new')), spare('previous', 'before'))
    expect(spares?.map(({ role }) => role)).toEqual(['staged', 'previous', 'backup'])
  })

  it('has at most one credential of each role', () => {
    const twice = withSpare(withSpare(record, spare('backup', 'one')), spare('backup', 'two'))
    expect(twice.spares).toEqual([spare('backup', 'two')])
    expect(spareOf(twice, 'backup')).toEqual(spare('backup', 'two'))
  })

  it('is absent once the last one is deleted', () => {
    expect(withoutSpare(withSpare(record, spare('backup', 'spare')), 'backup')).toEqual(record)
  })
})

describe('credentialsToTry', () => {
  const previous = { ...spare('previous', 'before'), until: NOW + 1 }
  const all = { ...record, spares: [spare('staged', 'new'), previous, spare('backup', 'spare')] }
  const keysOf = (...given: Parameters<typeof credentialsToTry>) =>
    credentialsToTry(...given).map(({ role, record: { credential } }) => [role, credential['apiKey']])

  it('returns the staged one first and the backup last', () => {
    expect(keysOf(all, NOW)).toEqual([
      ['staged', 'new'],
      ['current', 'old'],
      ['previous', 'before'],
      ['backup', 'spare'],
    ])
  })

  it('leaves out the previous one once it has expired', () => {
    expect(keysOf(all, NOW + 1).map(([role]) => role)).toEqual(['staged', 'current', 'backup'])
    expect(outdatedSpares(all, NOW)).toEqual([])
    expect(outdatedSpares(all, NOW + 1)).toEqual([previous])
  })

  it('returns the current one last while it is suspended after a refusal', () => {
    const trouble = { reason: 'backup_in_use', since: NOW, retryAt: NOW + 1 }
    const roles = (now: number) => keysOf({ ...all, trouble }, now).map(([role]) => role)
    expect(roles(NOW)).toEqual(['staged', 'previous', 'backup', 'current'])
    expect(roles(NOW + 1)).toEqual(['staged', 'current', 'backup'])
  })
})
