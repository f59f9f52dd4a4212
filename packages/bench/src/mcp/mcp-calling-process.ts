import { serveRequests } from '../processes/serve-requests.ts'
import { measureBurst } from '../processes/burst.ts'
import type { Burst } from '../processes/burst.ts'
import { TEXT } from './mcp-client.ts'
import type { OpenMcpClient, Reach } from './mcp-client.ts'

const clients: Readonly<Record<string, () => Promise<OpenMcpClient>>> = {
  sdk: async () => (await import('./bare-sdk.ts')).bareSdk,
  ours: async () => (await import('./ours.ts')).ours,
  ai_sdk: async () => (await import('./mcp-peers.ts')).aiSdk,
  mastra: async () => (await import('./mcp-peers.ts')).mastra,
}

let call: () => Promise<unknown> = () => Promise.reject(new Error('Not opened.'))

serveRequests({
  async open({ client, reach }: { readonly client: string; readonly reach: Reach }) {
    const load = clients[client]
    if (load === undefined) throw new Error(`There is no client ${client}.`)
    call = await (await load())(reach)
    if (!JSON.stringify(await call()).includes(TEXT)) throw new Error(`${client} did not return the text.`)
  },
  burst: (burst: Burst) => measureBurst(call, burst),
})
