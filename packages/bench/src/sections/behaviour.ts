import type { HalfOpen } from '../behaviour/half-open.ts'
import type { Amplification } from '../behaviour/retry-amplification.ts'
import { startProcess } from '../processes/asked-process.ts'
import { judge } from '../report/goal.ts'
import type { Section } from '../report/section.ts'

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
      // JSON has no infinity, so it arrives as null.
      const latencies = Object.entries(aborts).map(([state, ms]) => [state, ms ?? Infinity] as const)
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
        ],
        goals: [
          judge('G11', 'abort to settled, the slowest state', 'ms', Math.max(...latencies.map(([, ms]) => ms)), {
            atMost: 2,
          }),
          judge(
            'G14',
            'probes beside those allowed, of 1 and of 3',
            'probes',
            Math.abs(one.probes - 1) + Math.abs(several.probes - PROBES),
            {
              atMost: 0,
            },
          ),
          judge(
            'G14',
            'calls that a half-open breaker keeps waiting',
            'calls',
            2000 - 1 - PROBES - one.refused - several.refused,
            {
              atMost: 0,
            },
          ),
          judge('G14', 'breakers opened by failures an hour old', 'breakers', stale ? 1 : 0, { atMost: 0 }),
          judge('G15', 'requests for each call at 100 % failure, worst 10 s', 'x', budget.worst, {
            atMost: budget.allowed,
          }),
        ],
        figures: {
          abortMs: Object.fromEntries(latencies),
          budget,
          withBreaker: whole,
          halfOpen: { one, several },
          stale,
        },
      }
    } finally {
      await process.close()
    }
  },
}
