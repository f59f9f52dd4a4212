import { governedClient } from '../clients/governed.ts'
import { createManualClock, settle } from './manual-clock.ts'

const CROWD = 1000
const OPEN_MS = 10_000

export interface HalfOpen {
  /** Requests that went out when the crowd came to the half-open breaker. */
  readonly probes: number
  /** Calls refused by then, of the thousand. */
  readonly refused: number
}

/** What a breaker lets through when it tries again, and a thousand calls come at once. */
export async function halfOpenProbes(probes: number): Promise<HalfOpen> {
  const clock = createManualClock()
  let down = true
  let sent = 0
  const { mcp, connect } = governedClient({
    clock,
    transport: {
      send() {
        sent++
        // The probes are still under way when the last of the crowd has come.
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
  await settle()
  const figures = { probes: sent, refused }
  await mcp.close()
  return figures
}

/** Whether one failure after an idle hour opens a breaker that had failed nine times before it: it must not. */
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
