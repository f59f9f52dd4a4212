import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import type { FairnessFigures } from '../scale/fairness-process.ts'
import type { PlanFigures } from '../scale/plans-process.ts'
import { median } from '../statistics/median.ts'

const PLANS = 100_000
/** Three times as often as by default. Each window has one look at the index. */
const EVERY_MS = 20_000
const HEAP = { nodeOptions: ['--expose-gc'] }

/** Measures a hundred thousand scheduled syncs that wait, and how long one tenant delays another. */
export const scale: Section = {
  name: 'scale',
  async measure(run) {
    const count = run.quick ? 3 : 6
    run.progress(`${PLANS} plans`)
    const empty = startProcess('processes/empty-process.ts')
    const planned = startProcess('scale/plans-process.ts', HEAP)
    const inMemory = startProcess('scale/plans-process.ts', HEAP)
    try {
      const figures = await planned.ask<PlanFigures>('schedule', { plans: PLANS, store: 'sqlite', everyMs: EVERY_MS })
      run.progress(`idle for ${(count * EVERY_MS) / 1000} s, beside an empty process`)
      const windows: { readonly cpu: number; readonly emptyCpu: number }[] = []
      while (windows.length < count) {
        // Both in the same seconds, so both have the same neighbours.
        const [cpu, emptyCpu] = await Promise.all([
          planned.ask<number>('idleCpu', { forMs: EVERY_MS }),
          empty.ask<number>('idleCpu', { forMs: EVERY_MS }),
        ])
        windows.push({ cpu, emptyCpu })
      }
      // The median: a minute or two after the garbage of scheduling, V8 shrinks the heap, which takes 30 ms once.
      const cpu = median(windows.map((window) => window.cpu))
      const emptyCpu = median(windows.map((window) => window.emptyCpu))
      const more = median(windows.map((window) => window.cpu - window.emptyCpu))
      run.progress('the same plans in the memory store')
      const memory = await inMemory.ask<PlanFigures>('schedule', { plans: PLANS, store: 'memory', everyMs: EVERY_MS })

      const changes = run.quick ? 10 : 40
      const kinds = [
        { what: 'it pulls', direction: 'pull', isQueued: false },
        { what: 'it pulls, through a queue', direction: 'pull', isQueued: true },
        { what: 'it pushes', direction: 'push', isQueued: false },
        { what: 'it pushes, through a queue', direction: 'push', isQueued: true },
      ]
      const fairness: { readonly what: string; readonly figures: FairnessFigures }[] = []
      for (const { what, ...kind } of kinds) {
        run.progress(`fairness: ${what}`)
        const process = startProcess('scale/fairness-process.ts')
        try {
          fairness.push({ what, figures: await process.ask<FairnessFigures>('measure', { ...kind, changes }) })
        } finally {
          await process.close()
        }
      }
      return {
        tables: [
          {
            title: `${PLANS} scheduled plans in one process, due in hours, their rows in SQLite`,
            columns: ['what', 'figure', 'unit'],
            rows: [
              ['held in the heap', Math.round(figures.bytesEach), 'bytes a plan'],
              ['the same with the rows in the memory store', Math.round(memory.bytesEach), 'bytes a plan'],
              ['timers alive', figures.timers, ''],
              ['CPU while idle', cpu, 'ms/s'],
              ['CPU of an empty process', emptyCpu, 'ms/s'],
              ['scheduling', figures.scheduleUs, 'us a plan'],
            ],
          },
          {
            title: 'Slices of a tenant with 1 000 000 changes that delay a single change of another one',
            columns: ['one job at a time', 'most', 'mean', 'changes', 'slices'],
            rows: fairness.map(({ what, figures: { mostSlices, meanSlices, changes: count, slices } }) => [
              what,
              mostSlices,
              meanSlices,
              count,
              slices,
            ]),
          },
        ],
        goals: [
          judge('G24', `timers alive with ${PLANS} plans`, 'timers', figures.timers, { atMost: 1 }),
          judge('G24', `CPU with ${PLANS} plans, more than an empty process`, 'ms/s', more, { atMost: 0.1 }),
          judge('G24', `a plan in the heap, of ${PLANS}`, 'bytes', figures.bytesEach, { atMost: 300 }),
          ...fairness.map(({ what, figures: { mostSlices } }) =>
            judge('G25', `slices that delay another tenant: ${what}`, 'slices', mostSlices, { atMost: 2 }),
          ),
          ...fairness.map(({ what, figures: { completed } }) =>
            judge('G25', `large syncs that ended too early to say: ${what}`, 'syncs', Number(completed), { atMost: 0 }),
          ),
        ],
        figures: { plans: PLANS, everyMs: EVERY_MS, windows, sqlite: figures, memory, fairness },
      }
    } finally {
      await Promise.all([empty, planned, inMemory].map((process) => process.close()))
    }
  },
}
