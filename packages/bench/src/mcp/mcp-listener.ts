import type { RequestListener } from 'node:http'
import { respondToMessage } from './respond-to-message.ts'

/** Returns a listener that serves MCP over Streamable HTTP, without sessions and without streams. */
export const mcpListener =
  (tools?: readonly object[]): RequestListener =>
  (request, response) => {
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
      const reply = respondToMessage(JSON.parse(text) as Parameters<typeof respondToMessage>[0], tools)
      if (reply === undefined) {
        response.writeHead(202).end()
        return
      }
      const body = JSON.stringify(reply)
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
        .end(body)
    })
  }
