import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'
import { mcpListener } from './mcp-listener.ts'

serveRequests({
  listen: () =>
    new Promise<string>((resolve) => {
      const server = createServer({ keepAliveTimeout: 60_000 }, mcpListener())
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
      })
    }),
})
