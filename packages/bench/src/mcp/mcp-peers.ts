import { loadPeer } from '../../peers/load-peer.ts'
import { TEXT } from './mcp-client.ts'
import type { OpenMcpClient } from './mcp-client.ts'

// Installed by the bench alone, so the compiler does not know them: each type declares the used members.

interface AiSdk {
  createMCPClient(options: { readonly transport: unknown }): Promise<{
    tools(): Promise<Readonly<Record<string, { execute(input: object, options: object): Promise<unknown> }>>>
  }>
}
interface AiSdkStdio {
  readonly StdioMCPTransport: new (server: { readonly command: string; readonly args: readonly string[] }) => unknown
}

export const aiSdk: OpenMcpClient = async (reach) => {
  const { createMCPClient } = await loadPeer<AiSdk>('@ai-sdk/mcp')
  const { StdioMCPTransport } = await loadPeer<AiSdkStdio>('@ai-sdk/mcp/mcp-stdio')
  const transport = 'url' in reach ? { type: 'http', url: reach.url } : new StdioMCPTransport(reach)
  const client = await createMCPClient({ transport })
  const { echo } = await client.tools()
  if (echo === undefined) throw new Error('@ai-sdk/mcp does not list the tool.')
  return () => echo.execute({ text: TEXT }, { toolCallId: 'call_1', messages: [] })
}

interface Mastra {
  readonly MCPClient: new (options: { readonly servers: Readonly<Record<string, object>> }) => {
    listTools(): Promise<Readonly<Record<string, { execute(input: object, context: object): Promise<unknown> }>>>
  }
}

export const mastra: OpenMcpClient = async (reach) => {
  const { MCPClient } = await loadPeer<Mastra>('@mastra/mcp')
  const server = 'url' in reach ? { url: new URL(reach.url) } : reach
  const { bench_echo: echo } = await new MCPClient({ servers: { bench: server } }).listTools()
  if (echo === undefined) throw new Error('@mastra/mcp does not list the tool.')
  return () => echo.execute({ text: TEXT }, {})
}
