import { createMcpClient } from '@mcpclient/core'
import { mcpServer } from '@mcpclient/mcp'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import { TEXT } from './mcp-client.ts'
import type { OpenMcpClient } from './mcp-client.ts'

/** Calls the same server as a connector, through every stage. */
export const ours: OpenMcpClient = async (reach) => {
  const effects = { echo: 'read' } as const
  const bench = 'url' in reach ? mcpServer({ url: reach.url, effects }) : mcpProcess({ ...reach, effects })
  const mcp = createMcpClient({
    permissions: {
      policy: { allow: ['bench.*'], deny: ['*.drop_*'], effects: ['read', 'write'] },
      approve: () => true,
    },
    connectors: { bench },
  })
  mcp.on('call.finished', () => {})
  const server = mcp.as({ tenant: 'tenant_1', user: 'user_1' }).bench
  return () => server.call('echo', { text: TEXT })
}
