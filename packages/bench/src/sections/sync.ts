import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import type { SyncFigures } from '../sync/syncing-process.ts'

const FEW = 10_000
const MANY = 100_000

/** Measures the first sync of a large calendar, and one without a change. */
export const syncing: Section = {
  name: 'sync',
  async measure(run) {
    const sizes = run.quick ? [FEW] : [FEW, MANY]
    const all: { readonly events: number; readonly minimum: number; readonly figures: SyncFigures }[] = []
    for (const events of sizes) {
      run.progress(`sync of ${events} events`)
      const api = startProcess('sync/events-api-process.ts')
      const process = startProcess('sync/syncing-process.ts', { nodeOptions: ['--expose-gc'] })
      try {
        const url = await api.ask<string>('listen', { events })
        const figures = await process.ask<SyncFigures>('measure', { sync: 'events', url, count: events })
        all.push({ events, minimum: Math.ceil(events / (await api.ask<number>('pageSize'))), figures })
      } finally {
        await process.close()
        await api.close()
      }
    }
    const row = (what: string, unit: string, of: (figures: SyncFigures) => number) => [
      what,
      ...all.map(({ figures }) => of(figures)),
      unit,
    ]
    return {
      tables: [
        {
          title: 'A two-way sync of a calendar, its state and its rows in SQLite in memory',
          columns: ['events', ...sizes.map(String), 'unit'],
          rows: [
            row('first sync', 's', ({ seconds }) => seconds),
            row('its requests', '', ({ requests }) => requests),
            row('growth of the heap', 'MB', ({ firstMb }) => firstMb),
            row('CPU, all of the process', 'us each', ({ cpuUs }) => cpuUs),
            row('engine', 'us each', ({ engineUs }) => engineUs),
            row('store', 'us each', ({ storeUs }) => storeUs),
            row('calls of the store', 'each', ({ storeCalls }) => storeCalls),
            row('table of the host', 'us each', ({ tableUs }) => tableUs),
            row('transport', 'us each', ({ transportUs }) => transportUs),
            row('requests of a sync without a change', '', ({ incrementalRequests }) => incrementalRequests),
            row('growth of the heap in it', 'MB', ({ incrementalMb }) => incrementalMb),
          ],
        },
      ],
      goals: all.flatMap(({ events, minimum, figures }) => [
        judge('G20', `requests of a first sync of ${events} events`, 'requests', figures.requests, {
          atMost: minimum + 1,
        }),
        judge('G20', `events that it did not create, of ${events}`, 'events', events - figures.created, { atMost: 0 }),
        judge('G21', `growth of the heap in it, ${events} events`, 'MB', figures.firstMb, { atMost: 32 }),
        judge('G22', `requests of a sync without a change, ${events} events`, 'requests', figures.incrementalRequests, {
          atMost: 1,
        }),
        judge('G22', `writes of it, ${events} events`, 'writes', figures.incrementalWrites, { atMost: 0 }),
        judge('G23', `CPU of a first sync, ${events} events`, 'us each', figures.cpuUs, { atMost: 2000 }),
      ]),
      figures: { sizes: all },
    }
  },
}
