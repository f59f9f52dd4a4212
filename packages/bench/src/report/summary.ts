import type { Goal } from './goal.ts'
import type { Table } from './table.ts'

/** Prints the goals as a table, missed ones first. */
export function goalTable(goals: readonly Goal[]): Table {
  const missed = goals.filter(({ verdict }) => verdict === 'missed')
  return {
    title: `Goals: ${goals.length - missed.length} of ${goals.length} met`,
    columns: ['goal', '', 'figure', 'bound', ''],
    rows: [...missed, ...goals.filter(({ verdict }) => verdict === 'met')].map((goal) => [
      `${goal.id}  ${goal.what}`,
      goal.verdict,
      goal.figure,
      goal.atMost === undefined ? `>= ${goal.atLeast}` : `<= ${Number(goal.atMost.toFixed(2))}`,
      goal.unit,
    ]),
  }
}

/** JSON has no infinity. */
export const toJson = (value: unknown): string =>
  `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'number' ? rounded(each) : each), 2)}\n`

const rounded = (value: number): number | string => (Number.isFinite(value) ? Number(value.toPrecision(5)) : 'never')
