import { expect, test } from 'vitest'
import { startAuthorizationServer } from '../support/authorization-server.ts'
import { docsHost, failureOf } from '../support/docs-host.ts'
import { startGuardedServer } from '../support/guarded-http.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const toClose = thingsToClose()

const connected = async () => {
  const login = toClose(await startAuthorizationServer())
  const server = toClose(await startGuardedServer(login))
  server.needs['pid'] = 'wipe'
  const host = docsHost(server)
  toClose(host.mcp)
  await host.connect(login)
  return { login, server, host, call: () => host.docs.call('pid', {}) }
}

test('a person is sent to agree to what a tool needs beside what they agreed to, and then it works', async () => {
  const { login, host, call } = await connected()
  const { code, details } = await failureOf(call())
  expect({ code, ...details }).toMatchObject({
    code: 'MCP_AUTHENTICATION_FAILURE',
    reason: 'needs_scope',
    scopes: ['wipe'],
    outcome: 'not_processed',
  })
  const url = new URL(details.authorizeUrl ?? '')
  expect(url.searchParams.get('scope')?.split(' ').toSorted()).toEqual(['offline_access', 'read', 'wipe'])
  await host.agree(login, url)
  await call()
  expect(await host.docs.status()).toMatchObject({ state: 'active' })
})

test('a person who does not go there is not sent to ever more places', async () => {
  const { call } = await connected()
  const urls = new Set<string | undefined>()
  for (let times = 0; times < 5; times++) urls.add((await failureOf(call())).details.authorizeUrl)
  expect(urls.size).toBe(1)
  expect([...urls][0]).toContain('wipe')
})

test('a server that is never satisfied gets three consents, and then a clear error', async () => {
  const { login, server, host, call } = await connected()
  server.insatiable = true
  let consents = 0
  let refusal = await failureOf(call())
  for (; refusal.details.authorizeUrl !== undefined && consents < 10; consents++) {
    await host.clock.advance(1000)
    await host.agree(login, refusal.details.authorizeUrl)
    refusal = await failureOf(call())
  }
  expect(consents).toBe(3)
  expect(refusal).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'needs_scope' } })
  expect(refusal.details.hint).toContain('agreeing did not help')
  // Another tool is not affected, and neither is the connection.
  await host.docs.call('echo', {})
  expect(await host.docs.status()).toMatchObject({ state: 'active' })
})
