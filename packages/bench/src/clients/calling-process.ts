import type { Transport } from '@mcpclient/core'
import { serveRequests } from '../processes/serve-requests.ts'
import { measureBurst } from '../processes/burst.ts'
import type { Burst } from '../processes/burst.ts'
import { ITEMS } from './client.ts'
import type { OpenClient } from './client.ts'

/** Each client is loaded only if it is used, because a loaded undici also serves the platform's `fetch`. */
const clients: Readonly<Record<string, () => Promise<OpenClient>>> = {
  fetch: async () => (await import('./bare-fetch.ts')).bareFetch,
  fetch_with_signal: async () => (await import('./bare-fetch.ts')).fetchWithSignal,
  ky: async () => (await import('./bare-ky.ts')).bareKy,
  ky_plain: async () => (await import('./bare-ky.ts')).plainKy,
  undici_pool: async () => (await import('./undici-pool.ts')).undiciPool,
  slack: async () => (await import('./peers.ts')).slack,
  openai: async () => (await import('./peers.ts')).openai,
  octokit: async () => (await import('./peers.ts')).octokit,
  azure: async () => (await import('./peers.ts')).azure,
  googleapis: async () => (await import('./peers.ts')).googleapis,
  cockatiel: async () => (await import('./peers.ts')).cockatiel,
  transport_fetch: async () => transportAlone((await import('@mcpclient/core')).fetchTransport()),
  transport_ky: async () => transportAlone((await import('@mcpclient/core/transports')).kyTransport()),
  transport_undici: async () => transportAlone((await import('@mcpclient/core/undici')).undiciTransport()),
  ours_ky: async () => (await import('./ours-over-fetch.ts')).oursOverKy,
  ours_fetch: async () => (await import('./ours-over-fetch.ts')).oursOverFetch,
  ours_undici: async () => (await import('./ours-over-undici.ts')).oursOverUndici,
}

async function transportAlone(transport: Transport): Promise<OpenClient> {
  return (await import('./listing-over-transport.ts')).listingOver(transport)
}

let call: () => Promise<readonly unknown[]> = () => Promise.reject(new Error('Not opened.'))

serveRequests({
  async open({ client, base }: { readonly client: string; readonly base: string }) {
    const load = clients[client]
    if (load === undefined) throw new Error(`There is no client ${client}.`)
    call = await (await load())(base)
    const { length } = await call()
    if (length !== ITEMS) throw new Error(`${client} brought ${length} items back, and not ${ITEMS}.`)
  },
  burst: (burst: Burst) => measureBurst(call, burst),
})
