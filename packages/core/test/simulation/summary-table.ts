import { type ModelName, modelNames } from './authorization-server.ts'
import { addCounts, countNames, type Counts, lossKinds } from './counts.ts'

const LABEL = 24
const CELL = 12

/** Formats the counts of a batch as a table with a column for each provider model, and the sum. */
export function summaryTable(counts: ReadonlyMap<ModelName, Counts>): string {
  const total: Counts = new Map()
  for (const each of counts.values()) addCounts(total, each)
  const columns = [...modelNames.map((name) => [name, counts.get(name) ?? new Map()] as const), ['all', total] as const]
  const line = (label: string, cells: readonly (string | number)[]): string =>
    label.padEnd(LABEL) + cells.map((cell) => cell.toLocaleString('en').padStart(CELL)).join('')
  const row = (name: (typeof countNames)[number] | `lost: ${(typeof lossKinds)[number]}`): string =>
    line(
      name,
      columns.map(([, column]) => column.get(name) ?? 0),
    )
  return [
    line(
      '',
      columns.map(([name]) => name),
    ),
    ...countNames.map(row),
    ...lossKinds.map((kind) => row(`lost: ${kind}`)),
  ].join('\n')
}
