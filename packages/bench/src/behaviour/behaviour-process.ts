import { serveRequests } from '../processes/serve-requests.ts'
import { abortLatencies } from './abort-latency.ts'
import { halfOpenProbes, opensOnStaleFailures } from './half-open.ts'
import { retryAmplification } from './retry-amplification.ts'

serveRequests({
  abort: ({ rounds }: { readonly rounds: number }) => abortLatencies(rounds),
  /** Runs without the breaker, which would hide the effect of the budget. */
  amplification: ({ breaker }: { readonly breaker: boolean }) =>
    retryAmplification(breaker ? {} : { breaker: { minimumCalls: 1_000_000 } }),
  halfOpen: ({ probes }: { readonly probes: number }) => halfOpenProbes(probes),
  stale: () => opensOnStaleFailures(),
})
