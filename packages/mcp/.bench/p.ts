import { ConnectorClient, createMcpClient } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'
import type { Call } from '@mcpclient/core'
class N extends ConnectorClient<any> {
  async listTools() { return [] }
  async perform(call: Call) { return (await this.host.request(call, { method: 'EXCHANGE', path: 'x', run: async () => 1 }, { effect: 'write' })).body }
}
const c: any = { profile: { id: 'n', name: 'n', auth: noAuth }, appCredential: {}, settings: {}, parseSettings: () => ({}), baseUrl: () => 'http://x', mount: () => ({ open: (h: any) => new N(h) }) }
const mcp = createMcpClient({ connectors: { n: c } }); const n: any = mcp.as('a').n
const v: number[] = []
for (let r = 0; r < 15; r++) { const N2 = 5000; const t = performance.now(); for (let i = 0; i < N2; i++) await n.call('x', {}); v.push((performance.now() - t) / N2 * 1000) }
console.log('core no-op exchange', Math.min(...v).toFixed(2), v.toSorted((a, b) => a - b)[7].toFixed(2))
