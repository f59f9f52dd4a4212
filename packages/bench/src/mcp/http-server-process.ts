import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerQuestions } from '../processes/answers.ts'
import { answerMessage } from './answer-message.ts'

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
    const answer = answerMessage(JSON.parse(text) as Parameters<typeof answerMessage>[0])
    if (answer === undefined) {
      response.writeHead(202).end()
      return
    }
    const body = JSON.stringify(answer)
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
  })
}

answerQuestions({
  listen: () =>
    new Promise<string>((resolve) => {
      const server = createServer({ keepAliveTimeout: 60_000 }, serve)
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`)
      })
    }),
})
