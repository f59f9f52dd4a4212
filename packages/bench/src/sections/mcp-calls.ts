import { stdioServer } from '../mcp/mcp-client.ts'
import type { Reach } from '../mcp/mcp-client.ts'
import { startProcess } from '../processes/asked-process.ts'
import type { AskedProcess } from '../processes/asked-process.ts'
import { cpu, wall } from '../processes/burst.ts'
import type { BurstCost } from '../processes/burst.ts'
import { judge } from '../report/goal.ts'
import type { Run, Section } from '../report/section.ts'
import type { Table } from '../report/table.ts'
import { compare } from '../statistics/compare.ts'
import { playRounds } from '../statistics/rounds.ts'
import type { Rounds } from '../statistics/rounds.ts'

const names = {
  sdk: '@modelcontextprotocol/client',
  ai_sdk: '@ai-sdk/mcp',
  mastra: '@mastra/mcp',
  ours: 'ours, every stage',
} as const
type Client = keyof typeof names
const clients = Object.keys(names) as Client[]
const levels = [1, 64]

/** Measures the cost of a tool of an MCP server over the bare SDK. */
export const mcpCalls: Section = {
  name: 'mcp',
  async measure(run) {
    const server = startProcess('mcp/http-server-process.ts')
    try {
      const url = await server.ask<string>('listen')
      const http = await playWay(run, 'HTTP', { url })
      const stdio = await playWay(run, 'stdio', stdioServer)
      const above = (way: ByLevel) => compare(at(way, 1), 'ours', 'sdk', wall).above
      return {
        tables: [tableOf('HTTP', http), tableOf('stdio', stdio)],
        goals: [
          judge('MCP', 'a call over the bare SDK, HTTP, one at a time', 'us', above(http), { atMost: 15 }),
          judge('MCP', 'a call over the bare SDK, stdio, one at a time', 'us', above(stdio), { atMost: 15 }),
        ],
        figures: { http: figuresOf(http), stdio: figuresOf(stdio) },
      }
    } finally {
      await server.close()
    }
  },
}

type ByLevel = ReadonlyMap<number, Rounds<BurstCost>>
const at = (way: ByLevel, level: number): Rounds<BurstCost> => way.get(level) ?? new Map()

async function playWay(run: Run, name: string, reach: Reach): Promise<ByLevel> {
  const processes = new Map<string, AskedProcess>()
  try {
    for (const client of clients) {
      run.progress(`opening ${names[client]} over ${name}`)
      const process = startProcess('mcp/mcp-calling-process.ts')
      processes.set(client, process)
      await process.ask('open', { client, reach })
      await process.ask('burst', { calls: run.quick ? 1000 : 3000, concurrency: 16 })
    }
    const byLevel = new Map<number, Rounds<BurstCost>>()
    for (const concurrency of levels) {
      run.progress(`tools/call over ${name}, ${concurrency} at a time`)
      const rounds = await playRounds(
        {
          contestants: clients,
          rounds: run.quick ? 9 : 40,
          random: run.random,
          mostMs: run.quick ? 2500 : 12_000,
        },
        async (client) => {
          const cost = await processes.get(client)?.ask<BurstCost>('burst', { calls: 200, concurrency })
          if (cost === undefined) throw new Error(`There is no process for ${client}.`)
          return cost
        },
      )
      byLevel.set(concurrency, rounds)
    }
    return byLevel
  } finally {
    await Promise.all([...processes.values()].map((each) => each.close()))
  }
}

const tableOf = (name: string, way: ByLevel): Table => ({
  title: `tools/call over ${name}`,
  columns: [
    'client',
    ...levels.flatMap((level) => [`c=${level} us`, 'x SDK', 'CPU us', 'CPU over SDK']),
    'over SDK c=1',
  ],
  rows: clients.map((client) => [
    names[client],
    ...levels.flatMap((level) => {
      const { median, ratio } = compare(at(way, level), client, 'sdk', wall)
      const cost = compare(at(way, level), client, 'sdk', cpu)
      return [median, ratio.toFixed(2), cost.median, cost.above]
    }),
    compare(at(way, 1), client, 'sdk', wall).above,
  ]),
})

const figuresOf = (way: ByLevel): object =>
  Object.fromEntries(
    clients.map((client) => [
      client,
      Object.fromEntries(
        levels.map((level) => [
          `c${level}`,
          {
            wallUs: compare(at(way, level), client, 'sdk', wall),
            cpuUs: compare(at(way, level), client, 'sdk', cpu),
          },
        ]),
      ),
    ]),
  )
