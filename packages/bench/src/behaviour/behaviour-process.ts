import { serveRequests } from '../processes/serve-requests.ts'
import { abortLatencies } from './abort-latency.ts'
import { halfOpenProbes, opensOnStaleFailures } from './half-open.ts'
import { simulateQuota } from './quota-simulation.ts'
import type { QuotaFigures } from './quota-simulation.ts'
import { quotaCases } from './quota-cases.ts'
import { retryAmplification } from './retry-amplification.ts'

serveRequests({
  abort: ({ rounds }: { readonly rounds: number }) => abortLatencies(rounds),
  /** Runs without the breaker, which would hide the effect of the budget. */
  amplification: ({ breaker }: { readonly breaker: boolean }) =>
    retryAmplification(breaker ? {} : { breaker: { minimumCalls: 1_000_000 } }),
  halfOpen: ({ probes }: { readonly probes: number }) => halfOpenProbes(probes),
  async quota(): Promise<readonly QuotaFigures[]> {
    const figures: QuotaFigures[] = []
    for (const each of quotaCases) figures.push(await simulateQuota(each))
    return figures
  },
  stale: () => opensOnStaleFailures(),
})
