import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient } from '@mcpclient/core'
import type { ClientHost } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { mcpOAuth, mcpServer } from '@mcpclient/mcp'
import { ScopeStepUp } from '../../src/auth/scope-step-up.ts'
import { REDIRECT_URI, startAuthorizationServer } from '../support/authorization-server.ts'
import { docsHost } from '../support/docs-host.ts'
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

it('asks the user for the missing scopes of a tool, which works after the consent', async () => {
  const { login, host, call } = await connected()
  const { code, details } = await errorOf(call())
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

it('returns one URL for all failed calls until the user consents', async () => {
  const { host, call } = await connected()
  const failures = await Promise.all([1, 2, 3, 4, 5].map(() => errorOf(call())))
  failures.push(await errorOf(call()))
  const urls = new Set(failures.map(({ details }) => details.authorizeUrl))
  expect(urls.size).toBe(1)
  expect([...urls][0]).toContain('wipe')
  // An expired URL is no consent without effect.
  for (let times = 0; times < 4; times++) {
    await host.clock.advance(3_600_000)
    const { details } = await errorOf(call())
    urls.add(details.authorizeUrl)
  }
  expect(urls.size).toBe(5)
  expect(urls.has(undefined)).toBe(false)
})

it('stops asking after three consents without effect', async () => {
  const { login, server, host, call } = await connected()
  server.insatiable = true
  let consents = 0
  let refusal = await errorOf(call())
  for (; refusal.details.authorizeUrl !== undefined && consents < 10; consents++) {
    await host.clock.advance(1000)
    await host.agree(login, refusal.details.authorizeUrl)
    refusal = await errorOf(call())
  }
  expect(consents).toBe(3)
  expect(refusal).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'needs_scope' } })
  expect(refusal.details.hint).toContain('consented 3 times without effect')
  // Another tool is not affected, and neither is the connection.
  await host.docs.call('echo', {})
  expect(await host.docs.status()).toMatchObject({ state: 'active' })
})

it('names the missing redirectUri to a host that has none', async () => {
  const { server, login } = await connected()
  const { url, mcp } = server
  const auth = mcpOAuth()
  const bare = toClose(
    createMcpClient({
      connectors: { docs: mcpServer({ url, fetch: mcp.fetch, auth, effects: { '*': 'read' } }) },
      vault: vault(),
    }),
  )
  const { docs } = bare.as('ada')
  const result = await docs.connect(undefined, { redirectUri: REDIRECT_URI })
  await bare.completeAuthorization(await login.agree(result.status === 'authorize' ? result.url : ''), 'ada')
  const { details } = await errorOf(docs.call('pid', {}))
  expect(details).toMatchObject({ reason: 'needs_scope', scopes: ['wipe'] })
  expect(details.authorizeUrl).toBeUndefined()
  expect(details.hint).toContain('Pass redirectUri')
})

describe('ScopeStepUp', () => {
  const DAY_MS = 24 * 3_600_000
  const URL_LIFE_MS = 600_000

  function scopeStepUp() {
    const clock = createFakeClock()
    const stepUp = new ScopeStepUp(clock, true)
    let consent = 0
    let urls = 0
    const hostOf = (key: string) =>
      ({
        connection: { key },
        accounts: {
          status: () => Promise.resolve({ connectedAt: `consent ${consent}` }),
          connect: () =>
            Promise.resolve({ status: 'authorize', url: `url ${++urls}`, expiresAt: clock.now() + URL_LIFE_MS }),
        },
      }) as unknown as ClientHost
    const urlFor = async (scope: string, key = 'ada') => {
      const details = { reason: 'needs_scope', scopes: [scope] } as const
      const failure = new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'A scope is missing.', details)
      const explained = await stepUp.explain(failure, hostOf(key))
      return ConnectorError.is(explained) ? explained.details.authorizeUrl : 'no error'
    }
    const exhaust = async (scope: string) => {
      for (let times = 0; times < 3; times++) {
        expect(await urlFor(scope)).toBeDefined()
        consent++
      }
      expect(await urlFor(scope)).toBeUndefined()
    }
    return { clock, urlFor, exhaust }
  }

  it('returns the same URL until it expires', async () => {
    const { clock, urlFor } = scopeStepUp()
    expect(await urlFor('wipe')).toBe('url 1')
    await clock.advance(URL_LIFE_MS - 1)
    expect(await urlFor('wipe')).toBe('url 1')
    await clock.advance(1)
    expect(await urlFor('wipe')).toBe('url 2')
  })

  it('asks again a day after the last URL expired', async () => {
    const { clock, urlFor, exhaust } = scopeStepUp()
    await exhaust('wipe')
    await clock.advance(URL_LIFE_MS + DAY_MS - 1)
    expect(await urlFor('wipe')).toBeUndefined()
    await clock.advance(1)
    expect(await urlFor('wipe')).toBeDefined()
  })

  it('counts each connection and each scope on its own', async () => {
    const { urlFor, exhaust } = scopeStepUp()
    await exhaust('wipe')
    expect(await urlFor('wipe', 'bob')).toBeDefined()
    expect(await urlFor('read')).toBeDefined()
  })

  it('remembers a thousand requests for scopes', async () => {
    const { urlFor, exhaust } = scopeStepUp()
    await exhaust('wipe')
    for (let other = 1; other < 1000; other++) await urlFor(`scope ${other}`)
    expect(await urlFor('wipe')).toBeUndefined()
    await urlFor('scope 1000')
    expect(await urlFor('wipe')).toBeDefined()
  })
})
