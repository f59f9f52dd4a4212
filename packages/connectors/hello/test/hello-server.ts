import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'

interface Note {
  readonly id: string
  readonly text: string
}

export interface HelloServer extends AsyncDisposable {
  /** The base URL for the connector. */
  readonly baseUrl: string
  /** The notes, oldest first. */
  readonly notes: readonly Note[]
}

interface Reply {
  readonly status: number
  readonly body: object
}

/** Starts the guest book that the connector describes, on a free port of this machine. */
export async function startHelloServer(): Promise<HelloServer> {
  const notes: Note[] = []
  let count = 0
  const replies = new Map<string, Reply>()

  const server = createServer((request, response) => {
    void respondTo(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })

  async function respondTo(request: IncomingMessage): Promise<Reply> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
    const [, , resource = '', name = ''] = pathname.split('/')
    switch (`${request.method} ${resource}`) {
      case 'GET greetings':
        return { status: 200, body: { message: `Hello, ${decodeURIComponent(name)}!` } }
      case 'GET notes':
        return { status: 200, body: pageOf(Number(searchParams.get('cursor')), Number(searchParams.get('limit'))) }
      case 'DELETE notes': {
        const at = notes.findIndex(({ id }) => id === name)
        return { status: 200, body: { removed: at !== -1 && notes.splice(at, 1).length > 0 } }
      }
      case 'POST notes':
        return once(String(request.headers['idempotency-key']), await bodyOf(request))
      default:
        return { status: 404, body: { error: 'no_such_page' } }
    }
  }

  const pageOf = (from: number, limit: number): object => ({
    notes: notes.slice(from, from + limit),
    ...(from + limit < notes.length && { next_cursor: String(from + limit) }),
  })

  /** Returns the first response for a key to every request with that key. */
  function once(key: string, body: string): Reply {
    const known = replies.get(key)
    if (known !== undefined) return known
    const { text } = JSON.parse(body) as Pick<Note, 'text'>
    const note = { id: String(++count), text }
    notes.push(note)
    const first = { status: 201, body: note }
    replies.set(key, first)
    return first
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1/`,
    notes,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of request) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
