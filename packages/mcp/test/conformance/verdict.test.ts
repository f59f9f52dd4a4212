import { describe, expect, it } from 'vitest'
import { scenariosIn, tableOf, unexpected } from './verdict.ts'
import type { Outcome } from './verdict.ts'

const outcome = (scenario: string, passed: boolean, revision = '2026-07-28'): Outcome => ({
  revision,
  scenario,
  passed,
  checks: passed ? 'Passed: 2/2' : 'Passed: 1/2, 1 failed',
})

describe('the report', () => {
  it('is empty if every scenario ended as expected', () => {
    const expected = { '2026-07-28 b': 'the suite is wrong there' }
    expect(unexpected([outcome('a', true), outcome('b', false)], { least: 2, expected })).toEqual([])
  })

  it('includes an unexpected failure', () => {
    expect(unexpected([outcome('a', true), outcome('b', false)], { least: 2 })).toEqual([
      'fails: 2026-07-28 b (Passed: 1/2, 1 failed)',
    ])
  })

  it('includes a failure at another revision than the expected one', () => {
    const expected = { '2025-11-25 a': 'known' }
    expect(unexpected([outcome('a', false)], { least: 1, expected })).toHaveLength(1)
  })

  it('includes a success that was expected to fail', () => {
    const expected = { '2026-07-28 a': 'once known' }
    expect(unexpected([outcome('a', true)], { least: 1, expected })).toEqual(['passes, and is listed: 2026-07-28 a'])
  })

  it('includes a list that is too short or was not found', () => {
    expect(unexpected([outcome('a', true)])).toEqual(['only 1 of 60 scenarios were run'])
    expect(unexpected([], { least: 1 })).toEqual(['only 0 of 1 scenarios were run'])
  })
})

it('reads the scenarios of clients from a list: the scored ones and the extensions', () => {
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

it('prints a line for each scenario and a column for each revision', () => {
  const table = tableOf([outcome('a', true), outcome('long', false), outcome('a', true, '2025-11-25')])
  expect(table.split('\n')).toEqual([
    '        2026-07-28  2025-11-25',
    'a       pass        pass',
    'long    FAIL        .',
    'passed  1/2         1/1',
    '',
  ])
})
