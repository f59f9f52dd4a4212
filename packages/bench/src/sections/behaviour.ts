import type { HalfOpen } from '../behaviour/half-open.ts'
import { quotaCases } from '../behaviour/quota-cases.ts'
import type { QuotaFigures } from '../behaviour/quota-simulation.ts'
import type { Amplification } from '../behaviour/retry-amplification.ts'
import { retryMatrix } from '../behaviour/retry-matrix.ts'
import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'
import { quotaGoals, quotaTable } from './quota-report.ts'
import { retryGoals, retryTable } from './retry-report.ts'

const PROBES = 3

/** Measures the behavior under failures. */
export const behaviour: Section = {
  name: 'behaviour',
  async measure(run) {
    run.progress('aborts, outages, half-open breakers')
    const process = startProcess('behaviour/behaviour-process.ts')
    try {
      const aborts = await process.ask<Readonly<Record<string, number | null>>>('abort', { rounds: run.quick ? 3 : 9 })
      const budget = await process.ask<Amplification>('amplification', { breaker: false })
      const whole = await process.ask<Amplification>('amplification', { breaker: true })
      const one = await process.ask<HalfOpen>('halfOpen', { probes: 1 })
      const several = await process.ask<HalfOpen>('halfOpen', { probes: PROBES })
      const stale = await process.ask<boolean>('stale')
      run.progress('clients that share the limit of a provider')
      const quota = await process.ask<readonly QuotaFigures[]>('quota')
      run.progress('retries of each kind of call after each kind of failure')
      const retries = await retryMatrix()
      // JSON has no infinity, so it arrives as null.
      const latencies = Object.entries(aborts).map(([state, ms]) => [state, ms ?? Infinity] as const)
      const slowestMs = Math.max(...latencies.map(([, ms]) => ms))
      const wrongProbes = Math.abs(one.probes - 1) + Math.abs(several.probes - PROBES)
      const waiting = 2000 - 1 - PROBES - one.refused - several.refused
      return {
        tables: [
          {
            title: "From the caller's abort to the settled call",
            columns: ['state', 'ms'],
            rows: latencies,
          },
          {
            title: 'A provider that fails every request, 50 calls a second, and a breaker that tries again',
            columns: ['what', 'figure'],
            rows: [
              ['requests for each call, worst 10 s, without the breaker', budget.worst],
              ['requests for each call, worst 10 s, with the breaker', whole.worst],
              ['requests let through half-open, 1 probe, 1 000 calls', one.probes],
              ['refused at once', one.refused],
              [`requests let through half-open, ${PROBES} probes, 1 000 calls`, several.probes],
              ['refused at once', several.refused],
              ['opens on failures an hour old', stale ? 'yes' : 'no'],
            ],
          },
          quotaTable(quota),
          retryTable(retries),
        ],
        goals: [
          judge('G11', 'abort to settled, the slowest state', 'ms', slowestMs, { atMost: 2 }),
          judge('G14', 'probes beside those allowed, of 1 and of 3', 'probes', wrongProbes, { atMost: 0 }),
          judge('G14', 'calls that a half-open breaker keeps waiting', 'calls', waiting, { atMost: 0 }),
          judge('G14', 'breakers opened by failures an hour old', 'breakers', stale ? 1 : 0, { atMost: 0 }),
          judge('G15', 'requests for each call at 100 % failure, worst 10 s', 'x', budget.worst, {
            atMost: budget.allowed,
          }),
          ...quotaGoals(quota),
          ...retryGoals(retries),
        ],
        figures: {
          abortMs: Object.fromEntries(latencies),
          budget,
          withBreaker: whole,
          halfOpen: { one, several },
          stale,
          quota: quotaCases.map((each, index) => ({ ...each, ...quota[index] })),
          retries,
        },
      }
    } finally {
      await process.close()
    }
  },
}
