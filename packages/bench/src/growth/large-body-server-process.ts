import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'

serveRequests({
  /** Serves one list of items of about `bytes` bytes. */
  listen: ({ bytes }: { readonly bytes: number }) =>
    new Promise<string>((resolve) => {
      const items: string[] = []
      for (let size = 0; size < bytes; size += (items.at(-1)?.length ?? 0) + 1) {
        items.push(JSON.stringify({ id: `item_${items.length}`, name: `Name ${items.length}`, done: false }))
      }
      const body = Buffer.from(`{"items":[${items.join(',')}]}`)
      const headers = { 'content-type': 'application/json', 'content-length': body.length }
      const server = createServer((_request, response) => response.writeHead(200, headers).end(body))
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      })
    }),
})
