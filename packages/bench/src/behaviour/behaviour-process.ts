import { answerQuestions } from '../processes/answers.ts'
import { abortLatencies } from './abort-latency.ts'
import { halfOpenProbes, opensOnStaleFailures } from './half-open.ts'
import { retryAmplification } from './retry-amplification.ts'

answerQuestions({
  abort: ({ rounds }: { readonly rounds: number }) => abortLatencies(rounds),
  /** Without the breaker, which would hide what the budget does. */
  amplification: ({ breaker }: { readonly breaker: boolean }) =>
    retryAmplification(breaker ? {} : { breaker: { minimumCalls: 1_000_000 } }),
  halfOpen: ({ probes }: { readonly probes: number }) => halfOpenProbes(probes),
  stale: () => opensOnStaleFailures(),
})
