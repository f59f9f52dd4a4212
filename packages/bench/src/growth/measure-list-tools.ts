import { startProcess } from '../processes/asked-process.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Run, SectionResult } from '../report/section.ts'
import { spreadCells } from '../report/table.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { ListToolsFigures } from './list-tools-process.ts'

const SERVERS = 200
/** As documented: the client lists the tools of eight connectors at a time. */
const MAX_AT_ONCE = 8

/** Lists the tools of many MCP servers to which no connection is open yet. */
export async function measureListTools(run: Run): Promise<SectionResult> {
  const server = startProcess('growth/mcp-servers-process.ts')
  try {
    const urls = await server.ask<readonly string[]>('listen', { servers: SERVERS })
    const trials = await runTrials(run, {
      what: `the tools of ${SERVERS} MCP servers`,
      contestants: ['ours'],
      async start() {
        const process = startProcess('growth/list-tools-process.ts')
        // Loads the modules, which blocks the event loop once for each process.
        await process.ask('listTools', { urls: urls.slice(0, 1) })
        await server.ask('mostInFlight')
        return process
      },
      async measure(ask) {
        const figures = await ask<ListToolsFigures>('ours', 'listTools', { urls })
        return { ...figures, atOnce: await server.ask<number>('mostInFlight') }
      },
    })
    const spread = (figure: (trial: (typeof trials)[number]) => number) => spreadOf(trials.map(figure))
    const block = spread((trial) => trial.longestBlockMs)
    const atOnce = spread((trial) => trial.atOnce)
    return {
      tables: [
        {
          title: `listTools over ${SERVERS} MCP servers that are not connected yet and respond after 20 ms`,
          columns: ['what', 'figure', 'middle half', 'unit'],
          rows: [
            ['tools', ...spreadCells(spread((trial) => trial.tools)), ''],
            ['time', ...spreadCells(spread((trial) => trial.wallMs)), 'ms'],
            ['requests in flight at once, most', ...spreadCells(atOnce), ''],
            ['longest block of the event loop', ...spreadCells(block), 'ms'],
          ],
        },
      ],
      goals: [
        judge('growth', `connections opened at once, listTools of ${SERVERS} servers`, 'connections', atOnce, {
          atMost: MAX_AT_ONCE,
        }),
        judge('growth', `longest block, listTools of ${SERVERS} servers`, 'ms', block, { atMost: 50 }),
      ],
      figures: { listTools: { servers: SERVERS, trials } },
    }
  } finally {
    await server.close()
  }
}
