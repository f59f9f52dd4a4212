import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'
import { respondToMessage } from './respond-to-message.ts'

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'POST') {
    // There is no stream of the server's own, and no session to end.
    response.writeHead(405).end()
    return
  }
  let text = ''
  request.setEncoding('utf8')
  request.on('data', (chunk: string) => {
    text += chunk
  })
  request.on('end', () => {
    const reply = respondToMessage(JSON.parse(text) as Parameters<typeof respondToMessage>[0])
    if (reply === undefined) {
      response.writeHead(202).end()
      return
    }
    const body = JSON.stringify(reply)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
}

serveRequests({
  listen: () =>
    new Promise<string>((resolve) => {
      const server = createServer({ keepAliveTimeout: 60_000 }, serve)
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
      })
    }),
})
