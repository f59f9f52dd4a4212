import { createMcpClient } from '@mcpclient/core'
import type { Grant } from '@mcpclient/core/oauth'
import { vault } from '@mcpclient/core/vault'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { jira, jiraApiToken } from '../src/index.ts'

const { auth } = jira.profile
const APP = { clientId: 'app-1', clientSecret: 'secret-canary' }
const ASK = {
  redirectUri: 'https://host.example/callback',
  state: 'state-1',
  scopes: ['read:jira-work', 'offline_access'],
}
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}`)
const GRANT: Grant = {
  accessToken: 'eyJ0.canary-1',
  refreshToken: 'rt-canary-1',
  issuedAt: 0,
  scopes: ['read:jira-work'],
}
const TOKENS = {
  access_token: 'eyJ0.2',
  refresh_token: 'rt-2',
  expires_in: 3600,
  token_type: 'Bearer',
  scope: 'read:jira-work offline_access',
}

const site = (id: string, name: string, scopes: readonly string[]) => ({
  id,
  name,
  url: `https://${name}.atlassian.net`,
  scopes,
  avatarUrl: 'https://avatar.example/1.png',
})
const MARSHES = site('1111-a', 'marshes', ['read:jira-work', 'write:jira-work'])
const FENS = site('2222-b', 'fens', ['read:issue:jira'])
const MARSHES_SETTINGS = { cloudId: '1111-a', siteUrl: 'https://marshes.atlassian.net' }
const FENS_SETTINGS = { cloudId: '2222-b', siteUrl: 'https://fens.atlassian.net' }
const WIKI = site('1111-a', 'marshes', ['read:page:confluence'])

async function redeem(sites: unknown, settings: Readonly<Record<string, unknown>> = {}) {
  const { context, transport } = scriptedFlow([{ json: TOKENS }, { json: sites }], { app: APP, settings })
  const { authorize, redeem: exchange } = await protocolOf(auth)
  const { url, pending } = await authorize(context, ASK)
  return { url: new URL(url), transport, grant: exchange(context, pending, ASK, CALLBACK) }
}

describe('consent', () => {
  it('requests the scopes of the tools and a refresh token', async () => {
    const { url } = await redeem([MARSHES])
    expect(url.origin + url.pathname).toBe('https://auth.atlassian.com/authorize')
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      audience: 'api.atlassian.com',
      prompt: 'consent',
      response_type: 'code',
      scope: 'read:jira-work offline_access',
      code_challenge_method: 'S256',
    })
    const scopes = ['offline_access', 'read:jira-user', 'read:jira-work', 'write:jira-work']
    expect([...(auth.flow?.scopes ?? [])].toSorted()).toEqual(scopes)
  })

  it('exchanges the code with JSON, and uses the only site', async () => {
    const { grant, transport } = await redeem([MARSHES, WIKI])
    expect(await grant).toMatchObject({
      accessToken: 'eyJ0.2',
      refreshToken: 'rt-2',
      scopes: ['read:jira-work', 'offline_access'],
      settings: { cloudId: '1111-a', siteUrl: 'https://marshes.atlassian.net' },
    })
    expect(transport.requests).toMatchObject([
      {
        url: 'https://auth.atlassian.com/oauth/token',
        json: {
          grant_type: 'authorization_code',
          client_id: 'app-1',
          client_secret: 'secret-canary',
          code: 'code-canary',
        },
      },
      {
        url: 'https://api.atlassian.com/oauth/token/accessible-resources',
        headers: { authorization: 'Bearer eyJ0.2' },
      },
    ])
  })

  it('offers the sites if there are several, and not the first one', async () => {
    const grant = await (await redeem([MARSHES, FENS])).grant
    expect(grant.choices).toEqual([
      { id: '1111-a', name: 'marshes, https://marshes.atlassian.net', settings: MARSHES_SETTINGS },
      { id: '2222-b', name: 'fens, https://fens.atlassian.net', settings: FENS_SETTINGS },
    ])
    expect(grant.settings).toBeUndefined()
  })

  it('uses the site that the settings name', async () => {
    const { grant } = await redeem([MARSHES, FENS], { cloudId: '2222-b' })
    expect(await grant).toMatchObject({ settings: { cloudId: '2222-b' } })
  })

  it('fails for a user without a site of Jira', async () => {
    const { grant } = await redeem([WIKI])
    expect((await errorOf(grant)).details.reason).toBe('no_account')
  })
})

describe('a refresh', () => {
  it('uses a token once, and may repeat it for ten minutes', async () => {
    const { context, transport } = scriptedFlow([{ json: TOKENS }], { app: APP })
    const { refresh } = await protocolOf(auth)
    expect(await refresh(context, GRANT)).toMatchObject({ accessToken: 'eyJ0.2', refreshToken: 'rt-2' })
    expect(transport.requests[0]).toMatchObject({
      url: 'https://auth.atlassian.com/oauth/token',
      json: {
        grant_type: 'refresh_token',
        client_id: 'app-1',
        client_secret: 'secret-canary',
        refresh_token: 'rt-canary-1',
      },
    })
    expect(auth.flow?.refresh).toMatchObject({ rotation: 'single_use', reuseWindowMs: 600_000 })
  })

  it.each([403, 400])('ends the grant with invalid_grant and status %i', async (status) => {
    const json = { error: 'invalid_grant', error_description: 'Unknown or invalid refresh token.' }
    const { context } = scriptedFlow([{ status, json }], { app: APP })
    const { refresh } = await protocolOf(auth)
    const error = await errorOf(refresh(context, GRANT))
    expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'invalid_grant' } })
    expect(JSON.stringify(error)).not.toContain('canary')
  })
})

const ME = { json: { accountId: '5b10', displayName: 'Ada Reed', active: true } }

describe('an API token', () => {
  const connect = (options: Parameters<typeof jiraApiToken>[0], settings?: { readonly site: string }) => {
    const transport = scriptedTransport([ME])
    const mcp = createMcpClient({ connectors: { jira: jiraApiToken(options) }, vault: vault(), transport })
    const credential = { email: 'ada@marshes.example', apiToken: 'ATATT3x-heron' }
    return { transport, connected: mcp.as('ada').jira.connect(credential, settings && { settings }) }
  }

  it('is verified at the site of the tenant', async () => {
    const { transport, connected } = connect({}, { site: 'marshes' })
    expect(await connected).toEqual({ status: 'connected', account: { id: '5b10', name: 'Ada Reed' } })
    expect(transport.requests[0]).toMatchObject({
      url: 'https://marshes.atlassian.net/rest/api/3/myself',
      headers: { authorization: `Basic ${btoa('ada@marshes.example:ATATT3x-heron')}` },
    })
  })

  it('is used at the gateway if it has scopes', async () => {
    const { transport, connected } = connect({ site: 'marshes', cloudId: '1111-a', apiVersion: '2' })
    await connected
    expect(transport.requests[0]?.url).toBe('https://api.atlassian.com/ex/jira/1111-a/rest/api/2/myself')
  })

  it.each([
    'evil.example/',
    'marshes.evil',
    'marshes.atlassian.net',
    'a@b',
    '-marshes',
    '',
    'x'.repeat(64),
    'ma rsh',
    'é',
  ])('is never sent to the site %j', async (name) => {
    const { transport, connected } = connect({}, { site: name })
    expect(['INVALID_INPUT', 'CONFIGURATION_ERROR']).toContain((await errorOf(connected)).code)
    expect(transport.requests).toEqual([])
  })
})

it.each(['../../me', 'a/b', 'a?b', 'a b', '', 'x'.repeat(65)])('rejects the id %j of a site', async (cloudId) => {
  const transport = scriptedTransport([ME])
  const mcp = createMcpClient({ connectors: { jira: jira() }, vault: vault(), transport })
  const error = await errorOf(mcp.as('ada').jira.connect({ token: 'eyJ0.1' }, { settings: { cloudId } }))
  expect(['INVALID_INPUT', 'CONFIGURATION_ERROR']).toContain(error.code)
  expect(transport.requests).toEqual([])
})
