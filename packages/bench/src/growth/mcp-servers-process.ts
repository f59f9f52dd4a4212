import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mcpListener } from '../mcp/mcp-listener.ts'
import { serveRequests } from '../processes/serve-requests.ts'

/** A local server would respond before another connection is opened. */
const LATENCY_MS = 20
const TOOLS = 20

const tools = Array.from({ length: TOOLS }, (_, index) => ({
  name: `tool_${index}`,
  description: 'Does something with a text.',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
}))

let inFlight = 0
let mostInFlight = 0

const serve = mcpListener(tools)

/** Listens on a port of its own, so that no two servers share a connection. */
const listen = (): Promise<string> =>
  new Promise((resolve) => {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      if (request.method === 'POST') {
        mostInFlight = Math.max(mostInFlight, ++inFlight)
        response.on('close', () => inFlight--)
      }
      setTimeout(() => serve(request, response), LATENCY_MS)
    })
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
    })
  })

serveRequests({
  listen: ({ servers }: { readonly servers: number }) => Promise.all(Array.from({ length: servers }, listen)),
  /** Returns the most requests that were in flight at once since the last call of this handler. */
  mostInFlight() {
    const most = mostInFlight
    mostInFlight = 0
    return most
  },
})
