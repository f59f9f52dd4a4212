import { boundText } from './goal.ts'
import type { Goal, Verdict } from './goal.ts'
import { spreadText } from './table.ts'
import type { Table } from './table.ts'

/** The order in the table: the first one needs attention. */
const verdicts: readonly Verdict[] = ['missed', 'not measurable', 'met']

/** Prints the goals as a table, missed ones first. */
export function goalTable(goals: readonly Goal[]): Table {
  const groups = verdicts.map((verdict) => goals.filter((goal) => goal.verdict === verdict))
  const counts = verdicts.map((verdict, index) => `${groups[index]?.length} ${verdict}`)
  return {
    title: `Goals: ${counts.toReversed().join(', ')}`,
    columns: ['goal', '', 'figure', 'middle half', 'bound', ''],
    rows: groups
      .flat()
      .map((goal) => [
        `${goal.id}  ${goal.what}`,
        goal.verdict,
        goal.figure,
        goal.from === undefined || goal.to === undefined ? '' : spreadText({ ...goal, from: goal.from, to: goal.to }),
        boundText(goal.bound),
        goal.unit,
      ]),
  }
}

/** JSON has no infinity. */
export const toJson = (value: unknown): string =>
  `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'number' ? rounded(each) : each), 2)}\n`

const rounded = (value: number): number | string => (Number.isFinite(value) ? Number(value.toPrecision(5)) : 'never')
