import { startProcess } from '../processes/asked-process.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Run, SectionResult } from '../report/section.ts'
import { spreadCells } from '../report/table.ts'
import { compareTrials } from '../statistics/compare.ts'
import { median } from '../statistics/median.ts'
import { playRounds } from '../statistics/rounds.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { LoopCost } from './large-body-process.ts'

const BODY_BYTES = 10_000_000
const bodyClients = ['fetch', 'ours']

/** Compares the time for which a large response occupies the event loop. */
export async function measureLargeBody(run: Run): Promise<SectionResult> {
  const server = startProcess('growth/large-body-server-process.ts')
  try {
    const base = await server.ask<string>('listen', { bytes: BODY_BYTES })
    const trials = await runTrials(run, {
      what: 'a response of 10 MB',
      contestants: bodyClients,
      async start(client) {
        const process = startProcess('growth/large-body-process.ts')
        await process.ask('open', { client, base })
        await process.ask('load')
        return process
      },
      measure: (ask) =>
        playRounds(
          { contestants: bodyClients, rounds: run.quick ? 3 : 7, random: run.random, mostMs: 6000 },
          (client) => ask<LoopCost>(client, 'load'),
        ),
    })
    const busy = (client: string) => compareTrials(trials, client, 'fetch', ({ busyMs }) => busyMs)
    const block = (client: string) =>
      spreadOf(trials.map((rounds) => median((rounds.get(client) ?? []).map((cost) => cost.longestBlockMs))))
    return {
      tables: [
        {
          title: 'A JSON response of 10 MB, with a schema of every item',
          columns: [
            'client',
            'loop busy ms',
            'middle half',
            'x fetch',
            'middle half',
            'longest block ms',
            'middle half',
          ],
          rows: [
            [
              'fetch().json()',
              ...spreadCells(busy('fetch').median),
              ...spreadCells(busy('fetch').ratio),
              ...spreadCells(block('fetch')),
            ],
            [
              'ours, every stage, on fetch',
              ...spreadCells(busy('ours').median),
              ...spreadCells(busy('ours').ratio),
              ...spreadCells(block('ours')),
            ],
          ],
        },
      ],
      goals: [
        judge('growth', 'loop time of a 10 MB response with a schema', 'x fetch().json()', busy('ours').ratio, {
          atMost: 1.5,
        }),
      ],
      figures: {
        largeBody: bodyClients.map((client) => ({ client, busyMs: busy(client), longestBlockMs: block(client) })),
      },
    }
  } finally {
    await server.close()
  }
}
