/** One run of the suite. */
export interface Leg {
  readonly name: string
  readonly options: readonly string[]
}

export interface Outcome {
  readonly leg: string
  readonly scenario: string
  readonly passed: boolean
  /** As the suite counts its checks. */
  readonly checks: string
}

/** The suite's extensions besides those of authorization are about skills, which this client does not have. */
export const legs: readonly Leg[] = [
  { name: '2025-11-25', options: ['--requirements', '2025-11-25'] },
  { name: '2026-07-28', options: ['--requirements', '2026-07-28'] },
  { name: '2025-03-26', options: ['--suite', 'backcompat'] },
]

/** `<revision> <scenario>`: why it fails. */
export const expectedFailures: Readonly<Record<string, string>> = {}

/** Fewer scenarios than these, and the suite itself has gone wrong. */
const LEAST_SCENARIOS = 60

/** The verdicts at the end of what the suite says. A warning counts as a failure. */
export function readSummary({ name: leg }: Leg, said: string): readonly Outcome[] {
  const [, summary = ''] = said.split('=== SUITE SUMMARY ===')
  return [...summary.matchAll(/^(✓|✗) (\S+): (\d+ passed, \d+ failed.*)$/gm)].map(
    ([, mark, scenario = '', checks = '']) => ({ leg, scenario, passed: mark === '✓', checks }),
  )
}

/** A line for each scenario that came out otherwise than written down. */
export function unexpected(
  outcomes: readonly Outcome[],
  expected: Readonly<Record<string, string>> = expectedFailures,
  least = LEAST_SCENARIOS,
): readonly string[] {
  const found = outcomes.flatMap(({ leg, scenario, passed, checks }) => {
    const isExpected = `${leg} ${scenario}` in expected
    if (passed === !isExpected) return []
    return [passed ? `passes, and is listed as failing: ${leg} ${scenario}` : `fails: ${leg} ${scenario} (${checks})`]
  })
  return outcomes.length >= least ? found : [...found, `only ${outcomes.length} scenarios were run`]
}

/** The scenarios in lines, the revisions in columns. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const columns = [...new Set(outcomes.map(({ leg }) => leg))]
  const rows = [...new Set(outcomes.map(({ scenario }) => scenario))]
  const width = Math.max(...rows.map((row) => row.length), 0)
  const cell = (row: string, column: string): string => {
    const outcome = outcomes.find(({ scenario, leg }) => scenario === row && leg === column)
    if (outcome === undefined) return '.'
    return outcome.passed ? 'pass' : 'FAIL'
  }
  const line = (first: string, cells: readonly string[]) =>
    [first.padEnd(width), ...cells.map((text) => text.padEnd(10))].join('  ').trimEnd()
  const score = columns.map((column) => {
    const of = outcomes.filter(({ leg }) => leg === column)
    return `${of.filter(({ passed }) => passed).length}/${of.length}`
  })
  return [
    line('', columns),
    ...rows.map((row) =>
      line(
        row,
        columns.map((column) => cell(row, column)),
      ),
    ),
    line('passed', score),
    '',
  ].join('\n')
}
