import type { IdleFigures } from '../idle/idle-process.ts'
import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'

const CONNECTIONS = 100_000

/** Measures the cost of a hundred thousand idle connections. */
export const idleConnections: Section = {
  name: 'idle connections',
  async measure(run) {
    run.progress('100 000 connections')
    const process = startProcess('idle/idle-process.ts', { nodeOptions: ['--expose-gc'] })
    try {
      const figures = await process.ask<IdleFigures>('measure', { connections: CONNECTIONS })
      return {
        tables: [
          {
            title: '100 000 connections of as many tenants, one call each, then nothing',
            columns: ['what', 'figure', 'unit'],
            rows: [
              [
                'held after the calls (the last 10 000 credentials cached)',
                Math.round(figures.justCalled),
                'bytes each',
              ],
              [
                'held a minute later, others calling, credentials back in the store',
                Math.round(figures.evicted),
                'bytes each',
              ],
              ['held ten minutes later, others calling', Math.round(figures.idledOut), 'bytes each'],
              ['a view that the host keeps', Math.round(figures.heldView), 'bytes each'],
              ['timers alive while idle', figures.timersHeld, ''],
              ['timers made for a call', figures.timersPerCall, ''],
              ['CPU while idle', figures.idleCpuMs, 'ms/s'],
              ['first calls of new tenants', Math.round(figures.callsPerSecond), 'calls/s'],
            ],
          },
        ],
        goals: [
          judge('G6', 'an idle connection, its credential cached', 'bytes', figures.justCalled, { atMost: 600 }),
          judge('G6', 'an idle connection, its credential back in the store', 'bytes', figures.evicted, {
            atMost: 200,
          }),
          judge('G6', 'a million idle connections', 'MB', figures.evicted, { atMost: 250 }),
          judge('G7', 'timers alive with 100 000 idle connections', 'timers', figures.timersHeld, { atMost: 0 }),
          judge('G7', 'CPU with 100 000 idle connections', 'ms/s', figures.idleCpuMs, { atMost: 1 }),
        ],
        figures: { connections: CONNECTIONS, ...figures },
      }
    } finally {
      await process.close()
    }
  },
}
