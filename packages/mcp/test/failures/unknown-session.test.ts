import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { isUnknownSession } from '../../src/failures/unknown-session.ts'
import { resultText } from '../support/result-text.ts'
import { rogueHttpServer, rpcError } from '../support/rogue-http.ts'
import type { RogueHttpServer } from '../support/rogue-http.ts'

const url = 'https://docs.example/mcp'

function clientOf(server: RogueHttpServer, options: { readonly token?: string } & Partial<HttpServerOptions> = {}) {
  return createMcpClient({
    connectors: { docs: mcpServer({ url, fetch: server.fetch, ...options }) },
    retry: { attempts: 1 },
  })
}

const text = (status: number, body: string) => () => new Response(body, { status })

const dialects: readonly (readonly [string, () => Response])[] = [
  ['404 with JSON-RPC', () => rpcError(404, -32001, 'Session not found')],
  ['404 without a body', text(404, '')],
  ['400 with text', text(400, 'No valid session ID provided')],
  ['400 with -32600', () => rpcError(400, -32600, 'Bad Request: Missing session ID')],
  ['400 with -32600 and other words', () => rpcError(400, -32600, 'Invalid Request')],
  ['400 with -32000', () => rpcError(400, -32000, 'Bad Request: Server not initialized')],
  ['400 with JSON of another kind', () => Response.json({ error: 'Invalid or expired session' }, { status: 400 })],
  ['401 with text', text(401, 'Unauthorized: Session not found')],
  ['401 without more than its name', text(401, 'Unauthorized')],
  ['403 with text', text(403, 'The session has expired.')],
  ['410', text(410, 'Gone')],
  ['422 with text', text(422, 'Unexpected message, expect initialize request')],
  ['422 without more than its name', text(422, 'Unprocessable Entity')],
  ['200 with -32001 for no request', () => rpcError(200, -32001, 'Session not found')],
]

describe('a server that was restarted', () => {
  it.each(dialects)('is initialized once more after %s', async (_, unknownSession) => {
    const server = rogueHttpServer({ unknownSession })
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', { n: 1 })
    server.forget()
    expect(resultText(await docs.call('echo', { n: 2 }))).toBe('{"n":2}')
    expect(server.count('initialize')).toBe(2)
    await mcp.close()
  })

  it.each(dialects)('is not initialized over and over after %s', async (_, unknownSession) => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.respond = (_request, rpc) => (rpc === 'tools/call' ? unknownSession() : undefined)
    expect(await errorOf(docs.call('echo', {}))).toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { outcome: 'not_processed' },
    })
    expect(server.count('initialize')).toBe(2)
    await mcp.close()
  })

  it('is quoted if a second session does not help', async () => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    const unknownSession = text(400, 'No valid session ID provided')
    server.respond = (_request, rpc) => (rpc === 'tools/call' ? unknownSession() : undefined)
    expect((await errorOf(docs.call('echo', {}))).message).toContain('No valid session ID provided')
    await mcp.close()
  })

  it('is initialized once more after 401 text although the request carried a credential', async () => {
    const server = rogueHttpServer({ unknownSession: text(401, 'Unauthorized: Session not found') })
    const mcp = clientOf(server, { token: 'app-token-1' })
    const { docs } = mcp.as('ada')
    await docs.call('echo', { n: 1 })
    server.forget()
    expect(resultText(await docs.call('echo', { n: 2 }))).toBe('{"n":2}')
    await mcp.close()
  })
})

describe('a refusal that is not about the session', () => {
  it.each([
    [400, 'no'],
    [400, '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"Invalid params"}}'],
    [401, 'no'],
    [401, 'The API key is wrong.'],
    [403, 'Your plan does not include MCP'],
    [409, 'Try again'],
    [422, '{"detail":[{"msg":"Field required"}]}'],
    [500, 'Session not found'],
  ])('keeps the session after %i %s', async (status, body) => {
    const server = rogueHttpServer()
    const mcp = clientOf(server)
    const { docs } = mcp.as('ada')
    await docs.call('echo', {})
    server.respond = (_request, rpc) => (rpc === 'tools/call' ? new Response(body, { status }) : undefined)
    await errorOf(docs.call('echo', {}))
    server.respond = () => undefined
    await docs.call('echo', {})
    expect(server.count('initialize')).toBe(1)
    await mcp.close()
  })

  it('treats a 401 with a challenge as a matter of the credential', () => {
    expect(isUnknownSession({ status: 401, text: 'Unauthorized', signed: true })).toBe(false)
    expect(isUnknownSession({ status: 401, text: 'Unauthorized', signed: false })).toBe(true)
  })

  it('does not treat a call that failed with -32001 as one that did not run', () => {
    const rpc = { code: -32001, message: 'Request timed out' }
    expect(isUnknownSession({ status: 200, text: '', rpc })).toBe(false)
  })
})
