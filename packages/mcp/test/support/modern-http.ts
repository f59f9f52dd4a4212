import { acceptedContent, createMcpHandler, inputRequired, McpServer } from '@modelcontextprotocol/server'
import type { CreateMcpHandlerOptions } from '@modelcontextprotocol/server'
import * as z from 'zod'

export interface ModernHttpOptions extends CreateMcpHandlerOptions {
  /** Changes the server. */
  readonly equip?: ((server: McpServer) => void) | undefined
  /** Responds instead of the server, unless it returns undefined. */
  readonly respond?: ((rpc: string | undefined) => Response | undefined) | undefined
}

/** Returns a server of revision 2026-07-28 in this process, reached through `fetch` only. */
export function modernHttpServer({ equip, respond, ...options }: ModernHttpOptions = {}) {
  const requests: { readonly rpc: string | undefined; readonly headers: Readonly<Record<string, string>> }[] = []
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: 'modern', version: '1.0.0' })
    server.registerTool('echo', { inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
      content: [{ type: 'text', text }],
    }))
    server.registerTool('deploy', { inputSchema: z.object({ env: z.string() }) }, ({ env }, { mcpReq }) => {
      const confirmed = acceptedContent(mcpReq.inputResponses, 'confirm', confirmation)
      if (confirmed !== undefined)
        return { content: [{ type: 'text', text: `${env}: ${confirmed.confirm}, ${confirmed.note}` }] }
      if (mcpReq.inputResponses !== undefined) return { content: [{ type: 'text', text: `${env}: not accepted` }] }
      const ask = inputRequired.elicit({ message: `Deploy to ${env}?`, requestedSchema: confirmation })
      return inputRequired({ inputRequests: { confirm: ask } })
    })
    equip?.(server)
    return server
  }, options)
  const state = { respond }
  return {
    handler,
    requests,
    state,
    count: (rpc: string) => requests.filter((each) => each.rpc === rpc).length,
    async fetch(url: string | URL, init?: RequestInit): Promise<Response> {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const rpc = text === '' ? undefined : (JSON.parse(text) as { readonly method?: string }).method
      requests.push({ rpc, headers: Object.fromEntries(request.headers) })
      return state.respond?.(rpc) ?? handler.fetch(request)
    },
  }
}

const confirmation = z.object({ confirm: z.boolean(), note: z.string().default('no note') })
