import type { Transport } from '@mcpclient/core'
import { emptyTransport } from '../clients/empty-transport.ts'
import { governedClient } from '../clients/governed.ts'
import { longestBlock } from '../processes/longest-block.ts'
import { serveRequests } from '../processes/serve-requests.ts'

/** Responses arrive spread over this span, as those of a network do. */
const MIN_LATENCY_MS = 50
const SPREAD_MS = 50
const WARM_UP_CALLS = 3000

export interface ConcurrentFigures {
  readonly longestBlockMs: number
  readonly wallMs: number
  /** CPU microseconds of this process for each call. */
  readonly cpuUs: number
}

let sent = 0
const slowTransport: Transport = {
  async send(request) {
    const latencyMs = MIN_LATENCY_MS + (sent++ % SPREAD_MS)
    await new Promise((resolve) => void setTimeout(resolve, latencyMs))
    return emptyTransport.send(request)
  },
}

const { connect } = governedClient({ transport: slowTransport })
const service = await connect('tenant_1')

const callAtOnce = (calls: number): Promise<unknown> =>
  Promise.all(Array.from({ length: calls }, () => service.call('ping', { id: 'id_1' })))

serveRequests({
  warmUp: () => callAtOnce(WARM_UP_CALLS).then(() => undefined),
  async measure({ calls }: { readonly calls: number }): Promise<ConcurrentFigures> {
    const cpuBefore = process.cpuUsage()
    let wallMs = Number.NaN
    const longestBlockMs = await longestBlock(async () => {
      const before = performance.now()
      await callAtOnce(calls)
      wallMs = performance.now() - before
    })
    const { user, system } = process.cpuUsage(cpuBefore)
    return { longestBlockMs, wallMs, cpuUs: (user + system) / calls }
  },
})
