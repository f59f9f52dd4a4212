/** One scenario in one revision. */
export interface Task {
  readonly revision: string
  readonly scenario: string
}

export interface Outcome extends Task {
  readonly passed: boolean
  /** The suite's count of its checks. */
  readonly checks: string
}

export const revisions = ['2025-11-25', '2026-07-28'] as const

/** The behavior of servers of the first revision with OAuth. No list of requirements includes it. */
export const backwardCompatibility: readonly Task[] = ['metadata-backcompat', 'endpoint-fallback'].map((name) => ({
  revision: '2025-03-26',
  scenario: `auth/2025-03-26-oauth-${name}`,
}))

/** `<revision> <scenario>`: why it fails. */
const expectedFailures: Readonly<Record<string, string>> = {}

/** With fewer scenarios, the lists were not found. */
const LEAST_SCENARIOS = 60

/** Returns the client's scenarios of a list of requirements: the scored ones and the extensions. */
export function scenariosIn(requirements: string): readonly string[] {
  const [, ...sections] = requirements.split(/^(?=\w+:$)/m)
  const of = (name: string) => sections.find((section) => section.startsWith(`${name}:`)) ?? ''
  const scored = [...of('client').matchAll(/^ +- (\S+)$/gm)]
  const unscored = [...of('not_scored').matchAll(/^ +- scenario: (\S+)\n +leg: client$/gm)]
  return [...scored, ...unscored].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

/**
 * Returns a line for each scenario that ended otherwise than expected.
 * @param options.least the minimum number of scenarios
 */
export function unexpected(
  outcomes: readonly Outcome[],
  { least = LEAST_SCENARIOS, expected = expectedFailures } = {},
): readonly string[] {
  const found = outcomes.flatMap(({ revision, scenario, passed, checks }) => {
    const isExpected = `${revision} ${scenario}` in expected
    if (passed !== isExpected) return []
    return [passed ? `passes, and is listed: ${revision} ${scenario}` : `fails: ${revision} ${scenario} (${checks})`]
  })
  return outcomes.length >= least ? found : [...found, `only ${outcomes.length} of ${least} scenarios were run`]
}

/** Returns a table with the scenarios as lines and the revisions as columns. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const columns = [...new Set(outcomes.map(({ revision }) => revision))]
  const rows = [...new Set(outcomes.map(({ scenario }) => scenario))]
  const width = Math.max(...['passed', ...rows].map((row) => row.length))
  const line = (first: string, cells: readonly string[]) =>
    [first.padEnd(width), ...cells.map((text) => text.padEnd(10))].join('  ').trimEnd()
  const verdict = (row: string) => (column: string) => {
    const outcome = outcomes.find(({ scenario, revision }) => scenario === row && revision === column)
    if (outcome === undefined) return '.'
    return outcome.passed ? 'pass' : 'FAIL'
  }
  const score = columns.map((column) => {
    const of = outcomes.filter(({ revision }) => revision === column)
    return `${of.filter(({ passed }) => passed).length}/${of.length}`
  })
  return [
    line('', columns),
    ...rows.map((row) => line(row, columns.map(verdict(row)))),
    line('passed', score),
    '',
  ].join('\n')
}
