import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AuthorizationServer } from './authorization-server.ts'
import { rogueHttpServer } from './rogue-http.ts'
import type { RogueHttpServer } from './rogue-http.ts'

export interface GuardedServer {
  readonly url: string
  /** The server behind the guard. Both are reached through its `fetch` only. */
  readonly mcp: RogueHttpServer
  /** The authorization server whose tokens it accepts. Tests may replace it. */
  trusts: AuthorizationServer
  /** The scope that a tool needs beyond `read`. */
  readonly needs: Record<string, string>
  /** Whether tools refuse even the scope that they ask for. */
  insatiable: boolean
  /** The number of requests with an expired token. */
  readonly refused: number
  /** Delays the first tool calls until this many have arrived. */
  gather(calls: number): void
  /** Expires all tokens that it has received so far. */
  expireTokens(): void
  close(): Promise<void>
}

const METADATA = '/.well-known/oauth-protected-resource/mcp'

/**
 * Starts an MCP server that accepts tokens issued for it. Its metadata (RFC 9728) is on a free port of this machine.
 */
export async function startGuardedServer(trusted: AuthorizationServer): Promise<GuardedServer> {
  const mcp = rogueHttpServer({ json: true })
  const seen = new Set<string>()
  const ended = new Set<string>()
  let refused = 0
  let awaited = 0
  let release = () => {}
  let together = Promise.resolve()

  const http = createServer((request, response) => {
    const resource = {
      resource: guarded.url,
      authorization_servers: [guarded.trusts.issuer],
      scopes_supported: ['read'],
    }
    response.setHeader('content-type', 'application/json')
    response.statusCode = request.url === METADATA ? 200 : 404
    response.end(JSON.stringify(request.url === METADATA ? resource : {}))
  }).listen(0, '127.0.0.1')
  await once(http, 'listening')
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`

  const refuse = (status: number, challenge: string): Response =>
    new Response(null, {
      status,
      headers: { 'www-authenticate': `Bearer resource_metadata="${origin}${METADATA}"${challenge}` },
    })

  mcp.respond = async (request, rpc) => {
    if (rpc === 'tools/call' && --awaited <= 0) release()
    if (rpc === 'tools/call') await together
    const token = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (token === undefined) return refuse(401, '')
    seen.add(token)
    const scopes = ended.has(token) ? undefined : await guarded.trusts.scopesOf(token, guarded.url)
    if (scopes === undefined) {
      refused++
      return refuse(401, ', error="invalid_token"')
    }
    const { params } = (await request.json().catch(() => ({}))) as { readonly params?: { readonly name?: string } }
    const needed = guarded.needs[params?.name ?? '']
    if (needed === undefined || (scopes.includes(needed) && !guarded.insatiable)) return undefined
    return refuse(403, `, error="insufficient_scope", scope="${needed}"`)
  }

  const guarded: GuardedServer = {
    url: `${origin}/mcp`,
    mcp,
    trusts: trusted,
    needs: {},
    insatiable: false,
    get refused() {
      return refused
    },
    gather(calls) {
      const all = Promise.withResolvers<void>()
      awaited = calls
      release = all.resolve
      together = all.promise
    },
    expireTokens() {
      for (const token of seen) ended.add(token)
    },
    async close() {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
  return guarded
}
