import { createMcpClient } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { vault } from '@mcpclient/core/vault'
import { describe, expect, it } from 'vitest'
import { jira } from '../src/index.ts'

const ME: ScriptedReply = { json: { accountId: '5b10', displayName: 'Ada Reed' } }

/** Connects two tenants, each with a token of its own. */
async function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport([ME, ME, ...script])
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { jira: jira() },
    vault: vault(),
    transport,
    clock,
    retry: { attempts: 1 },
  })
  for (const tenant of ['ada', 'bo']) {
    await mcp.as(tenant).jira.connect({ token: `eyJ0.${tenant}` }, { settings: { cloudId: '11223344-a1b2' } })
  }
  return { mcp, clock, sent: () => transport.requests.length - 2 }
}

/** Returns the error of a call for one response. */
async function said(reply: ScriptedReply) {
  const { mcp, sent } = await start([reply])
  const error = await errorOf(mcp.as('ada').jira.call('add_comment', { issueIdOrKey: 'MRSH-1', body: 'Hi' }))
  expect(sent()).toBe(1)
  return error
}

describe("Jira's message", () => {
  it.each([
    ['about the request', { errorMessages: ['No.', 'Never.'], errors: { summary: 'Too long.' } }, 'No.'],
    ['about a field', { errorMessages: [], errors: { summary: 'Too long.' } }, 'summary: Too long.'],
    ['of the gateway', { code: 400, message: 'Bad request' }, 'Bad request'],
  ])('%s is in the error', async (_what, json, message) => {
    const { code, message: shown } = await said({ status: 400, json })
    expect(code).toBe('MCP_CLIENT_ERROR')
    expect(shown).toContain(message)
  })

  it.each([
    [{}],
    [[]],
    ['x'],
    [{ errorMessages: 'x' }],
    [{ errorMessages: [1] }],
    [{ errors: [] }],
    [{ errors: { a: 1 } }],
  ])('may be missing: %j', async (json: unknown) => {
    expect((await said({ status: 404, json })).code).toBe('MCP_CLIENT_ERROR')
  })
})

it('advises on what a 404 hides', async () => {
  const { advice } = await said({ status: 404, json: { errorMessages: ['Issue does not exist.'], errors: {} } })
  expect(advice).toContain('may not see')
})

describe('a 401', () => {
  it('is an authentication failure', async () => {
    expect((await said({ status: 401, json: { code: 401, message: 'Unauthorized' } })).code).toBe(
      'MCP_AUTHENTICATION_FAILURE',
    )
  })

  it('is not the end of a token that lacks a scope', async () => {
    const json = { code: 401, message: 'Unauthorized; scope does not match' }
    const { code, advice } = await said({ status: 401, json })
    expect(code).toBe('MCP_CLIENT_ERROR')
    expect(advice).toContain('scope')
  })
})

describe('a 429', () => {
  const limited = (reason?: string): ScriptedReply => ({
    status: 429,
    headers: { 'retry-after': '10', ...(reason !== undefined && { 'ratelimit-reason': reason }) },
    json: {},
  })
  const comment = { issueIdOrKey: 'MRSH-1', body: 'Hi' }

  it.each([
    ['jira-quota-global-based', 'bo', 'count_issues', 'waits'],
    ['jira-quota-tenant-based', 'ada', 'count_issues', 'waits'],
    ['jira-quota-tenant-based', 'bo', 'count_issues', 'is sent'],
    ['jira-burst-based', 'ada', 'add_comment', 'waits'],
    ['jira-burst-based', 'ada', 'count_issues', 'is sent'],
    ['jira-per-issue-on-write', 'ada', 'count_issues', 'is sent'],
    ['a-reason-of-next-year', 'ada', 'count_issues', 'waits'],
    ['a-reason-of-next-year', 'bo', 'count_issues', 'is sent'],
  ] as const)(
    'limits by the reason %s of a call of ada: %s calls %s, which %s',
    async (reason, tenant, tool, outcome) => {
      const counts = tool === 'count_issues'
      const { mcp, clock, sent } = await start([limited(reason), { json: counts ? { count: 1 } : { id: '1' } }])
      expect((await errorOf(mcp.client('jira', 'ada').invoke('add_comment', comment))).details.retryAfterMs).toBe(
        10_000,
      )
      const next = mcp.client('jira', tenant).invoke(tool, counts ? { project: 'MRSH' } : comment)
      await clock.advance(9_000)
      expect(sent()).toBe(outcome === 'waits' ? 1 : 2)
      await clock.until(next)
    },
  )

  it('does not repeat a write, because Atlassian does not say that it was not processed', async () => {
    const { code, details } = await said(limited('jira-burst-based'))
    expect(code).toBe('MCP_RATE_LIMIT_EXCEEDED')
    expect(details.providerCode).toBe('jira-burst-based')
  })
})
