import { errorOf } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { memoryStore } from '@mcpclient/core'
import { CLIENT_DOCUMENT, KNOWN_CLIENT, startAuthorizationServer } from '../support/authorization-server.ts'
import type { AuthorizationServer } from '../support/authorization-server.ts'
import { docsHost } from '../support/docs-host.ts'
import type { DocsHostOptions } from '../support/docs-host.ts'
import { startGuardedServer } from '../support/guarded-http.ts'
import type { GuardedServer } from '../support/guarded-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

const start = async () => {
  const login = toClose(await startAuthorizationServer())
  return { login, server: toClose(await startGuardedServer(login)) }
}

const hostOf = (server: GuardedServer, options?: DocsHostOptions) => {
  const host = docsHost(server, options)
  toClose(host.mcp)
  return host
}

const grantTypes = ({ tokenRequests }: AuthorizationServer) => tokenRequests.map((form) => form.get('grant_type'))

const timesAsked = ({ requests }: AuthorizationServer, request: string) =>
  requests.filter((each) => each === request).length

const METADATA = 'GET /.well-known/oauth-authorization-server'
const REGISTRATION = 'POST /reg'
/** The age from which a refused token counts as expired. */
const A_WHILE = 60_000

it('discovers, authorizes and calls a server from its url alone', async () => {
  const { login, server } = await start()
  const host = hostOf(server)
  const url = await host.urlToConnect()
  expect(Object.fromEntries(url.searchParams)).toMatchObject({
    resource: server.url,
    scope: 'read offline_access',
    code_challenge_method: 'S256',
  })
  await host.agree(login, url)
  await host.docs.call('echo', {})
  expect(login.tokenRequests[0]?.get('code_verifier')).toHaveLength(43)
  expect(login.tokenRequests[0]?.get('resource')).toBe(server.url)
  expect(timesAsked(login, REGISTRATION)).toBe(1)
  expect(await host.docs.status()).toMatchObject({ state: 'active' })
})

it('refreshes once for five calls whose token is refused, and all succeed', async () => {
  const { login, server } = await start()
  const host = hostOf(server)
  await host.connect(login)
  await host.docs.call('echo', {})
  const numbers = [1, 2, 3, 4, 5]
  for (const round of [1, 2]) {
    await host.clock.advance(A_WHILE)
    server.expireTokens()
    server.gather(numbers.length)
    const responses = await Promise.all(numbers.map((number) => host.docs.call('echo', { number })))
    expect(responses.map(({ content }) => content)).toEqual(
      numbers.map((number) => [{ type: 'text', text: JSON.stringify({ number }) }]),
    )
    expect(server.refused).toBe(numbers.length * round)
    expect(grantTypes(login)).toEqual(['authorization_code', ...Array<string>(round).fill('refresh_token')])
  }
  expect(login.tokenRequests.at(-1)?.get('resource')).toBe(server.url)
  expect(await host.docs.status()).toMatchObject({ state: 'active' })
})

it('refreshes once for five calls whose token expires, before any is refused', async () => {
  const { login, server } = await start()
  const host = hostOf(server)
  await host.connect(login)
  await host.clock.advance(3_600_000)
  await Promise.all([1, 2, 3, 4, 5].map((number) => host.docs.call('echo', { number })))
  expect(server.refused).toBe(0)
  expect(grantTypes(login)).toEqual(['authorization_code', 'refresh_token'])
})

it('discovers the authorization server again after a token is refused, and only then', async () => {
  const { login, server } = await start()
  const host = hostOf(server)
  await host.connect(login)
  const before = timesAsked(login, METADATA)
  await host.clock.advance(58 * 60_000)
  await host.docs.call('echo', {})
  expect(grantTypes(login)).toEqual(['authorization_code', 'refresh_token'])
  expect(timesAsked(login, METADATA)).toBe(before)
  await host.clock.advance(A_WHILE)
  server.expireTokens()
  await host.docs.call('echo', {})
  expect(grantTypes(login)).toEqual(['authorization_code', 'refresh_token', 'refresh_token'])
  expect(timesAsked(login, METADATA)).toBe(before + 1)
})

it('connects to a new authorization server of the server, and sends it nothing of the old one', async () => {
  const { login, server } = await start()
  const other = toClose(await startAuthorizationServer())
  const host = hostOf(server)
  const first = await host.urlToConnect()
  await host.agree(login, first)
  await host.docs.call('echo', {})

  server.trusts = other
  await host.clock.advance(A_WHILE)
  const failure = await errorOf(host.docs.call('echo', {}))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'issuer_changed' } })
  expect(await host.docs.status()).toMatchObject({ state: 'needs_reauth' })
  expect(grantTypes(login)).toEqual(['authorization_code'])
  expect(other.requests).toEqual([])

  const second = await host.urlToConnect()
  expect(second.origin).toBe(other.issuer)
  expect(second.searchParams.get('client_id')).not.toBe(first.searchParams.get('client_id'))
  await host.agree(other, second)
  await host.docs.call('echo', {})
  expect(timesAsked(other, REGISTRATION)).toBe(1)

  server.trusts = login
  const third = await host.urlToConnect()
  expect(third.searchParams.get('client_id')).toBe(first.searchParams.get('client_id'))
  expect(timesAsked(login, REGISTRATION)).toBe(1)
})

it('keeps the grant if the authorization server is gone, unless the server names another one', async () => {
  const { login, server } = await start()
  const host = hostOf(server)
  const failure = () => errorOf(host.docs.call('echo', {}))
  await host.connect(login)
  await login.close()
  await host.clock.advance(3_600_000)
  expect((await failure()).code).not.toBe('MCP_AUTHENTICATION_FAILURE')
  expect(await host.docs.status()).toMatchObject({ state: 'degraded' })

  server.trusts = toClose(await startAuthorizationServer())
  await host.clock.advance(3_600_000)
  expect((await failure()).details.reason).toBe('issuer_changed')
  expect(await host.docs.status()).toMatchObject({ state: 'needs_reauth' })
})

it.each([
  ['by the id that it was given, if there is one', { ...KNOWN_CLIENT, clientMetadataUrl: CLIENT_DOCUMENT }],
  ['else by its document, where the server reads such', { clientMetadataUrl: CLIENT_DOCUMENT }],
  ['else by registering', {}],
])('identifies the app %s', async (_order, auth: DocsHostOptions['auth']) => {
  const { login, server } = await start()
  const host = hostOf(server, { auth })
  const url = await host.urlToConnect()
  const given = auth?.clientId ?? auth?.clientMetadataUrl
  if (given !== undefined) expect(url.searchParams.get('client_id')).toBe(given)
  expect(timesAsked(login, REGISTRATION)).toBe(given === undefined ? 1 : 0)
  await host.agree(login, url)
  await host.docs.call('echo', {})
  expect(server.refused).toBe(0)
})

it('sends a token to no other server than the one it was issued for', async () => {
  const { login, server } = await start()
  const credentials = memoryStore()
  await hostOf(server, { credentials }).connect(login)
  const impostor = toClose(await startGuardedServer(login))
  const { docs } = hostOf(impostor, { credentials })
  const failure = await errorOf(docs.call('echo', {}))
  expect(failure).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'resource_changed' } })
  expect(failure.details.hint).toContain('Connect it again')
  expect(impostor.mcp.requests.filter(({ headers }) => headers['authorization'] !== undefined)).toEqual([])
})
