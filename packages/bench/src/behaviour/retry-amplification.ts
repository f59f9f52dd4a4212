import { governedClient } from '../clients/governed.ts'
import type { Governance } from '../clients/governed.ts'
import { createManualClock } from './manual-clock.ts'

const SECONDS = 40
const CALLS_PER_SECOND = 50
const STEP_MS = 1000 / CALLS_PER_SECOND
/** The goal applies to any ten seconds. */
const WINDOW_MS = 10_000
/** Allowed in addition to the share, for connections with few calls. */
const ALWAYS_PER_SECOND = 3

export interface Amplification {
  /** Requests for each call over the worst ten seconds. */
  readonly worst: number
  /** The maximum of the budget over them: a tenth more, or three a second. */
  readonly allowed: number
  readonly calls: number
  readonly requests: number
}

/** Measures the requests that a provider receives for each call while it fails all of them. */
export async function retryAmplification(governance: Governance = {}): Promise<Amplification> {
  const clock = createManualClock()
  const requests: number[] = []
  const { mcp, connect } = governedClient({
    clock,
    random: () => 0.5,
    transport: {
      async send() {
        requests.push(clock.monotonic())
        return {
          status: 503,
          headers: { get: () => null },
          text: async () => '',
          bytes: async () => new Uint8Array(),
          stream: () => null,
        }
      },
    },
    ...governance,
  })
  const service = await connect('tenant_1')
  const calls: number[] = []
  for (let step = 0; step < SECONDS * CALLS_PER_SECOND; step++) {
    calls.push(clock.monotonic())
    void service.call('ping', { id: 'id_1' }).catch(() => undefined)
    await clock.advance(STEP_MS)
  }
  await mcp.close()
  const end = clock.monotonic()
  let worst = 0
  for (const from of calls) {
    if (from + WINDOW_MS > end) break
    worst = Math.max(worst, countIn(requests, from) / countIn(calls, from))
  }
  return {
    worst,
    allowed: 1 + Math.max(0.1, ALWAYS_PER_SECOND / CALLS_PER_SECOND),
    calls: calls.length,
    requests: requests.length,
  }
}

const countIn = (times: readonly number[], from: number): number =>
  times.filter((time) => time >= from && time < from + WINDOW_MS).length
