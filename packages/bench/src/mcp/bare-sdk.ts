import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { TEXT } from './mcp-client.ts'
import type { OpenMcpClient } from './mcp-client.ts'

/** Calls through the official SDK alone, on which the other clients are built. */
export const bareSdk: OpenMcpClient = async (reach) => {
  const client = new Client({ name: 'bench', version: '1.0.0' })
  await client.connect(
    'url' in reach
      ? new StreamableHTTPClientTransport(new URL(reach.url))
      : new StdioClientTransport({ command: reach.command, args: [...reach.args] }),
  )
  return () => client.callTool({ name: 'echo', arguments: { text: TEXT } })
}
