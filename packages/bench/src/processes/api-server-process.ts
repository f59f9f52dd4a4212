import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { ITEMS } from '../clients/client.ts'
import { serveRequests } from './serve-requests.ts'

// The service that every client calls: handmade HTTP/1.1 with keep-alive and one response of 1 KB. It does as
// little as a server can, so that what is measured is the client.

const body = JSON.stringify({
  ok: true,
  kind: 'calendar#events',
  object: 'list',
  items: Array.from({ length: ITEMS }, (_, index) => ({
    id: `item_${index + 10}`,
    name: `Name ${index + 10}`,
    done: false,
  })),
})
const response = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'keep-alive: timeout=60',
    '',
    body,
  ].join('\r\n'),
)

const HEAD_END = '\r\n\r\n'

/** Returns the end of the request at the start of `text`, or -1 while it is incomplete. */
function endOfRequest(text: string): number {
  const head = text.indexOf(HEAD_END)
  if (head < 0) return -1
  const headers = text.slice(0, head)
  if (/\r\ntransfer-encoding: *chunked/i.test(headers)) {
    const last = text.indexOf(`\r\n0${HEAD_END}`, head)
    return last < 0 ? -1 : last + 3 + HEAD_END.length
  }
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(headers)?.[1] ?? 0)
  const end = head + HEAD_END.length + length
  return end <= text.length ? end : -1
}

function serve(socket: Socket): void {
  let rest = ''
  socket.setNoDelay(true)
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    rest += chunk
    for (let end = endOfRequest(rest); end >= 0; end = endOfRequest(rest)) {
      rest = rest.slice(end)
      socket.write(response)
    }
  })
  socket.on('error', () => socket.destroy())
}

serveRequests({
  listen: () =>
    new Promise<string>((resolve) => {
      const server = createServer(serve)
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      })
    }),
})
