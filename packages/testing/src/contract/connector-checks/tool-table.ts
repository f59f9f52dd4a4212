import type { AnyTool, Limit } from '@mcpclient/core/define'
import { connectorCheck, notApplicable } from './connector-check.ts'
import type { ContractFactory } from './subject.ts'

export const tableChecks = [
  connectorCheck('manifest: the README lists the current tools', ({ factory, readme }, report) => {
    const current = readme && withToolTable(readme, factory)
    if (readme === undefined || current === undefined) {
      return notApplicable(`the README has no table between ${startOf(factory)} and ${END}`)
    }
    if (current !== readme) {
      report(`README.md: its table of tools is not current. Run the test once with UPDATE_README=1.`)
    }
    return undefined
  }),
]

const startOf = ({ type }: ContractFactory): string => `<!-- tools: ${type} -->`
const END = '<!-- end of tools -->'

/** Returns the README with the current table between its markers, or undefined if it has no markers for this connector. */
export function withToolTable(readme: string, factory: ContractFactory): string | undefined {
  const start = readme.indexOf(startOf(factory))
  const end = readme.indexOf(END, start)
  if (start === -1 || end === -1) return undefined
  const head = start + startOf(factory).length
  return `${readme.slice(0, head)}\n${tableOf(factory.tools)}\n${readme.slice(end)}`
}

interface Column {
  readonly title: string
  cell(name: string, tool: AnyTool): string
}

const columns: readonly Column[] = [
  { title: 'tool', cell: (name) => `\`${name}\`` },
  { title: 'effect', cell: (_name, tool) => effectOf(tool) },
  { title: 'scopes', cell: (_name, { scopes = [] }) => scopes.map((scope) => `\`${scope}\``).join(', ') },
  { title: 'limit', cell: (_name, { limit = [] }) => [limit].flat().map(limitOf).join(', ') },
  { title: 'does', cell: (_name, { description }) => firstSentence(description) },
]

/** Drops the columns that are empty in every row. */
function tableOf(tools: ContractFactory['tools']): string {
  const rows = Object.entries(tools)
  const shown = columns.filter(({ cell }) => rows.some(([name, tool]) => cell(name, tool) !== ''))
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [
    line(shown.map(({ title }) => title)),
    line(shown.map(() => '---')),
    ...rows.map(([name, tool]) => line(shown.map(({ cell }) => cell(name, tool)))),
  ].join('\n')
}

function effectOf({ effect, idempotent, idempotencyKey, pages, stream, undo }: AnyTool): string {
  return [
    effect,
    effect !== 'read' && idempotent === true && 'idempotent',
    idempotencyKey !== undefined && 'idempotent by key',
    pages !== undefined && 'in pages',
    stream !== undefined && 'as a stream',
    typeof undo === 'function' && 'reversible',
  ]
    .filter(Boolean)
    .join(', ')
}

const PERIODS: Readonly<Record<number, string>> = { 1000: 's', 60_000: 'min', 3_600_000: 'h', 86_400_000: 'day' }

function limitOf({ requests, perMs, concurrent, per }: Limit): string {
  const rate = requests !== undefined && perMs !== undefined && `${requests}/${PERIODS[perMs] ?? `${perMs / 1000} s`}`
  const limits = [rate, concurrent !== undefined && `${concurrent} at once`].filter(Boolean).join(', ')
  return per === undefined ? limits : `${limits} per \`${per}\``
}

const firstSentence = (text: string): string => /^.*?[.!?](?=\s|$)/su.exec(text)?.[0] ?? text
