import { startProcess } from '../processes/asked-process.ts'
import { runTrials } from '../processes/trials.ts'
import { judge } from '../report/goal.ts'
import type { Run, SectionResult } from '../report/section.ts'
import { spreadCells } from '../report/table.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { ConcurrentFigures } from './concurrent-calls-process.ts'

const LEVELS = [100, 1000, 10_000] as const

/** Starts many calls in one turn of the event loop. */
export async function measureConcurrentCalls(run: Run): Promise<SectionResult> {
  const trials = await runTrials(run, {
    what: 'concurrent calls',
    contestants: ['ours'],
    async start() {
      const process = startProcess('growth/concurrent-calls-process.ts')
      await process.ask('warmUp')
      return process
    },
    async measure(ask) {
      const figures: ConcurrentFigures[] = []
      for (const calls of LEVELS) figures.push(await ask<ConcurrentFigures>('ours', 'measure', { calls }))
      return figures
    },
  })
  const rows = LEVELS.map((calls, level) => {
    const spread = (figure: (figures: ConcurrentFigures) => number) =>
      spreadOf(trials.flatMap((trial) => trial.slice(level, level + 1).map(figure)))
    return {
      calls,
      block: spread((figures) => figures.longestBlockMs),
      wallMs: spread((figures) => figures.wallMs),
      cpuUs: spread((figures) => figures.cpuUs),
    }
  })
  return {
    tables: [
      {
        title: 'Calls that start in one turn of the event loop, with responses after 50 to 100 ms',
        columns: ['calls', 'longest block ms', 'middle half', 'all done after ms', 'middle half', 'CPU us a call'],
        rows: rows.map(({ calls, block, wallMs, cpuUs }) => [
          String(calls),
          ...spreadCells(block),
          ...spreadCells(wallMs),
          cpuUs.figure,
        ]),
      },
    ],
    goals: rows
      .slice(-1)
      .map(({ calls, block }) =>
        judge('growth', `longest block, ${calls} concurrent calls`, 'ms', block, { atMost: 100 }),
      ),
    figures: { concurrentCalls: rows },
  }
}
