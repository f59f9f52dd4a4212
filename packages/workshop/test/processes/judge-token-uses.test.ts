import { describe, expect, it } from 'vitest'
import type { TokenUse } from './authorization-server.ts'
import { judgeTokenUses } from './judge-token-uses.ts'

const redeemed = (token: string, by: string): TokenUse => ({ token, by, outcome: 'redeemed', at: 0 })
const refused = (token: string, by: string): TokenUse => ({ token, by, outcome: 'refused', at: 0 })
const killed = new Set(['dead', 'dead too'])

describe('no fault is reported if', () => {
  it.each([
    ['no token was used', [], 0],
    ['each process used another token', [redeemed('a', 'one'), redeemed('b', 'two')], 0],
    ['a process took over from a killed one, and it was reported', [redeemed('a', 'dead'), refused('a', 'one')], 1],
    [
      'the process that took over was killed as well',
      [redeemed('a', 'dead'), refused('a', 'dead too'), refused('a', 'one'), redeemed('b', 'one')],
      1,
    ],
  ])('%s', (_what, uses, lost) => {
    expect(judgeTokenUses({ uses, killed, lost })).toEqual([])
  })
})

describe('a fault is reported if', () => {
  it.each([
    ['a token was redeemed twice', [redeemed('a', 'dead'), redeemed('a', 'one')], 1, 'redeemed 2 times'],
    [
      'two live processes used one token',
      [redeemed('a', 'two'), refused('a', 'one')],
      1,
      'though two, which had shown it',
    ],
    ['a process used its token again', [redeemed('a', 'one'), refused('a', 'one')], 1, 'was alive'],
    ['an unused token was refused', [refused('a', 'one')], 0, 'redeemed 0 times'],
    ['a grant ended without a report', [redeemed('a', 'dead'), refused('a', 'one')], 0, '1 grants ended'],
    ['a grant was reported as lost that was not', [redeemed('a', 'one')], 1, '0 grants ended'],
  ])('%s', (_what, uses, lost, complaint) => {
    expect(judgeTokenUses({ uses, killed, lost })).toEqual([expect.stringContaining(complaint)])
  })
})
