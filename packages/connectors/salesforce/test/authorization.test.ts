import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { salesforce } from '../src/index.ts'
import { APP, CALLBACK, SESSION_MS, simulatedOrg, USER } from './simulated-org.ts'
import type { OrgOptions } from './simulated-org.ts'

async function connected(options: OrgOptions = {}, settings?: object) {
  const org = simulatedOrg(options)
  const mcp = org.compose(salesforce(APP))
  const { crm } = mcp.as('ada')
  const started = await crm.connect(undefined, { settings: settings as never })
  const url = new URL(started.status === 'authorize' ? started.url : '')
  const state = url.searchParams.get('state')
  const result = await mcp.completeAuthorization(`${CALLBACK}?code=c1&state=${state}`, 'ada')
  const limits = () => crm.call('get_limits', {})
  return { org, mcp, crm, url, result, limits }
}

describe('signing in', () => {
  it('asks for the scopes of the tools and a refresh token, with PKCE', async () => {
    const { url } = await connected()
    expect(url.origin + url.pathname).toBe('https://login.salesforce.com/services/oauth2/authorize')
    expect(url.searchParams.get('scope')?.split(' ')).toEqual(['api', 'openid', 'offline_access'])
    expect(url.searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('finds the org and the account, and calls the org only', async () => {
    const { org, result, limits } = await connected()
    expect(result).toMatchObject({ status: 'connected', account: { id: USER } })
    expect(await limits()).toEqual({ DailyApiRequests: { Max: 5000, Remaining: 4982 } })
    expect(new Set(org.apiHosts())).toEqual(new Set(['heron.my.salesforce.com']))
  })
})

describe('a session that has ended', () => {
  it('is refreshed once for all calls, which then succeed', async () => {
    const { org, crm } = await connected()
    await org.clock.advance(SESSION_MS)
    const calls = [1, 2, 3, 4, 5].map(() => crm.call('get_limits', {}))
    const results = await Promise.all(calls)
    expect(results).toHaveLength(5)
    expect(org.grants()).toEqual(['authorization_code', 'refresh_token'])
  })

  it('is refreshed before it ends, once a refusal has shown how long it lasts', async () => {
    const { org, limits } = await connected()
    await org.clock.advance(SESSION_MS)
    await limits()
    await org.clock.advance(SESSION_MS - 60_000)
    const before = org.apiHosts().length
    await limits()
    expect(org.grants()).toEqual(['authorization_code', 'refresh_token', 'refresh_token'])
    expect(org.apiHosts()).toHaveLength(before + 1)
  })

  it('uses each refresh token once if the app rotates them', async () => {
    const { org, limits } = await connected({ rotates: true })
    for (let session = 0; session < 3; session++) {
      org.endSessions()
      await org.clock.advance(10 * 60_000)
      await limits()
    }
    const used = org.requests.flatMap(({ body }) => body.get('refresh_token') ?? [])
    expect(used).toEqual(['refresh-1', 'refresh-2', 'refresh-3'])
  })

  it('leads to the instance that the refresh names from the next call on', async () => {
    const { org, limits } = await connected()
    org.move('https://egret.my.salesforce.com')
    await org.clock.advance(60_000)
    await errorOf(limits())
    expect(await limits()).toBeDefined()
    expect(org.grants()).toEqual(['authorization_code', 'refresh_token'])
    expect(org.apiHosts().at(-1)).toBe('egret.my.salesforce.com')
  })

  it('has to be connected again after a refused refresh', async () => {
    const { org, crm, limits } = await connected()
    org.revoke()
    await org.clock.advance(SESSION_MS)
    const error = await errorOf(limits())
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(error.message).toContain('invalid_grant')
    expect(await crm.status()).toMatchObject({ state: 'needs_reauth' })
    expect(JSON.stringify(error)).not.toContain('canary')
  })
})

describe('the instance', () => {
  it.each([
    'https://evil.example',
    'https://heron.my.salesforce.com.evil.example',
    'https://heron.my.site.com',
    'http://heron.my.salesforce.com',
    'https://user@heron.my.salesforce.com:8443',
    'https://127.0.0.1',
  ])('is never %s, whatever a token response names', async (instance) => {
    const { org, limits } = await connected({ instance })
    expect((await errorOf(limits())).code).toBe('CONFIGURATION_ERROR')
    expect(org.apiHosts()).toEqual([])
  })

  it('is read in any spelling', async () => {
    const { org, limits } = await connected({ instance: 'https://Heron.my.salesforce.com/' })
    expect(await limits()).toBeDefined()
    expect(new Set(org.apiHosts())).toEqual(new Set(['heron.my.salesforce.com']))
  })

  it('is the My Domain in loginHost for a token from elsewhere', async () => {
    const org = simulatedOrg()
    const mcp = org.compose(salesforce({ token: 'unknown', loginHost: 'heron.my.salesforce.com' }))
    await errorOf(mcp.as('ada').crm.call('get_limits', {}))
    expect(new Set(org.apiHosts())).toEqual(new Set(['heron.my.salesforce.com']))
  })

  it('has to be known: a token alone is sent nowhere', async () => {
    const org = simulatedOrg()
    const mcp = org.compose(salesforce())
    const error = await errorOf(mcp.as('ada').crm.connect({ token: '00D!elsewhere' }))
    expect(error.code).toBe('CONFIGURATION_ERROR')
    expect(error.advice).toContain('instanceUrl')
    expect(org.requests).toEqual([])
  })
})

describe('the login host', () => {
  it('is the one that a tenant chooses', async () => {
    const { url, org } = await connected({}, { loginHost: 'test.salesforce.com' })
    expect(url.host).toBe('test.salesforce.com')
    expect(new Set(org.requests.map(({ url: to }) => to.host))).toEqual(
      new Set(['test.salesforce.com', 'heron.my.salesforce.com']),
    )
  })

  it.each([
    'evil.example',
    'login.salesforce.com.evil.example',
    'evil.example/login.salesforce.com',
    'evil.example#.salesforce.com',
    'evil.example?.salesforce.com',
    'evil.example\\.salesforce.com',
    'login.salesforce.com:8443',
    'evil@login.salesforce.com',
    'login.salesforce.com\n',
    'notsalesforce.com',
    '.salesforce.com',
    'heron.my.site.com',
    'localhost',
    '',
  ])('is never %j, which would receive the secret of the app', async (loginHost) => {
    const org = simulatedOrg()
    const { crm } = org.compose(salesforce(APP)).as('ada')
    const error = await errorOf(crm.connect(undefined, { settings: { loginHost } }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(() => salesforce({ ...APP, loginHost })).toThrow('The settings of salesforce are invalid')
  })
})

it('revokes the refresh token, which ends its sessions', async () => {
  const { org, crm } = await connected()
  await crm.disconnect()
  const { url, body } = org.requests.at(-1) ?? {}
  expect(url?.href).toBe('https://login.salesforce.com/services/oauth2/revoke')
  expect(body?.get('token')).toBe('refresh-1')
})

describe('the scopes of a token', () => {
  it('cover every tool if it has full access', async () => {
    const { limits, result } = await connected({ scope: 'full refresh_token' })
    expect(result).not.toHaveProperty('missingScopes')
    expect(await limits()).toBeDefined()
  })

  it('are checked before a call', async () => {
    const { limits } = await connected({ scope: 'openid refresh_token' })
    expect((await errorOf(limits())).details).toMatchObject({ reason: 'needs_scope', scopes: ['api'] })
  })
})
