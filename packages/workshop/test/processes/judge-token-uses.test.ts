import { describe, expect, test } from 'vitest'
import type { Spend } from './authorization-server.ts'
import { judgeSpends } from './judge-spends.ts'

const redeemed = (token: string, by: string): Spend => ({ token, by, outcome: 'redeemed' })
const refused = (token: string, by: string): Spend => ({ token, by, outcome: 'refused' })
const killed = new Set(['dead', 'dead too'])

describe('nothing is wrong where', () => {
  test.each([
    ['nobody spent a token', [], 0],
    ['everybody spent another one', [redeemed('a', 'one'), redeemed('b', 'two')], 0],
    ['somebody took over from the dead, and it was reported', [redeemed('a', 'dead'), refused('a', 'one')], 1],
    [
      'whoever took over was killed as well',
      [redeemed('a', 'dead'), refused('a', 'dead too'), refused('a', 'one'), redeemed('b', 'one')],
      1,
    ],
  ])('%s', (_what, spends, lost) => {
    expect(judgeSpends({ spends, killed, lost })).toEqual([])
  })
})

describe('it is found out that', () => {
  test.each([
    ['a token was redeemed twice', [redeemed('a', 'dead'), redeemed('a', 'one')], 1, 'redeemed 2 times'],
    ['two who lived spent one token', [redeemed('a', 'two'), refused('a', 'one')], 1, 'though two, which had shown it'],
    ['a token was shown again by its spender', [redeemed('a', 'one'), refused('a', 'one')], 1, 'was alive'],
    ['a token that nobody had spent was refused', [refused('a', 'one')], 0, 'redeemed 0 times'],
    ['a grant ended without a report', [redeemed('a', 'dead'), refused('a', 'one')], 0, '1 grants ended'],
    ['a grant was reported as lost that was not', [redeemed('a', 'one')], 1, '0 grants ended'],
  ])('%s', (_what, spends, lost, complaint) => {
    expect(judgeSpends({ spends, killed, lost })).toEqual([expect.stringContaining(complaint)])
  })
})
