import { randomUUID } from 'node:crypto'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import { rogueServer } from './rogue-tools.ts'
import type { RogueOptions } from './rogue-tools.ts'

export interface SeenRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** The JSON-RPC method, or undefined if the request carries no message. */
  readonly rpc: string | undefined
}

type MaybeResponse = Response | undefined
type Respond = (request: Request, rpc: string | undefined) => MaybeResponse | Promise<MaybeResponse>

export interface RogueHttpServer {
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>
  readonly requests: readonly SeenRequest[]
  /** Returns how often this JSON-RPC method was requested. */
  count(rpc: string): number
  /** Drops all sessions, as a restart does. */
  forget(): void
  /** Responds instead of the server, unless it returns undefined. */
  respond: Respond
  readonly servers: readonly Server[]
}

export interface RogueHttpOptions extends RogueOptions {
  readonly json?: boolean | undefined
  /** The response to a request that names an unknown session. */
  readonly unknownSession?: (() => Response) | undefined
}

/** Returns a server over Streamable HTTP with sessions in this process, reached through `fetch` only. */
export function rogueHttpServer(options: RogueHttpOptions = {}): RogueHttpServer {
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()
  const requests: SeenRequest[] = []
  const servers: Server[] = []
  const unknownSession = options.unknownSession ?? (() => rpcError(404, -32001, 'Session not found'))

  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: options.json ?? false,
      onsessioninitialized: (id) => {
        sessions.set(id, transport)
      },
      onsessionclosed: (id) => {
        sessions.delete(id)
      },
    })
    const server = rogueServer(options)
    servers.push(server)
    await server.connect(transport)
    return transport
  }

  const rogue: RogueHttpServer & { respond: Respond } = {
    requests,
    servers,
    respond: () => undefined,
    count: (rpc) => requests.filter((each) => each.rpc === rpc).length,
    forget: () => {
      sessions.clear()
    },
    async fetch(url, init) {
      const request = new Request(url, init)
      const text = await request.clone().text()
      const message = text === '' ? undefined : (JSON.parse(text) as { readonly method?: string })
      const rpc = message?.method
      requests.push({ method: request.method, url: request.url, headers: Object.fromEntries(request.headers), rpc })
      const response = await rogue.respond(request.clone(), rpc)
      if (response !== undefined) return response
      // A legacy server does not know the first request to a modern one.
      if (rpc === 'server/discover') return rpcError(400, -32000, 'Bad Request: Server not initialized')
      const id = request.headers.get('mcp-session-id')
      if (id !== null) return (await sessions.get(id)?.handleRequest(request)) ?? unknownSession()
      if (rpc !== 'initialize') return rpcError(400, -32000, 'Bad Request: Mcp-Session-Id header is required')
      return (await open()).handleRequest(request)
    },
  }
  return rogue
}

export const rpcError = (status: number, code: number, message: string): Response =>
  Response.json({ jsonrpc: '2.0', error: { code, message }, id: null }, { status })
