import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundledSize } from '../cold/bundled-size.ts'
import type { BundledSize } from '../cold/bundled-size.ts'
import { measureImport } from '../cold/import-measurement.ts'
import type { ImportCost } from '../cold/import-measurement.ts'
import { otherPrograms, ourPrograms } from '../cold/typical-programs.ts'
import type { TypicalProgram } from '../cold/typical-programs.ts'
import { judge } from '../report/goal.ts'
import type { Run, Section } from '../report/section.ts'
import { spreadText } from '../report/table.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { Spread } from '../statistics/spread.ts'

const folders = {
  bench: join(import.meta.dirname, '../..'),
  peers: join(import.meta.dirname, '../../peers'),
}

const NOTHING = 'data:text/javascript,export const nothing = 0'
const CORE = '@mcpclient/core'
const OCTOKIT = '@octokit/core'

interface Import {
  readonly specifier: string
  /** The owner of the `node_modules`. */
  readonly where: keyof typeof folders
  /** Whether Node has cached the compiled code of an earlier import. */
  readonly isCached?: true
}

const imports: Readonly<Record<string, Import>> = {
  '(nothing)': { specifier: NOTHING, where: 'bench' },
  [CORE]: { specifier: CORE, where: 'bench' },
  [`${CORE}, compile cache`]: { specifier: CORE, where: 'bench', isCached: true },
  '@mcpclient/core/define': { specifier: '@mcpclient/core/define', where: 'bench' },
  '@mcpclient/core/vault': { specifier: '@mcpclient/core/vault', where: 'bench' },
  '@mcpclient/mcp': { specifier: '@mcpclient/mcp', where: 'bench' },
  ky: { specifier: 'ky', where: 'bench' },
  zod: { specifier: 'zod', where: 'bench' },
  '@modelcontextprotocol/client': { specifier: '@modelcontextprotocol/client', where: 'bench' },
  [OCTOKIT]: { specifier: OCTOKIT, where: 'peers' },
  [`${OCTOKIT}, compile cache`]: { specifier: OCTOKIT, where: 'peers', isCached: true },
  '@slack/web-api': { specifier: '@slack/web-api', where: 'peers' },
  openai: { specifier: 'openai', where: 'peers' },
  googleapis: { specifier: 'googleapis', where: 'peers' },
}
/** Takes most of a second to import. */
const SLOW = ['googleapis']

/** Measures the cost of an import in a new process, and the size of a bundle. */
export const coldStart: Section = {
  name: 'cold start',
  async measure(run) {
    const contestants = Object.keys(imports).filter((each) => !run.quick || !SLOW.includes(each))
    const rounds = await playImports(run, contestants)
    run.progress('bundling')
    const ours = await sizesOf(ourPrograms)
    const others = await sizesOf(Object.fromEntries(otherPrograms.map((program) => [program.name, program])))

    const spread = (name: string, figure: (cost: ImportCost) => number) =>
      spreadOf((rounds.get(name) ?? []).map(figure))
    const touched = (name: string) => rounds.get(name)?.[0]?.touched ?? []
    const ofOctokit = (name: string) => ratioOf(rounds, name, OCTOKIT)
    const kilobytes = (bytes: number) => bytes / 1024
    return {
      tables: [
        {
          title: 'Cold import in a fresh process',
          columns: ['package', 'ms', 'middle half', `x ${OCTOKIT}`, 'middle half', 'RSS MB', 'lazy globals touched'],
          rows: contestants.map((name) => {
            const ms = spread(name, (cost) => cost.ms)
            const ratio = ofOctokit(name)
            const rssMb = spread(name, (cost) => cost.rssMb).figure
            return [
              name,
              ms.figure,
              spreadText(ms),
              ratio.figure.toFixed(2),
              spreadText(ratio),
              rssMb,
              touched(name).join(' '),
            ]
          }),
        },
        {
          title: 'A program with all that it imports, minified and gzipped, in KB',
          columns: ['program', 'at start', 'all that it can load', 'in one file'],
          rows: [
            ...Object.entries(ours).map(([key, size]) => [ourPrograms[key as keyof typeof ours].name, size] as const),
            ...Object.entries(others),
          ].map(([name, { startBytes, reachableBytes, oneFileBytes }]) => [
            name,
            ...[startBytes, reachableBytes, oneFileBytes].map((bytes) => kilobytes(bytes).toFixed(1)),
          ]),
        },
      ],
      goals: [
        judge('G8', 'cold import of core', `x ${OCTOKIT}`, ofOctokit(CORE), { atMost: 1 }),
        judge('G8', 'cold import of core, compile cache', `x ${OCTOKIT} without`, ofOctokit(`${CORE}, compile cache`), {
          atMost: 0.7,
        }),
        judge(
          'G8',
          'memory of core after its import',
          'MB',
          spread(CORE, (cost) => cost.rssMb),
          { atMost: 6 },
        ),
        judge('G8', 'lazy globals touched by importing core', 'globals', touched(CORE).length, { atMost: 0 }),
        judge('G9', 'smallest host without zod, at start', 'KB', kilobytes(ours.smallest.startBytes), { atMost: 25 }),
        judge('G9', 'smallest host without zod, in one file', 'KB', kilobytes(ours.smallest.oneFileBytes), {
          atMost: 30,
        }),
        judge('G9', 'host with ky, bearer and zod/mini, in one file', 'KB', kilobytes(ours.bearer_mini.oneFileBytes), {
          atMost: 36,
        }),
        judge(
          'G9',
          '/vault, added to the start of the smallest host',
          'KB',
          kilobytes(ours.with_vault.startBytes - ours.smallest.startBytes),
          { atMost: 16 },
        ),
        judge('G9', '/define with tool and get, at start', 'KB', kilobytes(ours.define.startBytes), { atMost: 8 }),
      ],
      figures: {
        imports: Object.fromEntries(
          contestants.map((name) => [
            name,
            {
              ms: spread(name, (cost) => cost.ms),
              ratioToOctokit: ofOctokit(name),
              rssMb: spread(name, (cost) => cost.rssMb),
              touched: touched(name).join(' '),
            },
          ]),
        ),
        gzipBytes: { ours, others },
      },
    }
  },
}

/** Imports each package in several fresh processes, in turn. */
async function playImports(run: Run, contestants: readonly string[]): Promise<Rounds<ImportCost>> {
  run.progress('importing into fresh processes')
  const compileCache = await mkdtemp(join(tmpdir(), 'mcpclient-bench-'))
  const measure = (name: string): Promise<ImportCost> => {
    const { specifier, where, isCached } = imports[name] ?? { specifier: NOTHING, where: 'bench' }
    return measureImport(specifier, { folder: folders[where], ...(isCached && { compileCache }) })
  }
  try {
    for (const name of contestants) if (imports[name]?.isCached) await measure(name)
    return await playRounds(
      { contestants, rounds: run.quick ? 5 : 15, random: run.random, mostMs: run.quick ? 5000 : 40_000 },
      measure,
    )
  } finally {
    await rm(compileCache, { recursive: true })
  }
}

/** Returns the ratios inside each round. */
function ratioOf(rounds: Rounds<ImportCost>, name: string, baseline: string): Spread {
  const theirs = rounds.get(baseline) ?? []
  return spreadOf((rounds.get(name) ?? []).map(({ ms }, round) => ms / (theirs[round]?.ms ?? Number.NaN)))
}

async function sizesOf<Name extends string>(
  programs: Readonly<Record<Name, TypicalProgram>>,
): Promise<Readonly<Record<Name, BundledSize>>> {
  const sizes: Partial<Record<Name, BundledSize>> = {}
  for (const name in programs) sizes[name] = await bundledSize(programs[name], folders[programs[name].where])
  return sizes as Record<Name, BundledSize>
}
