import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { apiKey, bearer } from '@mcpclient/core/define'
import { mcpServer } from '@mcpclient/mcp'
import { recordingLogger } from '../support/recording-logger.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import type { RogueHttpServer } from '../support/rogue-http.ts'

const url = 'https://docs.example/mcp'

/** Returns a server that accepts only these tokens. */
const guarded = (server: RogueHttpServer, ...tokens: readonly string[]): RogueHttpServer => {
  server.respond = ({ headers }) =>
    tokens.some((token) => headers.get('authorization') === `Bearer ${token}`)
      ? undefined
      : new Response(`Who is ${headers.get('authorization')}?`, { status: 401 })
  return server
}

const tokensIn = (server: RogueHttpServer) => new Set(server.requests.map(({ headers }) => headers['authorization']))

describe('a token of the app', () => {
  it('does not appear when the connector is printed', () => {
    const docs = mcpServer({ url, token: 'app-token-1' })
    const printed = `${inspect({ docs }, { depth: 12, showHidden: true })} ${JSON.stringify({ docs })}`
    expect(printed).toContain('docs.example')
    expect(printed).not.toContain('app-token-1')
  })

  it('is sent with every request of every tenant', async () => {
    const server = guarded(rogueHttpServer(), 'app-token-1')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, token: 'app-token-1', fetch: server.fetch }) },
      vault: vault(),
    })
    await mcp.as('ada').docs.call('echo', {})
    await mcp.as('bob').docs.listTools()
    await mcp.close()
    expect(tokensIn(server)).toEqual(new Set(['Bearer app-token-1']))
    expect(server.count('initialize')).toBe(1)
    expect(server.requests.map(({ method }) => method)).toEqual(expect.arrayContaining(['POST', 'GET', 'DELETE']))
  })

  it('does not appear in logs, errors and events', async () => {
    const logger = recordingLogger()
    const server = guarded(rogueHttpServer(), 'another')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, token: 'canary-token-9', fetch: server.fetch }) },
      vault: vault(),
      logger,
    })
    const told: unknown[] = []
    mcp.on('call.finished', (event) => told.push(event))
    mcp.on('docs.state', (event) => told.push(event))
    const failure: unknown = await mcp
      .as('ada')
      .docs.call('echo', {})
      .catch((error: unknown) => error)
    await mcp.close()
    expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { outcome: 'not_processed' } })
    expect(JSON.stringify([failure, logger.lines, told])).not.toContain('canary-token-9')
  })
})

describe('a credential of each tenant', () => {
  it('gives each tenant its own session', async () => {
    const server = guarded(rogueHttpServer(), 'of-ada', 'of-bob')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, auth: bearer(), fetch: server.fetch }) },
      vault: vault(),
    })
    await mcp.as('ada').docs.connect({ token: 'of-ada' })
    await mcp.as('bob').docs.connect({ token: 'of-bob' })
    await Promise.all([
      mcp.as('ada').docs.call('echo', {}),
      mcp.as('bob').docs.call('echo', {}),
      mcp.as('ada').docs.call('echo', {}),
    ])
    const sessions = new Map<string | undefined, Set<string | undefined>>()
    for (const { rpc, headers } of server.requests) {
      if (rpc !== 'tools/call') continue
      const { authorization } = headers
      sessions.set(authorization, (sessions.get(authorization) ?? new Set()).add(headers['mcp-session-id']))
    }
    expect(new Set(sessions.keys())).toEqual(new Set(['Bearer of-ada', 'Bearer of-bob']))
    const [first = new Set(), second = new Set()] = [...sessions.values()]
    expect([first.size, second.size, new Set([...first, ...second]).size]).toEqual([1, 1, 2])
    await mcp.close()
  })

  it('is stored only after the server accepts it', async () => {
    const server = guarded(rogueHttpServer(), 'good')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, auth: bearer(), fetch: server.fetch }) },
      vault: vault(),
    })
    const { docs } = mcp.as('ada')
    await expect(docs.connect({ token: 'bad' })).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await docs.isConnected()).toBe(false)
    await docs.connect({ token: 'good' })
    await expect(docs.connect({ token: 'bad' })).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await docs.call('echo', {})
    expect(await docs.health()).toMatchObject({ status: 'healthy' })
    await mcp.close()
  })

  it('closes the previous session when it is replaced', async () => {
    const server = guarded(rogueHttpServer(), 'first', 'second')
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, auth: bearer(), fetch: server.fetch }) },
      vault: vault(),
    })
    const { docs } = mcp.as('ada')
    await docs.connect({ token: 'first' })
    await docs.call('echo', {})
    await docs.connect({ token: 'second' })
    await docs.call('echo', {})
    const calls = server.requests.filter(({ rpc }) => rpc === 'tools/call')
    expect(calls.map(({ headers }) => headers['authorization'])).toEqual(['Bearer first', 'Bearer second'])
    expect(calls[0]?.headers['mcp-session-id']).not.toBe(calls[1]?.headers['mcp-session-id'])
    await docs.disconnect()
    await expect(docs.call('echo', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    await mcp.close()
  })

  it('can be of any other strategy', async () => {
    const server = rogueHttpServer()
    const auth = apiKey({ header: 'X-Api-Key' })
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, auth, apiKey: 'key-1', fetch: server.fetch }) },
      vault: vault(),
    })
    await mcp.as('ada').docs.call('echo', {})
    await mcp.close()
    expect(new Set(server.requests.map(({ headers }) => headers['x-api-key']))).toEqual(new Set(['key-1']))
  })

  it('is requested if it is missing', async () => {
    const server = rogueHttpServer()
    const mcp = createMcpClient({
      connectors: { docs: mcpServer({ url, auth: bearer(), fetch: server.fetch }) },
      vault: vault(),
    })
    await expect(mcp.as('ada').docs.call('echo', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(server.requests).toEqual([])
    await mcp.close()
  })
})
