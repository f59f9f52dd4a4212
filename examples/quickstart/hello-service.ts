import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Starts the guest book service that the hello connector calls. */
export async function startHelloService(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const notes: { readonly id: string; readonly text: string }[] = []
  const byKey = new Map<string, { readonly id: string; readonly text: string }>()

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    const reply = (body: unknown, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (pathname.startsWith('/greetings/')) {
      return reply({ message: `Hello, ${decodeURIComponent(pathname.slice('/greetings/'.length))}!` })
    }
    if (pathname !== '/notes') return reply({ error: 'not found' }, 404)
    if (request.method === 'GET') {
      const from = Number(searchParams.get('cursor') ?? 0)
      const to = from + Number(searchParams.get('limit') ?? 20)
      return reply({ notes: notes.slice(from, to), ...(to < notes.length && { next_cursor: String(to) }) })
    }
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const key = String(request.headers['idempotency-key'] ?? '')
      const { text } = JSON.parse(body) as { text: string }
      const note = byKey.get(key) ?? { id: String(notes.length + 1), text }
      if (!byKey.has(key)) notes.push(note)
      if (key !== '') byKey.set(key, note)
      reply(note, 201)
    })
    return undefined
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
