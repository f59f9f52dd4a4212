import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'

export interface LoopbackServer extends AsyncDisposable {
  /** Its origin, such as `http://127.0.0.1:49152`. */
  readonly url: string
}

/** Listens on a free port of this machine, for this machine only, until it is disposed of. */
export async function listen(listener: RequestListener): Promise<LoopbackServer> {
  const server = createServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** Returns the whole body of a request as a string. */
export async function bodyOf(request: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of request) text += decoder.decode(chunk, { stream: true })
  return text + decoder.decode()
}
