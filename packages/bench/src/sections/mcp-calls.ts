import { stdioServer } from '../mcp/mcp-client.ts'
import type { Reach } from '../mcp/mcp-client.ts'
import { startProcess } from '../processes/asked-process.ts'
import { cpu, wall } from '../processes/burst.ts'
import type { BurstCost } from '../processes/burst.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Run, Section } from '../report/section.ts'
import { spreadText } from '../report/table.ts'
import type { Table } from '../report/table.ts'
import { compareTrials } from '../statistics/compare.ts'
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
const levels = [1, 64] as const
type Level = (typeof levels)[number]

/** Measures the cost of a tool of an MCP server over the bare SDK. */
export const mcpCalls: Section = {
  name: 'mcp',
  async measure(run) {
    const server = startProcess('mcp/http-server-process.ts')
    try {
      const url = await server.ask<string>('listen')
      const http = await playTransport(run, 'HTTP', { url })
      const stdio = await playTransport(run, 'stdio', stdioServer)
      return {
        tables: [tableOf('HTTP', http), tableOf('stdio', stdio)],
        goals: [
          // CPU time: how long a process waits for a busy processor says nothing about the client.
          judge(
            'MCP',
            'CPU time of a call over stdio, one at a time, more than the bare SDK',
            'us',
            compareTrials(stdio[1], 'ours', 'sdk', cpu).above,
            { costAtMost: 12 },
          ),
          judge(
            'MCP',
            'a call over HTTP, 64 at once',
            'x bare SDK',
            compareTrials(http[64], 'ours', 'sdk', wall).ratio,
            { atMost: 1.1 },
          ),
        ],
        figures: { http: figuresOf(http), stdio: figuresOf(stdio) },
      }
    } finally {
      await server.close()
    }
  },
}

/** The rounds of each trial. */
type ByLevel = Readonly<Record<Level, readonly Rounds<BurstCost>[]>>

async function playTransport(run: Run, name: string, reach: Reach): Promise<ByLevel> {
  const trials = await runTrials(run, {
    what: `tools/call over ${name}`,
    contestants: clients,
    async start(client) {
      const process = startProcess('mcp/mcp-calling-process.ts')
      await process.ask('open', { client, reach })
      await process.ask('burst', { calls: run.quick ? 1000 : 3000, concurrency: 16 })
      return process
    },
    async measure(ask) {
      const at = (concurrency: number) =>
        playRounds(
          { contestants: clients, rounds: run.quick ? 5 : 12, random: run.random, mostMs: run.quick ? 1500 : 3000 },
          (client) => ask<BurstCost>(client, 'burst', { calls: 200, concurrency }),
        )
      return { 1: await at(1), 64: await at(64) }
    },
  })
  return { 1: trials.map((trial) => trial[1]), 64: trials.map((trial) => trial[64]) }
}

const tableOf = (name: string, way: ByLevel): Table => ({
  title: `tools/call over ${name}`,
  columns: [
    'client',
    ...levels.flatMap((level) => [`c=${level} us`, 'x SDK', 'middle half', 'CPU us', 'CPU over SDK']),
    'over SDK c=1',
    'middle half',
  ],
  rows: clients.map((client) => {
    const { above } = compareTrials(way[1], client, 'sdk', wall)
    return [
      names[client],
      ...levels.flatMap((level) => {
        const { median, ratio } = compareTrials(way[level], client, 'sdk', wall)
        const cost = compareTrials(way[level], client, 'sdk', cpu)
        return [median.figure, ratio.figure.toFixed(2), spreadText(ratio), cost.median.figure, cost.above.figure]
      }),
      above.figure,
      spreadText(above),
    ]
  }),
})

const figuresOf = (way: ByLevel): object =>
  Object.fromEntries(
    clients.map((client) => [
      client,
      Object.fromEntries(
        levels.map((level) => [
          `c${level}`,
          {
            wallUs: compareTrials(way[level], client, 'sdk', wall),
            cpuUs: compareTrials(way[level], client, 'sdk', cpu),
          },
        ]),
      ),
    ]),
  )
