import type { EvictedFigures } from '../idle/idle-process.ts'
import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Run, Section } from '../report/section.ts'
import { spreadText } from '../report/table.ts'
import { median } from '../statistics/median.ts'
import { spreadOf } from '../statistics/spread.ts'
import type { Spread } from '../statistics/spread.ts'

/** Fewer than the credentials that a client caches. */
const CACHED = 9000
const EVICTED = 100_000
/** Windows in which a process is idle. V8 shrinks its heap in some of them, so their median is used. */
const WINDOWS = 3
const WINDOW_MS = 2500
const HEAP = { nodeOptions: ['--expose-gc'] }

interface Trial extends EvictedFigures {
  /** Bytes for each connection whose credential is cached. */
  readonly cached: number
  readonly idleCpu: number
  readonly emptyIdleCpu: number
  /** The median of the differences of both in the same window. */
  readonly idleCpuMore: number
}

/** Measures the cost of idle connections in memory, timers and CPU time. */
export const idleConnections: Section = {
  name: 'idle connections',
  async measure(run) {
    const trials: Trial[] = []
    while (trials.length < run.trials) trials.push(await runTrial(run, trials.length + 1))
    const spread = (figure: (trial: Trial) => number): Spread => spreadOf(trials.map(figure))
    const row = (what: string, unit: string, figure: (trial: Trial) => number, digits = 0) => {
      const each = spread((trial) => Number(figure(trial).toFixed(digits)))
      return [what, each.figure, spreadText(each), unit]
    }
    const evicted = spread((trial) => trial.evicted)
    return {
      tables: [
        {
          title: 'Connections of as many tenants, one call each, then nothing',
          columns: ['what', 'figure', 'middle half', 'unit'],
          rows: [
            row(`held, all ${CACHED} credentials cached`, 'bytes each', (trial) => trial.cached),
            row(
              `held a minute later, ${EVICTED} credentials back in the store`,
              'bytes each',
              (trial) => trial.evicted,
            ),
            row('held ten minutes later, others calling', 'bytes each', (trial) => trial.idledOut),
            row('a view that the host keeps', 'bytes each', (trial) => trial.heldView),
            row('timers alive while idle', '', (trial) => trial.timersHeld),
            row('timers made for a call', '', (trial) => trial.timersPerCall, 3),
            row(`CPU while ${EVICTED} are idle`, 'ms/s', (trial) => trial.idleCpu, 3),
            row('CPU of an empty process in the same seconds', 'ms/s', (trial) => trial.emptyIdleCpu, 3),
            row('first calls of new tenants', 'calls/s', (trial) => trial.callsPerSecond),
          ],
        },
      ],
      goals: [
        judge(
          'G6',
          'an idle connection, its credential cached',
          'bytes',
          spread((trial) => trial.cached),
          { atMost: 700 },
        ),
        judge('G6', 'an idle connection, its credential back in the store', 'bytes', evicted, { atMost: 200 }),
        judge(
          'G7',
          `timers alive with ${EVICTED} idle connections`,
          'timers',
          spread((trial) => trial.timersHeld),
          { atMost: 0 },
        ),
        judge(
          'G7',
          `CPU with ${EVICTED} idle connections, more than an empty process`,
          'ms/s',
          spread((trial) => trial.idleCpuMore),
          { within: 0.1 },
        ),
      ],
      figures: { cached: CACHED, evicted: EVICTED, trials },
    }
  },
}

async function runTrial(run: Run, number: number): Promise<Trial> {
  run.progress(`idle connections, processes ${number} of ${run.trials}`)
  const withCached = startProcess('idle/idle-process.ts', HEAP)
  const withEvicted = startProcess('idle/idle-process.ts', HEAP)
  const empty = startProcess('processes/empty-process.ts')
  try {
    const cached = await withCached.ask<number>('cached', { connections: CACHED })
    await withCached.close()
    const figures = await withEvicted.ask<EvictedFigures>('evicted', { connections: EVICTED })
    const windows: { readonly cpu: number; readonly emptyCpu: number }[] = []
    while (windows.length < WINDOWS) {
      // Both in the same seconds, so both have the same neighbours.
      const [cpu, emptyCpu] = await Promise.all([
        withEvicted.ask<number>('idleCpu', { forMs: WINDOW_MS }),
        empty.ask<number>('idleCpu', { forMs: WINDOW_MS }),
      ])
      windows.push({ cpu, emptyCpu })
    }
    return {
      ...figures,
      cached,
      idleCpu: median(windows.map(({ cpu }) => cpu)),
      emptyIdleCpu: median(windows.map(({ emptyCpu }) => emptyCpu)),
      idleCpuMore: median(windows.map(({ cpu, emptyCpu }) => cpu - emptyCpu)),
    }
  } finally {
    await Promise.all([withCached, withEvicted, empty].map((each) => each.close()))
  }
}
