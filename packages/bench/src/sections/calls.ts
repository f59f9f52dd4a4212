import { startProcess } from '../processes/asked-process.ts'
import { cpu, wall } from '../processes/burst.ts'
import type { Burst, BurstCost } from '../processes/burst.ts'
import { runTrials } from '../processes/trials.ts'
import type { Section, SectionResult } from '../report/section.ts'
import { spreadText } from '../report/table.ts'
import type { Table } from '../report/table.ts'
import { compareTrials } from '../statistics/compare.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'
import { callGoals, goalContestants } from './call-goals.ts'

const names = {
  fetch: 'fetch',
  fetch_with_signal: 'fetch + signal, 2 headers',
  undici_pool: 'undici Pool.request',
  ky: 'ky',
  ky_plain: 'ky, no retry, no timeout',
  cockatiel: 'cockatiel (4 policies) + fetch',
  azure: '@azure/core-rest-pipeline',
  slack: '@slack/web-api',
  openai: 'openai',
  octokit: '@octokit/core',
  googleapis: 'googleapis',
  transport_undici: 'our undici transport + JSON + zod',
  transport_fetch: 'our fetch transport + JSON + zod',
  transport_ky: 'our ky transport + JSON + zod',
  ours_undici: 'ours, every stage, on undici',
  ours_fetch: 'ours, every stage, on fetch',
  ours_ky: 'ours, every stage, on ky',
} as const
type Client = keyof typeof names
const clients = Object.keys(names) as Client[]

const levels = [1, 16, 64] as const
type Level = (typeof levels)[number]

/** The rounds of one trial. */
interface Trial {
  readonly byLevel: Readonly<Record<Level, Rounds<BurstCost>>>
  /** The contestants of the goals alone, with 16 concurrent calls. */
  readonly closeUp: Rounds<BurstCost>
}

/** Measures the cost of one call for each client over one local server. */
export const calls: Section = {
  name: 'calls',
  async measure(run) {
    const server = startProcess('processes/api-server-process.ts')
    try {
      const base = await server.ask<string>('listen')
      const warmUp: Burst = { calls: run.quick ? 1500 : 4000, concurrency: 16 }
      const trials = await runTrials<Trial>(run, {
        what: 'calls',
        contestants: clients,
        async start(client) {
          const process = startProcess('clients/calling-process.ts')
          await process.ask('open', { client, base })
          await process.ask('burst', warmUp)
          return process
        },
        async measure(ask) {
          const play = (contestants: readonly string[], burst: Burst, rounds: number, mostMs: number) =>
            playRounds({ contestants, rounds, mostMs, random: run.random }, (client) =>
              ask<BurstCost>(client, 'burst', burst),
            )
          const at = (concurrency: number) =>
            play(clients, { calls: 300, concurrency }, run.quick ? 4 : 7, run.quick ? 2000 : 5000)
          return {
            byLevel: { 1: await at(1), 16: await at(16), 64: await at(64) },
            closeUp: await play(
              goalContestants,
              { calls: 500, concurrency: 16 },
              run.quick ? 6 : 20,
              run.quick ? 3000 : 9000,
            ),
          }
        },
      })
      return reportOf(trials)
    } finally {
      await server.close()
    }
  },
}

function reportOf(trials: readonly Trial[]): SectionResult {
  const at = (level: Level) => trials.map(({ byLevel }) => byLevel[level])
  const closeUp = trials.map((trial) => trial.closeUp)
  return {
    tables: [wallTable(at), cpuTable(at, closeUp)],
    goals: callGoals(closeUp, at(64)),
    figures: Object.fromEntries(
      clients.map((client) => [
        client,
        {
          ...Object.fromEntries(levels.map((level) => [`c${level}`, figuresOf(at(level), client)])),
          ...(isCloseUp(client) && { closeUpC16: figuresOf(closeUp, client) }),
        },
      ]),
    ),
  }
}

type Trials = readonly Rounds<BurstCost>[]
type At = (level: Level) => Trials

const wallTable = (at: At): Table => ({
  title: 'One call: wall time in us, and x bare fetch in the same round (1 KB JSON, keep-alive, loopback)',
  columns: ['client', ...levels.flatMap((level) => [`c=${level} us`, 'x fetch', 'middle half']), 'calls/s c=64'],
  rows: clients.map((client) => [
    names[client],
    ...levels.flatMap((level) => {
      const { median, ratio } = compareTrials(at(level), client, 'fetch', wall)
      return [median.figure, ratio.figure.toFixed(2), spreadText(ratio)]
    }),
    Math.round(1e6 / compareTrials(at(64), client, 'fetch', wall).median.figure),
  ]),
})

const cpuTable = (at: At, closeUp: Trials): Table => ({
  title: 'One call: CPU time of the client in us',
  columns: [
    'client',
    ...levels.flatMap((level) => [`c=${level} us`, 'x fetch', 'middle half']),
    'over its baseline c=16',
    'middle half',
  ],
  rows: clients.map((client) => {
    const baseline = baselineOf[client]
    const above = baseline && compareTrials(isCloseUp(client) ? closeUp : at(16), client, baseline, cpu).above
    return [
      names[client],
      ...levels.flatMap((level) => {
        const { median, ratio } = compareTrials(at(level), client, 'fetch', cpu)
        return [median.figure, ratio.figure.toFixed(2), spreadText(ratio)]
      }),
      above?.figure,
      above && spreadText(above),
    ]
  }),
})

const isCloseUp = (client: Client): boolean => goalContestants.includes(client)

/** The same work without what a client adds. */
const baselineOf: Partial<Record<Client, Client>> = {
  fetch_with_signal: 'fetch',
  cockatiel: 'fetch',
  transport_undici: 'undici_pool',
  transport_fetch: 'fetch',
  transport_ky: 'ky',
  ours_fetch: 'transport_fetch',
  ours_undici: 'transport_undici',
  ours_ky: 'transport_ky',
}

function figuresOf(trials: Trials, client: Client): object {
  const baseline = baselineOf[client]
  return {
    wallUs: compareTrials(trials, client, 'fetch', wall),
    cpuUs: compareTrials(trials, client, 'fetch', cpu),
    wallRatioToKy: compareTrials(trials, client, 'ky', wall).ratio,
    cpuRatioToKy: compareTrials(trials, client, 'ky', cpu).ratio,
    ...(baseline && { cpuUsOverBaseline: compareTrials(trials, client, baseline, cpu).above }),
  }
}
