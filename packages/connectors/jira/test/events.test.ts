import { createHmac } from 'node:crypto'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { jobs } from '@mcpclient/core/jobs'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { describe, expect, it } from 'vitest'
import { jira, jiraApiToken } from '../src/index.ts'

const CLIENT_SECRET = 'ATOAclient-secret-1'
const DAY = 86_400_000
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Composes Jira with a vault and connects tenants to sites. Each subscription of a site has the next id there. */
async function setUp(sites: Readonly<Record<string, string>>) {
  const clock = createFakeClock()
  const last = new Map<string, number>()
  const sent: { readonly method: string; readonly path: string; readonly json: unknown }[] = []
  let refusal: string | undefined
  const transport = scriptedTransport(({ method, path, json }) => {
    if (path.endsWith('/myself')) return { json: { accountId: '5b10', displayName: 'Ada Reed' } }
    sent.push({ method, path, json })
    if (method === 'DELETE') return { status: 202 }
    if (method === 'PUT') return { json: { expirationDate: clock.now() + 30 * DAY } }
    if (refusal !== undefined) return { json: { webhookRegistrationResult: [{ errors: [refusal] }] } }
    const site = path.split('/')[3] ?? ''
    const createdWebhookId = (last.get(site) ?? 999) + 1
    last.set(site, createdWebhookId)
    return { json: { webhookRegistrationResult: [{ createdWebhookId }] } }
  })
  const store = memoryStore({ clock })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const runner = jobs({ store })
  const mcp = createMcpClient({
    connectors: { jira: jira({ signingSecret: CLIENT_SECRET }) },
    vault: vault({ store }),
    capabilities: [runner, hooks],
    clock,
    transport,
  })
  for (const [tenant, site] of Object.entries(sites)) {
    const settings = { cloudId: `cloud-${site}`, siteUrl: `https://${site}.atlassian.net` }
    await mcp.as(tenant).jira.connect({ token: `eyJ0.${tenant}` }, { settings })
  }
  const seen: (readonly [tenant: string | undefined, name: string, data: unknown])[] = []
  for (const name of ['issue_created', 'issue_updated', 'comment_created', 'worklog_created'] as const) {
    mcp.on(`jira.${name}`, ({ tenant, data }) => seen.push([tenant, name, data]))
  }
  const tokenOf = (secret: string, exp: number) => {
    const signed = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded({ iat: exp - 180, exp })}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }
  const deliver = (payload: object, { secret = CLIENT_SECRET, ageS = 0 } = {}) => {
    const exp = Math.floor(clock.now() / 1000) + 180 - ageS
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${tokenOf(secret, exp)}` }
    return hooks.receive(
      new Request('http://internal/hooks/jira', { method: 'POST', body: JSON.stringify(payload), headers }),
    )
  }
  const refuse = (message: string) => void (refusal = message)
  return { clock, hooks, mcp, runner, seen, sent, deliver, refuse }
}

const SELF = (site: string) => `https://${site}.atlassian.net/rest/api/2`
const issueEvent = (site: string, ids: readonly number[], change: object = {}) => ({
  timestamp: 1_796_000_000_000,
  webhookEvent: 'jira:issue_updated',
  issue_event_type_name: 'issue_generic',
  user: { self: `${SELF(site)}/user?accountId=5b10`, accountId: '5b10', displayName: 'Ada Reed' },
  issue: {
    id: '10002',
    self: `${SELF(site)}/issue/10002`,
    key: 'MRSH-1',
    fields: { summary: 'Count the herons', description: '*Before* sunrise.' },
  },
  changelog: {
    id: '10001',
    items: [
      {
        field: 'status',
        fieldtype: 'jira',
        fieldId: 'status',
        from: '1',
        fromString: 'To Do',
        to: '3',
        toString: 'Done',
      },
    ],
  },
  matchedWebhookIds: ids,
  ...change,
})
const subscribe = { connector: 'jira', params: {} }

it('registers a webhook, refreshes it before 30 days, and removes it', async () => {
  const { clock, hooks, runner, sent } = await setUp({ ada: 'marshes' })
  const params = {
    events: ['issue_created', 'comment_created'],
    jqlFilter: 'project = MRSH',
    fieldIdsFilter: ['status'],
  }
  await hooks.subscribe({ connector: 'jira', tenant: 'ada', params })
  const base = '/ex/jira/cloud-marshes/rest/api/3/webhook'
  expect(sent.splice(0)).toEqual([
    {
      method: 'POST',
      path: base,
      json: {
        url: 'https://app.example/hooks/jira',
        webhooks: [
          {
            events: ['jira:issue_created', 'comment_created'],
            jqlFilter: 'project = MRSH',
            fieldIdsFilter: ['status'],
          },
        ],
      },
    },
  ])
  for (let day = 0; day < 60; day++) {
    await clock.advance(DAY)
    await runner.runDue()
  }
  const refreshed = { method: 'PUT', path: `${base}/refresh`, json: { webhookIds: [1000] } }
  expect(sent.splice(0)).toEqual([refreshed, refreshed])
  await hooks.unsubscribe({ connector: 'jira', tenant: 'ada', params })
  expect(sent).toEqual([{ method: 'DELETE', path: base, json: { webhookIds: [1000] } }])
})

it('reports why Jira did not register a webhook', async () => {
  const { hooks, refuse } = await setUp({ ada: 'marshes' })
  refuse('The clause watchers is unsupported')
  const { code, message } = await errorOf(hooks.subscribe({ ...subscribe, tenant: 'ada' }))
  expect([code, message]).toEqual(['MCP_CLIENT_ERROR', expect.stringContaining('The clause watchers is unsupported')])
})

describe('an event', () => {
  it('is emitted for the connection that subscribed, and for no other one of the site', async () => {
    const { deliver, hooks, seen } = await setUp({ ada: 'marshes', bo: 'marshes', eve: 'fens' })
    for (const tenant of ['ada', 'bo', 'eve']) await hooks.subscribe({ ...subscribe, tenant })
    expect((await deliver(issueEvent('marshes', [1001]))).status).toBe(200)
    expect(seen.splice(0)).toEqual([
      [
        'bo',
        'issue_updated',
        {
          timestamp: 1_796_000_000_000,
          user: { accountId: '5b10', displayName: 'Ada Reed' },
          issue: {
            id: '10002',
            key: 'MRSH-1',
            fields: { summary: 'Count the herons', description: { text: '*Before* sunrise.' } },
          },
          changelog: {
            id: '10001',
            items: [{ field: 'status', fieldId: 'status', from: '1', fromText: 'To Do', to: '3', toText: 'Done' }],
          },
        },
      ],
    ])
    // Two sites have a webhook with the id 1000.
    await deliver(issueEvent('fens', [1000]))
    await deliver(issueEvent('marshes', [1000]))
    expect(seen.map(([tenant]) => tenant)).toEqual(['eve', 'ada'])
  })

  it('is emitted once, however often Jira delivers it', async () => {
    const { deliver, hooks, seen } = await setUp({ ada: 'marshes' })
    await hooks.subscribe({ ...subscribe, tenant: 'ada' })
    for (let retry = 0; retry < 3; retry++) await deliver(issueEvent('marshes', [1000]))
    await deliver(issueEvent('marshes', [1000], { timestamp: 1_796_000_000_001 }))
    expect(seen).toHaveLength(2)
  })

  it('is ignored for a subscription that is unknown, and for a type that is', async () => {
    const { deliver, hooks, seen } = await setUp({ ada: 'marshes' })
    await hooks.subscribe({ ...subscribe, tenant: 'ada' })
    expect((await deliver(issueEvent('marshes', [7]))).status).toBe(200)
    const other = { webhookEvent: 'sprint_started', timestamp: 1, sprint: { id: 1 }, matchedWebhookIds: [1000] }
    expect((await deliver(other)).status).toBe(200)
    expect((await deliver(issueEvent('marshes', [1000], { webhookEvent: 'toString' }))).status).toBe(200)
    expect(seen).toEqual([])
  })

  it.each([
    ['another secret', { secret: 'guess' }],
    ['a token that has expired', { ageS: 300 }],
  ])('is refused with %s', async (_what, change) => {
    const { deliver, hooks, seen } = await setUp({ ada: 'marshes' })
    await hooks.subscribe({ ...subscribe, tenant: 'ada' })
    expect((await deliver(issueEvent('marshes', [1000]), change)).status).toBe(401)
    expect(seen).toEqual([])
  })
})

it('emits what the webhook of an administrator delivers, with comments and worklogs', async () => {
  const SECRET = 'jira_secret_1'
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  const own = jiraApiToken({ site: 'marshes', email: 'ada@marshes.example', apiToken: 't', signingSecret: SECRET })
  const mcp = createMcpClient({ connectors: { own }, capabilities: [hooks], transport: scriptedTransport([]) })
  const seen: unknown[] = []
  mcp.on('own.comment_created', ({ data }) => seen.push(data.comment.body?.text))
  mcp.on('own.worklog_created', ({ data }) => seen.push(data.worklog.timeSpentSeconds))
  const deliver = (payload: object, secret = SECRET) => {
    const body = JSON.stringify(payload)
    const headers = { 'x-hub-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` }
    return hooks.receive(new Request('http://internal/hooks/own', { method: 'POST', body, headers }))
  }
  const comment = { self: `${SELF('marshes')}/issue/10002/comment/1`, id: '1', body: '12 herons.' }
  const worklog = { self: `${SELF('marshes')}/issue/10002/worklog/2`, id: '2', timeSpentSeconds: 60 }
  const issue = { id: '10002', self: `${SELF('marshes')}/issue/10002`, key: 'MRSH-1', fields: { summary: 'Count' } }
  expect((await deliver({ timestamp: 1, webhookEvent: 'comment_created', comment, issue })).status).toBe(200)
  expect((await deliver({ timestamp: 2, webhookEvent: 'worklog_created', worklog })).status).toBe(200)
  expect((await deliver({ timestamp: 3, webhookEvent: 'worklog_created', worklog }, 'guess')).status).toBe(401)
  expect(seen).toEqual(['12 herons.', 60])
})
