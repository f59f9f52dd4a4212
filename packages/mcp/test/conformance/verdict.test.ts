import { describe, expect, it } from 'vitest'
import { scenariosIn, tableOf, unexpected } from './verdict.ts'
import type { Outcome } from './verdict.ts'

const outcome = (scenario: string, passed: boolean, revision = '2026-07-28'): Outcome => ({
  revision,
  scenario,
  passed,
  checks: passed ? 'Passed: 2/2' : 'Passed: 1/2, 1 failed',
})

describe('what is reported', () => {
  it('is nothing where all came out as it should', () => {
    const expected = { '2026-07-28 b': 'the suite is wrong there' }
    expect(unexpected([outcome('a', true), outcome('b', false)], { least: 2, expected })).toEqual([])
  })

  it('is a failure that nobody expected', () => {
    expect(unexpected([outcome('a', true), outcome('b', false)], { least: 2 })).toEqual([
      'fails: 2026-07-28 b (Passed: 1/2, 1 failed)',
    ])
  })

  it('is a failure at another revision than the expected one', () => {
    const expected = { '2025-11-25 a': 'known' }
    expect(unexpected([outcome('a', false)], { least: 1, expected })).toHaveLength(1)
  })

  it('is a success that was written down as a failure', () => {
    const expected = { '2026-07-28 a': 'once known' }
    expect(unexpected([outcome('a', true)], { least: 1, expected })).toEqual(['passes, and is listed: 2026-07-28 a'])
  })

  it('is a list that is too short, and so any that was not found', () => {
    expect(unexpected([outcome('a', true)])).toEqual(['only 1 of 60 scenarios were run'])
    expect(unexpected([], { least: 1 })).toEqual(['only 0 of 1 scenarios were run'])
  })
})

it('the scenarios of a list are those of clients: the scored ones, and the extensions', () => {
  const text = [
    'revision: 2026-07-28',
    'server:',
    '  - ping',
    'client:',
    '  core:',
    '    - tools_call',
    '    - auth/basic-cimd',
    'not_scored:',
    '  - scenario: auth/dpop',
    '    leg: client',
    '  - scenario: skills',
    '    leg: server',
    '',
  ].join('\n')
  expect(scenariosIn(text)).toEqual(['tools_call', 'auth/basic-cimd', 'auth/dpop'])
})

it('the table has a line for each scenario and a column for each revision', () => {
  const table = tableOf([outcome('a', true), outcome('long', false), outcome('a', true, '2025-11-25')])
  expect(table.split('\n')).toEqual([
    '        2026-07-28  2025-11-25',
    'a       pass        pass',
    'long    FAIL        .',
    'passed  1/2         1/1',
    '',
  ])
})
