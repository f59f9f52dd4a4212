import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fetchTransport, TransportError } from '@mcpclient/core'
import { kyTransport } from '@mcpclient/core/transports'
import type { Transport } from '@mcpclient/core'
import { undiciTransport } from '@mcpclient/core/undici'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { url = '', method } = request
    if (url === '/reset') return void request.socket.destroy()
    if (url === '/hang') return
    if (url === '/redirect') return void response.writeHead(302, { location: '/elsewhere' }).end()
    if (url === '/cut') {
      response.writeHead(200, { 'content-length': '100' })
      response.write('half')
      return void setImmediate(() => request.socket.destroy())
    }
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.setHeader('content-type', 'application/json')
    response.statusCode = url === '/busy' ? 503 : 200
    const { 'x-mark': mark, 'content-type': type } = request.headers
    response.end(JSON.stringify({ method, url, mark, type, body: Buffer.concat(chunks).toString() }))
  })
})

let base = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const transports: readonly [string, () => Transport][] = [
  ['kyTransport', () => kyTransport()],
  ['fetchTransport', () => fetchTransport()],
  ['undiciTransport', () => undiciTransport()],
]

it.each([
  ['kyTransport', kyTransport],
  ['fetchTransport', fetchTransport],
])('sends the requests of %s with the fetch of the host', async (_name, make) => {
  const asked: string[] = []
  const fetch: typeof globalThis.fetch = (input) => {
    asked.push(input instanceof Request ? input.url : String(input))
    return Promise.resolve(new Response('from the host'))
  }
  const transport = make({ fetch })
  const url = 'https://api.example/notes'
  for (const body of [undefined, 'x']) {
    const response = await transport.send({ method: 'POST', url, headers: { 'x-mark': 'm' }, ...(body && { body }) })
    expect(await response.text()).toBe('from the host')
  }
  expect(asked).toEqual([url, url])
})

describe.each(transports)('%s', (_name, make) => {
  const transport = make()
  afterAll(() => transport.close?.())
  const json = async (path: string, rest: object = {}) => {
    const response = await transport.send({ method: 'GET', url: base + path, headers: {}, ...rest })
    return JSON.parse(await response.text()) as Record<string, string>
  }

  it('carries method, query, headers and a text body', async () => {
    const rest = { method: 'PATCH', headers: { 'x-mark': 'm', 'content-type': 'text/plain' }, body: 'hällo' }
    expect(await json('/a?b=c%20d', rest)).toMatchObject({
      method: 'PATCH',
      url: '/a?b=c%20d',
      mark: 'm',
      type: 'text/plain',
      body: 'hällo',
    })
  })

  it('carries bytes, and multipart with a boundary', async () => {
    expect(await json('/', { method: 'POST', body: new TextEncoder().encode('raw') })).toMatchObject({ body: 'raw' })
    const data = new FormData()
    data.append('file', new Blob(['inside']), 'a.txt')
    const sent = await json('/', { method: 'POST', body: data })
    expect(sent['type']).toMatch(/^multipart\/form-data; boundary=/)
    expect(sent['body']).toContain('inside')
  })

  it('treats every status as a response, and follows no redirect', async () => {
    const busy = await transport.send({ method: 'GET', url: `${base}/busy`, headers: {} })
    expect(busy.status).toBe(503)
    await busy.text()
    const redirect = await transport.send({ method: 'GET', url: `${base}/redirect`, headers: {} })
    expect(redirect.status).toBe(302)
    expect(redirect.headers.get('location')).toBe('/elsewhere')
    await redirect.text()
  })

  it('streams', async () => {
    const response = await transport.send({ method: 'GET', url: base, headers: {} })
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.stream() ?? []) text += decoder.decode(chunk, { stream: true })
    expect(JSON.parse(text)).toMatchObject({ method: 'GET' })
  })

  it('reports that a refused connection never reached the provider', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    await new Promise((resolve) => other.close(resolve))
    const failure = await transport.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {} }).catch(asIs)
    expect(failure).toBeInstanceOf(TransportError)
    expect(failure).toMatchObject({ sent: false })
  })

  it('does not report that a broken connection was never used', async () => {
    const failure = await transport.send({ method: 'POST', url: `${base}/reset`, headers: {}, body: '{}' }).catch(asIs)
    expect(failure).toMatchObject({ sent: true })
  })

  it('fails if a response is cut off', async () => {
    const response = await transport.send({ method: 'GET', url: `${base}/cut`, headers: {} })
    await expect(response.text()).rejects.toThrow()
  })

  it('aborts with its signal', async () => {
    const controller = new AbortController()
    const hanging = transport.send({ method: 'GET', url: `${base}/hang`, headers: {}, signal: controller.signal })
    setImmediate(() => controller.abort())
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError' })
  })
})

const asIs = (error: unknown) => error
