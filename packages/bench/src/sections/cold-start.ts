import { join } from 'node:path'
import { bundledSize } from '../cold/bundled-size.ts'
import type { BundledSize } from '../cold/bundled-size.ts'
import { measureImport } from '../cold/import-measurement.ts'
import type { ImportCost } from '../cold/import-measurement.ts'
import { programs } from '../cold/typical-programs.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import { median } from '../statistics/median.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'

const folders = {
  bench: join(import.meta.dirname, '../..'),
  peers: join(import.meta.dirname, '../../peers'),
}

const nothing = 'data:text/javascript,export const nothing = 0'

/** Each specifier and the owner of its `node_modules`. */
const imports: Readonly<Record<string, keyof typeof folders>> = {
  [nothing]: 'bench',
  '@mcpclient/core': 'bench',
  '@mcpclient/core/define': 'bench',
  '@mcpclient/mcp': 'bench',
  ky: 'bench',
  zod: 'bench',
  '@modelcontextprotocol/client': 'bench',
  '@octokit/core': 'peers',
  '@slack/web-api': 'peers',
  openai: 'peers',
  googleapis: 'peers',
}
/** Takes most of a second to import. */
const slow = ['googleapis']

/** Measures the cost of an import in a new process, and the size of a bundle. */
export const coldStart: Section = {
  name: 'cold start',
  async measure(run) {
    run.progress('importing into fresh processes')
    const contestants = Object.keys(imports).filter((each) => !run.quick || !slow.includes(each))
    const rounds = await playRounds(
      { contestants, rounds: run.quick ? 5 : 11, random: run.random, mostMs: run.quick ? 5000 : 25_000 },
      (specifier) => measureImport(specifier, folders[imports[specifier] ?? 'bench']),
    )
    run.progress('bundling')
    const sizes: Record<string, BundledSize> = {}
    for (const { name, source, where } of programs) sizes[name] = await bundledSize(source, folders[where])

    const ms = (specifier: string) => middle(rounds, specifier, (cost) => cost.ms)
    const rssMb = (specifier: string) => middle(rounds, specifier, (cost) => cost.rssMb)
    const touched = (specifier: string) => rounds.get(specifier)?.[0]?.touched ?? []
    const nameOf = (specifier: string) => (specifier === nothing ? '(nothing)' : specifier)
    return {
      tables: [
        {
          title: 'Cold import in a fresh process',
          columns: ['package', 'ms', 'RSS MB', 'lazy globals touched'],
          rows: contestants.map((each) => [nameOf(each), ms(each), rssMb(each), touched(each).join(' ')]),
        },
        {
          title: 'A typical program, minified and gzipped, with all that it imports',
          columns: ['program', 'KB', 'of it at start'],
          rows: Object.entries(sizes).map(([name, { bytes, initialBytes }]) => [
            name,
            bytes / 1024,
            initialBytes / 1024,
          ]),
        },
      ],
      goals: [
        judge('G8', 'cold import of core', 'ms', ms('@mcpclient/core'), { atMost: 6 }),
        judge('G8', 'memory of core after its import', 'MB', rssMb('@mcpclient/core'), { atMost: 6 }),
        judge('G8', 'lazy globals touched by importing core', 'globals', touched('@mcpclient/core').length, {
          atMost: 0,
        }),
        judge(
          'G9',
          'core + ky + a connector on zod/mini, gzipped',
          'KB',
          (sizes[programs[0]?.name ?? '']?.bytes ?? Number.NaN) / 1024,
          {
            atMost: 25,
          },
        ),
      ],
      figures: {
        imports: Object.fromEntries(
          contestants.map((each) => [
            nameOf(each),
            { ms: ms(each), rssMb: rssMb(each), touched: touched(each).join(' ') },
          ]),
        ),
        gzipBytes: sizes,
      },
    }
  },
}

const middle = (rounds: Rounds<ImportCost>, specifier: string, figure: (cost: ImportCost) => number): number =>
  median((rounds.get(specifier) ?? []).map(figure))
