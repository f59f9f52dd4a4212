import { performance } from 'node:perf_hooks'
import { bareFetch } from '../clients/bare-fetch.ts'
import type { OpenClient } from '../clients/client.ts'
import { oursOverFetch } from '../clients/ours-over-fetch.ts'
import { longestBlock } from '../processes/longest-block.ts'
import { serveRequests } from '../processes/serve-requests.ts'

const clients: Readonly<Record<string, OpenClient>> = { fetch: bareFetch, ours: oursOverFetch }

export interface LoopCost {
  /** Milliseconds for which the event loop was busy. */
  readonly busyMs: number
  readonly longestBlockMs: number
}

let call: () => Promise<unknown> = () => Promise.reject(new Error('Not opened.'))

serveRequests({
  async open({ client, base }: { readonly client: string; readonly base: string }) {
    const open = clients[client]
    if (open === undefined) throw new Error(`There is no client ${client}.`)
    call = await open(base)
  },
  async load(): Promise<LoopCost> {
    let busyMs = Number.NaN
    const longestBlockMs = await longestBlock(async () => {
      const before = performance.eventLoopUtilization()
      await call()
      busyMs = performance.eventLoopUtilization(before).active
    })
    return { busyMs, longestBlockMs }
  },
})
