import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'
import type { FailureKind } from './retry-cells.ts'

// Fails every request as its path says, `/<cell>/<failure>`, and counts the requests of each cell.

const respond: Readonly<Record<FailureKind, (response: ServerResponse) => void>> = {
  rate_limited: (response) => response.writeHead(429, { 'retry-after': '1' }).end('{}'),
  internal_error: (response) => response.writeHead(500).end('{}'),
  unavailable: (response) => response.writeHead(503).end('{}'),
  reset: (response) => response.destroy(),
  truncated: (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
    response.write('{"ok":', () => response.destroy())
  },
  silent: () => {},
}

const counts: Record<string, number> = {}

serveRequests({
  listen: () =>
    new Promise<string>((resolve) => {
      const server = createServer((request, response) => {
        const [, cell = '', failure = ''] = (request.url ?? '').split('/')
        counts[cell] = (counts[cell] ?? 0) + 1
        request.resume().on('end', () => respond[failure as FailureKind](response))
      })
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      })
    }),
  counts: () => counts,
})
