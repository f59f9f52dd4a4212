import { startProcess } from '../processes/asked-process.ts'
import type { AskedProcess } from '../processes/asked-process.ts'
import { cpu, wall } from '../processes/burst.ts'
import type { Burst, BurstCost } from '../processes/burst.ts'
import { judge } from '../report/goal.ts'
import type { Goal } from '../report/goal.ts'
import type { Run, Section, SectionResult } from '../report/section.ts'
import type { Table } from '../report/table.ts'
import { compare } from '../statistics/compare.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'

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

/** What one call costs, beside everybody else, over one local server. */
export const calls: Section = {
  name: 'calls',
  async measure(run) {
    const server = startProcess('processes/answering-server.ts')
    const processes = new Map<Client, AskedProcess>()
    try {
      const base = await server.ask<string>('listen')
      for (const client of clients) {
        run.progress(`opening ${names[client]}`)
        const process = startProcess('clients/calling-process.ts')
        processes.set(client, process)
        await process.ask('open', { client, base })
      }
      return reportOf(await playLevels(run, processes))
    } finally {
      await Promise.all([...processes.values(), server].map((each) => each.close()))
    }
  },
}

async function playLevels(run: Run, processes: ReadonlyMap<Client, AskedProcess>): Promise<ByLevel> {
  const burst = (client: string, wanted: Burst) => processes.get(client as Client)?.ask<BurstCost>('burst', wanted)
  run.progress('warming up')
  for (const client of clients) await burst(client, { calls: run.quick ? 1500 : 4000, concurrency: 16 })
  const byLevel = new Map<number, Rounds<BurstCost>>()
  for (const concurrency of levels) {
    run.progress(`calls, ${concurrency} at a time`)
    const rounds = await playRounds(
      { contestants: clients, rounds: run.quick ? 9 : 40, random: run.random, mostMs: run.quick ? 9000 : 35_000 },
      async (client) => {
        const cost = await burst(client, { calls: 300, concurrency })
        if (cost === undefined) throw new Error(`There is no process for ${client}.`)
        return cost
      },
    )
    byLevel.set(concurrency, rounds)
  }
  return byLevel
}

function reportOf(byLevel: ByLevel): SectionResult {
  const at = (level: number): Rounds<BurstCost> => byLevel.get(level) ?? new Map()
  return {
    tables: [wallTable(at), cpuTable(at)],
    goals: goalsOf(at),
    figures: Object.fromEntries(
      clients.map((client) => [
        client,
        Object.fromEntries(levels.map((level) => [`c${level}`, figuresOf(at(level), client)])),
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

/** The same way over the wire, without what stands on it. */
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

function goalsOf(at: At): Goal[] {
  const wallRatio = (client: Client, baseline: Client) => compare(at(16), client, baseline, wall).ratio
  const above = (client: Client, baseline: Client) => compare(at(16), client, baseline, cpu).above
  const perSecond = (client: Client) => 1e6 / compare(at(64), client, 'fetch', cpu).median
  return [
    judge('G1', 'CPU of a call over undici Pool.request, c=16', 'us', above('ours_undici', 'undici_pool'), {
      atMost: 8,
    }),
    judge('G1', 'CPU of a call over bare fetch, c=16', 'us', above('ours_fetch', 'fetch'), { atMost: 8 }),
    judge(
      'G1',
      'CPU of a call over fetch with a signal and headers, c=16',
      'us',
      above('ours_fetch', 'fetch_with_signal'),
      {
        atMost: 8,
      },
    ),
    judge('G1', 'CPU of a call over bare ky, c=16', 'us', above('ours_ky', 'ky'), { atMost: 8 }),
    judge('G2', 'on ky, wall, c=16', 'x bare ky', wallRatio('ours_ky', 'ky'), { atMost: 1.15 }),
    judge('G2', 'on fetch, wall, c=16', 'x bare fetch', wallRatio('ours_fetch', 'fetch'), { atMost: 1.3 }),
    judge('G2', 'on undici, wall, c=16', 'x bare fetch', wallRatio('ours_undici', 'fetch'), { atMost: 0.55 }),
    judge('G3', 'calls for a second of CPU on undici, c=64', 'calls', perSecond('ours_undici'), { atLeast: 24_000 }),
    judge('G3', 'calls for a second of CPU on fetch, c=64', 'calls', perSecond('ours_fetch'), { atLeast: 9000 }),
  ]
}
