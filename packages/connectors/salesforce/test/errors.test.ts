import { createMcpClient } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { salesforce } from '../src/index.ts'

const refusal = (errorCode: string, status = 400, message = 'Refused'): ScriptedReply => ({
  status,
  json: [{ message, errorCode, fields: [] }],
})
const created = { status: 201, json: { id: '001D000000IqhSLIAZ', success: true, errors: [] } }
const FULL = 'TotalRequests Limit exceeded.'
const BUSY = 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const crm = salesforce({ token: '00D!t', instanceUrl: 'https://heron.my.salesforce.com' })
  const ada = createMcpClient({ connectors: { crm }, transport, clock, random: () => 0.5 }).as('ada')
  const create = () => clock.until(ada.crm.call('create_record', { object: 'Account', fields: { Name: 'Reeds' } }))
  return { transport, clock, create }
}
const failing = (...script: readonly ScriptedReply[]) => errorOf(start(script).create())

describe("Salesforce's codes", () => {
  it.each([
    ['INVALID_SESSION_ID', 401, 'MCP_AUTHENTICATION_FAILURE', 'unsaid'],
    ['INVALID_FIELD', 400, 'MCP_CLIENT_ERROR', 'describe_object'],
    ['DUPLICATES_DETECTED', 400, 'MCP_CLIENT_ERROR', 'update it'],
    ['DUPLICATE_VALUE', 400, 'MCP_CLIENT_ERROR', 'upsert_record'],
    ['INSUFFICIENT_ACCESS_OR_READONLY', 403, 'MCP_CLIENT_ERROR', 'administrator'],
    ['ENTITY_IS_DELETED', 404, 'MCP_CLIENT_ERROR', 'deleted before'],
    ['A_CODE_OF_NEXT_YEAR', 400, 'MCP_CLIENT_ERROR', 'unsaid'],
  ] satisfies [string, number, ErrorCode, string][])('%s with %i is a %s', async (errorCode, status, code, advice) => {
    const error = await failing(refusal(errorCode, status))
    expect(error).toMatchObject({ code, details: { providerCode: errorCode, providerMessage: 'Refused' } })
    if (advice !== 'unsaid') expect(error.advice).toContain(advice)
  })

  it.each([[[]], [{}], [[null]], [[{ errorCode: 7 }]], [{ error: 'x' }], ['INVALID_FIELD']])(
    'may be missing: %j',
    async (json) => {
      expect((await failing({ status: 400, json })).code).toBe('MCP_CLIENT_ERROR')
    },
  )
})

it.each([414, 431])('advises a shorter query after a %i', async (status) => {
  const error = await failing({ status, json: [] })
  expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR' })
  expect(error.advice).toContain('16,384')
})

it.each([
  ['inactive_user', 'MCP_AUTHENTICATION_FAILURE'],
  ['invalid_client_id', 'CONFIGURATION_ERROR'],
  ['rate_limit_exceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
])('maps %s of the token endpoint to %s', async (error, code) => {
  const refused = { status: 400, json: { error } }
  expect((await failing(refused, refused, refused)).code).toBe(code)
})

describe('a locked record', () => {
  it('is retried, because nothing was changed', async () => {
    const { create, transport } = start([refusal('UNABLE_TO_LOCK_ROW'), created])
    expect(await create()).toMatchObject({ success: true })
    expect(transport.requests).toHaveLength(2)
  })

  it('is reported as not changed if it stays locked', async () => {
    const locked = refusal('UNABLE_TO_LOCK_ROW')
    const error = await failing(locked, locked, locked)
    expect(error).toMatchObject({ code: 'MCP_SERVER_ERROR', retryable: true, details: { outcome: 'not_processed' } })
  })
})

describe('the limit of requests', () => {
  it('stops calls for a while if that of 24 hours is reached, without a retry', async () => {
    const { create, clock, transport } = start([refusal('REQUEST_LIMIT_EXCEEDED', 403, FULL), created])
    const error = await errorOf(create())
    expect(error.code).toBe('MCP_RATE_LIMIT_EXCEEDED')
    expect(error.details).toMatchObject({ outcome: 'not_processed', retryAfterMs: 15 * 60_000 })
    expect(await errorOf(create())).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
    expect(transport.requests).toHaveLength(1)
    await clock.advance(15 * 60_000)
    expect(await create()).toMatchObject({ success: true })
  })

  it('ends soon for long requests at once, so the request is sent again', async () => {
    const { create, transport } = start([refusal('REQUEST_LIMIT_EXCEEDED', 403, BUSY), created])
    expect(await create()).toMatchObject({ success: true })
    expect(transport.requests).toHaveLength(2)
  })
})
