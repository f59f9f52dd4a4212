import { createMcpClient } from '@mcpclient/core'
import type { Connector } from '@mcpclient/core'
import { bearer } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import { TOKEN } from '../clients/client.ts'
import { everyStage, wideLimit } from '../clients/governed.ts'
import { TEXT } from './mcp-client.ts'
import type { OpenMcpClient } from './mcp-client.ts'

const effects = { echo: 'read' } as const
const principal = { tenant: 'tenant_1', user: 'user_1' }

/** Calls the same server as a connector, through every stage. A program on this machine gets no credential. */
export const ours: OpenMcpClient = async (reach) => {
  if ('command' in reach) {
    const { service } = governed(mcpProcess({ ...reach, effects }))
    return () => service.call('echo', { text: TEXT })
  }
  const { service } = governed(mcpServer({ url: reach.url, effects, auth: bearer() }))
  await service.connect({ token: TOKEN })
  return () => service.call('echo', { text: TEXT })
}

function governed<Server extends Connector>(server: Server) {
  // An MCP server declares no limits, so that the stage would have nothing to check.
  const limits = [{ ...wideLimit, scope: 'connection' } as const]
  const service: Server = { ...server, profile: { ...server.profile, limits } }
  const mcp = createMcpClient({ ...everyStage, vault: vault(), connectors: { service } })
  mcp.on('call.finished', () => {})
  return mcp.as(principal)
}
