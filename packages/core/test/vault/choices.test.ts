import { scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { defineConnector, get, oauth2 } from '../../src/define.ts'
import { createMcpClient, memoryStore } from '../../src/index.ts'
import { vault } from '../../src/vault.ts'

interface Listed {
  readonly id: string
  readonly token: string
}

const pages = defineConnector({
  id: 'pages',
  name: 'Pages',
  baseUrl: 'https://api.example/',
  auth: oauth2({
    authorizationUrl: 'https://login.example/authorize',
    tokenUrl: 'https://login.example/token',
    discover: {
      url: 'https://api.example/accounts',
      choose: (body) =>
        (body as readonly Listed[]).map(({ id, token }) => ({ id, name: id, settings: {}, accessToken: token })),
    },
  }),
  check: { request: get('me'), account: { id: 'id' } },
  tools: {},
})

it('signs with the token of the chosen account, and stores no other', async () => {
  const accounts = [
    { id: 'p1', token: 'page-token-1' },
    { id: 'p2', token: 'page-token-2' },
  ]
  const transport = scriptedTransport([
    { json: { access_token: 'user-token', refresh_token: 'user-refresh', expires_in: 3600 } },
    { json: accounts },
    { json: { id: 'p2' } },
    { json: { id: 'p2' } },
  ])
  const store = memoryStore()
  const mcp = createMcpClient({
    connectors: { pages: pages({ clientId: 'app', clientSecret: 'secret' }) },
    vault: vault({ store, redirectUri: 'https://app.example/callback' }),
    transport,
  })
  const ada = mcp.as('ada').pages
  const started = await ada.connect()
  const state = started.status === 'authorize' ? new URL(started.url).searchParams.get('state') : undefined
  const result = await mcp.completeAuthorization(`https://app.example/callback?code=c1&state=${state}`, 'ada')
  expect(result).toMatchObject({
    status: 'choose',
    choices: [
      { id: 'p1', name: 'p1' },
      { id: 'p2', name: 'p2' },
    ],
  })
  expect(JSON.stringify(result)).not.toContain('token')

  expect(await ada.choose('p2')).toMatchObject({ status: 'connected', account: { id: 'p2' } })
  await ada.health()
  expect(transport.requests.slice(2).map(({ headers }) => headers['authorization'])).toEqual([
    'Bearer page-token-2',
    'Bearer page-token-2',
  ])
  const stored = JSON.stringify(await store.list(''))
  expect(stored).toContain('page-token-2')
  expect(stored).not.toMatch(/page-token-1|user-/)
})
