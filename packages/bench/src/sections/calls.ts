import { startProcess } from '../processes/asked-process.ts'
import type { AskedProcess } from '../processes/asked-process.ts'
import { cpu, wall } from '../processes/burst.ts'
import type { Burst, BurstCost } from '../processes/burst.ts'
import type { Run, Section, SectionResult } from '../report/section.ts'
import type { Table } from '../report/table.ts'
import { compare } from '../statistics/compare.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'
import { callGoals, concerned } from './call-goals.ts'

const names = {
  fetch: 'fetch',
  fetch_with_signal: 'fetch + signal, 4 headers',
  undici_pool: 'undici Pool.request',
  ky: 'ky',
  ky_plain: 'ky, no retry, no timeout',
  cockatiel: 'cockatiel (4 policies) + fetch',
  azure: '@azure/core-rest-pipeline',
  slack: '@slack/web-api',
  openai: 'openai',
  octokit: '@octokit/core',
  googleapis: 'googleapis',
  ours_undici: 'ours, every stage, on undici',
  ours_fetch: 'ours, every stage, on fetch',
  ours_ky: 'ours, every stage, on ky (default)',
} as const
type Client = keyof typeof names
const clients = Object.keys(names) as Client[]

const levels = [1, 16, 64]
type ByLevel = ReadonlyMap<number, Rounds<BurstCost>>

/** Measures the cost of one call for each client over one local server. */
export const calls: Section = {
  name: 'calls',
  async measure(run) {
    const server = startProcess('processes/api-server-process.ts')
    const processes = new Map<Client, AskedProcess>()
    try {
      const base = await server.ask<string>('listen')
      for (const client of clients) {
        run.progress(`opening ${names[client]}`)
        const process = startProcess('clients/calling-process.ts')
        processes.set(client, process)
        await process.ask('open', { client, base })
      }
      const byLevel = await playLevels(run, processes)
      run.progress('the goals once more, only those concerned')
      const closeUp = await playRounds(
        { contestants: concerned, rounds: run.quick ? 25 : 100, random: run.random, mostMs: run.quick ? 7000 : 40_000 },
        (client) => burstOf(processes, client, { calls: 500, concurrency: 16 }),
      )
      return reportOf(byLevel, closeUp)
    } finally {
      await Promise.all([...processes.values(), server].map((each) => each.close()))
    }
  },
}

async function burstOf(processes: ReadonlyMap<string, AskedProcess>, client: string, burst: Burst): Promise<BurstCost> {
  const process = processes.get(client)
  if (process === undefined) throw new Error(`There is no process for ${client}.`)
  return process.ask<BurstCost>('burst', burst)
}

async function playLevels(run: Run, processes: ReadonlyMap<Client, AskedProcess>): Promise<ByLevel> {
  run.progress('warming up')
  for (const client of clients) {
    await burstOf(processes, client, { calls: run.quick ? 1500 : 4000, concurrency: 16 })
  }
  const byLevel = new Map<number, Rounds<BurstCost>>()
  for (const concurrency of levels) {
    run.progress(`calls, ${concurrency} at a time`)
    const rounds = await playRounds(
      { contestants: clients, rounds: run.quick ? 9 : 40, random: run.random, mostMs: run.quick ? 5000 : 30_000 },
      (client) => burstOf(processes, client, { calls: 300, concurrency }),
    )
    byLevel.set(concurrency, rounds)
  }
  return byLevel
}

function reportOf(byLevel: ByLevel, closeUp: Rounds<BurstCost>): SectionResult {
  const at = (level: number): Rounds<BurstCost> => byLevel.get(level) ?? new Map()
  return {
    tables: [wallTable(at), cpuTable(at)],
    goals: callGoals(closeUp, at(64)),
    figures: Object.fromEntries(
      clients.map((client) => [
        client,
        {
          ...Object.fromEntries(levels.map((level) => [`c${level}`, figuresOf(at(level), client)])),
          ...(closeUp.has(client) && { closeUpC16: figuresOf(closeUp, client) }),
        },
      ]),
    ),
  }
}

type At = (level: number) => Rounds<BurstCost>

const wallTable = (at: At): Table => ({
  title: 'One call: wall time in us, and x bare fetch in the same round (1 KB JSON, keep-alive, loopback)',
  columns: ['client', ...levels.flatMap((level) => [`c=${level} us`, 'x fetch', 'middle half']), 'calls/s c=64'],
  rows: clients.map((client) => [
    names[client],
    ...levels.flatMap((level) => {
      const { median, ratio, ratioFrom, ratioTo } = compare(at(level), client, 'fetch', wall)
      return [median, ratio.toFixed(2), `${ratioFrom.toFixed(2)}-${ratioTo.toFixed(2)}`]
    }),
    Math.round(1e6 / compare(at(64), client, 'fetch', wall).median),
  ]),
})

const cpuTable = (at: At): Table => ({
  title: 'One call: CPU time of the client in us',
  columns: [
    'client',
    ...levels.flatMap((level) => [`c=${level} us`, 'x fetch']),
    'x ky c=16',
    'over its transport c=16',
  ],
  rows: clients.map((client) => {
    const transport = transportOf[client]
    return [
      names[client],
      ...levels.flatMap((level) => {
        const { median, ratio } = compare(at(level), client, 'fetch', cpu)
        return [median, ratio.toFixed(2)]
      }),
      compare(at(16), client, 'ky', cpu).ratio.toFixed(2),
      transport && compare(at(16), client, transport, cpu).above,
    ]
  }),
})

/** The same transport without the layers above it. */
const transportOf: Partial<Record<Client, Client>> = {
  fetch_with_signal: 'fetch',
  cockatiel: 'fetch',
  ours_fetch: 'fetch',
  ours_undici: 'undici_pool',
  ours_ky: 'ky',
}

function figuresOf(rounds: Rounds<BurstCost>, client: Client): object {
  const transport = transportOf[client]
  return {
    wallUs: compare(rounds, client, 'fetch', wall),
    cpuUs: compare(rounds, client, 'fetch', cpu),
    wallRatioToKy: compare(rounds, client, 'ky', wall).ratio,
    cpuRatioToKy: compare(rounds, client, 'ky', cpu).ratio,
    ...(transport && { cpuUsOverTransport: compare(rounds, client, transport, cpu).above }),
  }
}
