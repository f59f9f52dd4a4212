import { governedClient } from '../clients/governed.ts'
import { createManualClock } from './manual-clock.ts'

const CROWD = 1000
const OPEN_MS = 10_000
const MAX_TURNS = 200

export interface HalfOpen {
  /** Requests that were sent when all calls reached the half-open breaker. */
  readonly probes: number
  /** Rejected calls of the thousand. */
  readonly refused: number
}

/** Measures the requests of a half-open breaker for a thousand concurrent calls. */
export async function halfOpenProbes(probes: number): Promise<HalfOpen> {
  const clock = createManualClock()
  let down = true
  let sent = 0
  const { mcp, connect } = governedClient({
    clock,
    transport: {
      send() {
        sent++
        // The probes are still in flight when the last call arrives.
        return down ? Promise.reject(new Error('down')) : new Promise(() => {})
      },
    },
    retry: { attempts: 1 },
    breaker: { minimumCalls: 5, openMs: OPEN_MS, probes },
  })
  const service = await connect('tenant_1')
  for (let failures = 0; failures < 5; failures++) await service.call('ping', { id: 'id_1' }).catch(() => undefined)
  await clock.advance(OPEN_MS + 1)
  down = false
  sent = 0
  let refused = 0
  for (let call = 0; call < CROWD; call++) {
    void service.call('ping', { id: 'id_1' }).catch(() => {
      refused++
    })
  }
  // The client starts a part of the calls in each turn of the event loop. A call that waits for a probe stays in flight.
  for (let turn = 0; turn < MAX_TURNS && sent + refused < CROWD; turn++) await nextTurn()
  const figures = { probes: sent, refused }
  await mcp.close()
  return figures
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

/** Returns whether one failure after an idle hour opens a breaker with nine earlier failures, which it must not. */
export async function opensOnStaleFailures(): Promise<boolean> {
  const clock = createManualClock()
  const { mcp, connect } = governedClient({
    clock,
    transport: { send: () => Promise.reject(new Error('down')) },
    retry: { attempts: 1 },
    breaker: { minimumCalls: 10, windowMs: 10_000 },
  })
  let opened = false
  mcp.on('breaker.opened', () => {
    opened = true
  })
  const service = await connect('tenant_1')
  const fail = () => service.call('ping', { id: 'id_1' }).catch(() => undefined)
  for (let failures = 0; failures < 9; failures++) await fail()
  await clock.advance(3_600_000)
  await fail()
  await mcp.close()
  return opened
}
