import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { protocolOf, scriptedFlow } from '@mcpclient/testkit'
import { expect, it } from 'vitest'
import { mailchimp, mailchimpApiKey } from '../src/index.ts'

const APP = { clientId: 'app-1', clientSecret: 'secret-canary' }
const ASK = { redirectUri: 'https://host.example/callback', state: 'state-1', scopes: [] }
const CALLBACK = new URL(`${ASK.redirectUri}?code=code-canary&state=${ASK.state}`)
const { auth } = mailchimp.profile

// The responses of https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
const token = { json: { access_token: '5c6ccc561059aa386da9d112215bae55', expires_in: 0, scope: null } }
const metadata = {
  json: {
    dc: 'us6',
    role: 'owner',
    accountname: 'Marshes',
    user_id: 17,
    login: {
      email: 'ada@marshes.example',
      avatar: null,
      login_id: 17,
      login_name: 'ada',
      login_email: 'ada@marshes.example',
    },
    login_url: 'https://login.mailchimp.com',
    api_endpoint: 'https://us6.api.mailchimp.com',
  },
}
const account = { json: { account_id: '8d3a3db4d97663a9074efcc16', account_name: 'Marshes' } }

it('requests consent without scopes and without PKCE', async () => {
  const { context } = scriptedFlow([], { app: APP })
  const { authorize } = await protocolOf(auth)
  const url = new URL((await authorize(context, ASK)).url)
  expect(url.origin + url.pathname).toBe('https://login.mailchimp.com/oauth2/authorize')
  expect(Object.fromEntries(url.searchParams)).toEqual({
    response_type: 'code',
    client_id: APP.clientId,
    redirect_uri: ASK.redirectUri,
    state: ASK.state,
  })
})

it('reads a token that does not expire, although its expires_in is 0, and finds the data center', async () => {
  const { context, transport } = scriptedFlow([token, metadata], { app: APP })
  const { authorize, redeem } = await protocolOf(auth)
  const { pending } = await authorize(context, ASK)
  const grant = await redeem(context, pending, ASK, CALLBACK)
  expect(grant).toMatchObject({ accessToken: token.json.access_token, settings: { dataCenter: 'us6' } })
  expect(grant).not.toHaveProperty('expiresAt')
  expect(transport.requests).toMatchObject([
    {
      url: 'https://login.mailchimp.com/oauth2/token',
      form: { client_id: APP.clientId, client_secret: APP.clientSecret, code: 'code-canary' },
    },
    {
      url: 'https://login.mailchimp.com/oauth2/metadata',
      headers: { authorization: `OAuth ${token.json.access_token}` },
    },
  ])
})

it('connects an account, and calls its data center', async () => {
  const transport = scriptedTransport([token, metadata, account, { json: { health_status: 'ok' } }])
  const mcp = createMcpClient({
    connectors: { lists: mailchimp(APP) },
    vault: vault({ redirectUri: ASK.redirectUri }),
    transport,
  })
  const { lists } = mcp.as('ada')
  const started = await lists.connect()
  const state = started.status === 'authorize' ? new URL(started.url).searchParams.get('state') : undefined
  const result = await mcp.completeAuthorization(`${ASK.redirectUri}?code=c1&state=${state}`, 'ada')
  expect(result).toMatchObject({ status: 'connected', account: { id: account.json.account_id, name: 'Marshes' } })
  await lists.call('ping', {})
  expect(transport.requests.slice(2).map(({ url }) => url)).toEqual([
    'https://us6.api.mailchimp.com/3.0/',
    'https://us6.api.mailchimp.com/3.0/ping',
  ])
})

it.each(['evil.example/', 'us6.evil', ''])('sends no token to the data center "%s"', async (dc) => {
  const transport = scriptedTransport([token, { json: { ...metadata.json, dc } }])
  const mcp = createMcpClient({
    connectors: { lists: mailchimp(APP) },
    vault: vault({ redirectUri: ASK.redirectUri }),
    transport,
  })
  const { lists } = mcp.as('ada')
  const started = await lists.connect()
  const state = started.status === 'authorize' ? new URL(started.url).searchParams.get('state') : undefined
  await mcp.completeAuthorization(`${ASK.redirectUri}?code=c1&state=${state}`, 'ada')
  expect((await errorOf(lists.call('ping', {}))).code).toBe('CONFIGURATION_ERROR')
  expect(transport.requests.map(({ url }) => new URL(url).host)).toEqual(['login.mailchimp.com', 'login.mailchimp.com'])
})

it('connects with an API key, whose data center is stored with it', async () => {
  const transport = scriptedTransport([account, { json: { health_status: 'ok' } }])
  const mcp = createMcpClient({ connectors: { lists: mailchimpApiKey() }, vault: vault(), transport })
  expect(await mcp.as('ada').lists.connect({ apiKey: '0123-us19' })).toMatchObject({
    status: 'connected',
    account: { id: account.json.account_id },
  })
  await mcp.as('ada').lists.call('ping', {})
  expect(transport.requests.map(({ url }) => url)).toEqual([
    'https://us19.api.mailchimp.com/3.0/',
    'https://us19.api.mailchimp.com/3.0/ping',
  ])
})
