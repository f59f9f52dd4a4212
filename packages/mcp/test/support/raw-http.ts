type Params = Readonly<Record<string, unknown>>
type Result = (params: Params, nth: number) => unknown

export interface RawHttpServer {
  readonly fetch: (url: string | URL, init?: RequestInit) => Promise<Response>
  /** Returns how often this JSON-RPC method was requested. */
  count(rpc: string): number
}

const hello = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'raw', version: '1' },
}

/** Returns a legacy server that sends each result unchanged, well-formed or not. */
export function rawHttpServer(results: Readonly<Record<string, Result>>): RawHttpServer {
  const counts = new Map<string, number>()
  const resultOf = async (method: string, params: Params): Promise<object> => {
    const nth = counts.get(method) ?? 0
    counts.set(method, nth + 1)
    const result = results[method] ?? (method === 'initialize' ? () => hello : undefined)
    if (result === undefined) return { error: { code: -32_601, message: 'Method not found' } }
    return { result: await result(params, nth) }
  }
  return {
    count: (rpc) => counts.get(rpc) ?? 0,
    async fetch(url, init) {
      const request = new Request(url, init)
      if (request.method === 'GET') return new Response(null, { status: 405 })
      if (request.method !== 'POST') return new Response(null)
      const { id, method, params = {} } = (await request.json()) as { id?: number; method: string; params?: Params }
      if (id === undefined) return new Response(null, { status: 202 })
      return Response.json({ jsonrpc: '2.0', id, ...(await resultOf(method, params)) })
    },
  }
}
