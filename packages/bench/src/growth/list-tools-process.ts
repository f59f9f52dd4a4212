import { createMcpClient } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'
import { mcpServer } from '@mcpclient/mcp'
import { longestBlock } from '../processes/longest-block.ts'
import { serveRequests } from '../processes/serve-requests.ts'

export interface ListToolsFigures {
  readonly longestBlockMs: number
  readonly wallMs: number
  readonly tools: number
}

/** Lists the tools of MCP servers to which no connection is open yet. */
async function listTools({ urls }: { readonly urls: readonly string[] }): Promise<ListToolsFigures> {
  const connectors = Object.fromEntries(
    urls.map((url, index) => [`server_${index}`, mcpServer({ url, auth: noAuth })] as const),
  )
  const mcp = createMcpClient({ connectors })
  let tools = 0
  let wallMs = Number.NaN
  const longestBlockMs = await longestBlock(async () => {
    const before = performance.now()
    const list = await mcp.listTools('tenant_1')
    wallMs = performance.now() - before
    if (list.failures[0] !== undefined) throw list.failures[0].error
    tools = list.tools.length
  })
  await mcp.close()
  return { longestBlockMs, wallMs, tools }
}

serveRequests({ listTools })
