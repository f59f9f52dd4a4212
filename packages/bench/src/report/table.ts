import type { Spread } from '../statistics/spread.ts'

export type Cell = string | number | undefined

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly Cell[])[]
}

/** Prints a table for a terminal: the first column to the left, figures to the right. */
export function renderTable({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(textOf))]
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)))
  const lines = cells.map((row) =>
    row
      .map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 2, -2))
  return ['', title, rule, lines[0], rule, ...lines.slice(1)].join('\n')
}

/** Formats a figure with three digits, which exceed the precision of the machine. */
export function textOf(cell: Cell): string {
  if (cell === undefined) return ''
  if (typeof cell === 'string') return cell
  if (!Number.isFinite(cell)) return 'never'
  if (Number.isInteger(cell)) return grouped(String(cell))
  const size = Math.abs(cell)
  return size >= 100 ? grouped(cell.toFixed(0)) : cell.toFixed(size >= 10 ? 1 : 2)
}

/** Formats the interquartile range of a spread. */
export const spreadText = ({ from, to }: Spread): string => `${textOf(from)}..${textOf(to)}`

/** Returns the cells of a spread: its figure and its interquartile range. */
export const spreadCells = (spread: Spread): readonly [number, string] => [spread.figure, spreadText(spread)]

const grouped = (digits: string): string => digits.replace(/\B(?=(?:\d{3})+$)/g, ' ')
