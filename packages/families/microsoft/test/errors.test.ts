import { createMcpClient } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import { bearer, defineConnector, post, tool } from '@mcpclient/core/define'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { graphErrors, syncCodes } from '../src/index.ts'

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://graph.microsoft.com/v1.0/',
  auth: bearer(),
  errors: graphErrors({ rows: { ErrorNoteIsLocked: { hint: 'Unlock the note.' } } }),
  tools: {
    create_note: tool({
      description: 'Create a note.',
      effect: 'write',
      input: z.object({}),
      output: z.object({ id: z.string() }),
      request: () => post('me/notes', {}),
    }),
  },
})

/** Returns the error of a call for a response with this body. */
function errorFor(status: number, json: unknown, headers: Readonly<Record<string, string>> = {}) {
  const transport = scriptedTransport([{ status, json, headers }])
  const mcp = createMcpClient({ connectors: { notes: notes({ token: 't' }) }, transport, retry: { attempts: 1 } })
  return errorOf(mcp.as('ada').notes.call('create_note', {}))
}

const body = (code: string, inner: object = {}) => ({
  error: {
    code,
    message: 'Words.',
    innerError: { date: '2026-11-21T10:00:00', 'request-id': 'r1', 'client-request-id': 'c1', ...inner },
  },
})

describe("the code of Graph's errors", () => {
  it.each([
    [401, 'InvalidAuthenticationToken', 'MCP_AUTHENTICATION_FAILURE'],
    [403, 'insufficient_claims', 'MCP_AUTHENTICATION_FAILURE'],
    [429, 'TooManyRequests', 'MCP_RATE_LIMIT_EXCEEDED'],
    [429, 'ApplicationThrottled', 'MCP_RATE_LIMIT_EXCEEDED'],
    [429, 'ErrorACodeOfTomorrow', 'MCP_RATE_LIMIT_EXCEEDED'],
    [503, 'activityLimitReached', 'MCP_RATE_LIMIT_EXCEEDED'],
    [403, 'ErrorAccessDenied', 'MCP_CLIENT_ERROR'],
    [404, 'MailboxNotEnabledForRESTAPI', 'MCP_CLIENT_ERROR'],
    [404, 'ErrorItemNotFound', 'MCP_CLIENT_ERROR'],
    [409, 'nameAlreadyExists', 'MCP_CLIENT_ERROR'],
    [410, 'SyncStateNotFound', 'MCP_CLIENT_ERROR'],
    [410, 'resyncRequired', 'MCP_CLIENT_ERROR'],
    [412, 'ErrorIrresolvableConflict', 'MCP_CLIENT_ERROR'],
    [503, 'serviceNotAvailable', 'MCP_SERVER_ERROR'],
    [500, 'generalException', 'MCP_SERVER_ERROR'],
  ] satisfies [number, string, ErrorCode][])('maps %i %s to %s', async (status, code, expected) => {
    expect(await errorFor(status, body(code))).toMatchObject({ code: expected, details: { providerCode: code } })
  })

  it.each(['innerError', 'innererror'])('prefers the more specific code in %s if it has a row', async (member) => {
    const nested = { error: { code: 'notAllowed', message: 'Words.', [member]: { code: 'throttledRequest' } } }
    expect((await errorFor(403, nested)).code).toBe('MCP_RATE_LIMIT_EXCEEDED')
    const unknown = { error: { code: 'ErrorItemNotFound', message: 'Words.', [member]: { code: 'aNewDetail' } } }
    expect((await errorFor(404, unknown)).details.providerCode).toBe('ErrorItemNotFound')
  })

  it('waits as long as the throttling says, and knows that nothing was processed', async () => {
    const error = await errorFor(429, body('TooManyRequests'), { 'Retry-After': '12' })
    expect(error.details).toMatchObject({ retryAfterMs: 12_000, outcome: 'not_processed' })
    expect((await errorFor(503, body('serviceNotAvailable'))).details.outcome).toBe('unknown')
  })

  it('has the rows that a service adds', async () => {
    expect(await errorFor(423, body('ErrorNoteIsLocked'))).toMatchObject({ advice: 'Unlock the note.' })
  })

  it('quotes the message of Graph once', async () => {
    const { message } = await errorFor(404, body('ErrorItemNotFound'))
    expect(message.match(/Words/g)).toHaveLength(1)
  })

  it('has a row for every code of a sync', () => {
    const known = Object.keys(graphErrors().rows)
    expect(
      Object.values(syncCodes)
        .flat()
        .filter((code) => !known.includes(String(code))),
    ).toEqual([])
  })
})
