import { expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { Transport } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { mcpServer } from '@mcpclient/mcp'
import type { HttpServerOptions } from '@mcpclient/mcp'
import { REDIRECT_URI, startAuthorizationServer } from '../support/authorization-server.ts'
import { startGuardedServer } from '../support/guarded-http.ts'
import { rogueHttpServer } from '../support/rogue-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

const hostOf = (server: Pick<HttpServerOptions, 'url' | 'fetch'>, transport?: Transport) =>
  toClose(
    createMcpClient({
      connectors: { docs: mcpServer(server) },
      vault: vault({ redirectUri: REDIRECT_URI }),
      transport,
    }),
  )

it('calls an open server without a login, and connect() succeeds', async () => {
  const { fetch, requests } = rogueHttpServer({ json: true })
  const nothing = scriptedTransport(() => ({ status: 404 }))
  const { docs } = hostOf({ url: 'https://docs.example/mcp', fetch }, nothing).as('ada')
  await docs.call('echo', {})
  expect(await docs.connect()).toEqual({ status: 'connected' })
  expect(await docs.health()).toMatchObject({ status: 'healthy' })
  expect(requests.some(({ headers }) => headers['authorization'] !== undefined)).toBe(false)
})

it('names the login that a server starts to require, and calls it after that', async () => {
  const login = toClose(await startAuthorizationServer())
  const server = toClose(await startGuardedServer(login))
  const guard = server.mcp.respond
  server.mcp.respond = () => undefined
  const mcp = hostOf({ url: server.url, fetch: server.mcp.fetch })
  const { docs } = mcp.as('ada')
  await docs.call('echo', {})

  server.mcp.respond = guard
  const failure = await errorOf(docs.call('echo', {}))
  expect(failure).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    details: { reason: 'not_connected', outcome: 'not_processed' },
  })
  expect(failure.details.hint).toContain('Call connect()')
  expect(await docs.health()).toMatchObject({ status: 'not_connected' })

  const result = await docs.connect()
  await mcp.completeAuthorization(await login.agree(result.status === 'authorize' ? result.url : ''), 'ada')
  await docs.call('echo', {})
  expect(await docs.health()).toMatchObject({ status: 'healthy' })
  // A tenant without a connection is still asked to connect.
  expect((await errorOf(mcp.as('bob').docs.call('echo', {}))).details.reason).toBe('not_connected')
})
