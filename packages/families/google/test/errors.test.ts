import { createMcpClient } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import { bearer, defineConnector, post, tool } from '@mcpclient/core/define'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { googleErrors, syncCodes } from '../src/index.ts'

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.googleapis.com/v1/',
  auth: bearer(),
  errors: googleErrors({
    code: 'state',
    refused: (body) => body !== null && typeof body === 'object' && 'state' in body,
    rows: { trashed: { hint: 'Restore the note.' } },
  }),
  tools: {
    create_note: tool({
      description: 'Create a note.',
      effect: 'write',
      input: z.object({}),
      output: z.object({ id: z.string() }),
      request: () => post('notes', {}),
    }),
  },
})

/** Returns the error of a call for a response with this body. */
function errorFor(status: number, json: unknown) {
  const transport = scriptedTransport([{ status, json }])
  const mcp = createMcpClient({ connectors: { notes: notes({ token: 't' }) }, transport, retry: { attempts: 1 } })
  return errorOf(mcp.as('ada').notes.call('create_note', {}))
}

/** Returns the body of an older API. */
const reason = (code: number, word: string) => ({
  error: { errors: [{ domain: 'global', reason: word, message: 'Words.' }], code, message: 'Words.' },
})
/** Returns the body of a newer API (google.rpc.Status). */
const info = (code: number, status: string, word: string, before: readonly object[] = []) => ({
  error: { code, status, message: 'Words.', details: [...before, { '@type': 'google.rpc.ErrorInfo', reason: word }] },
})

describe("the code of Google's errors", () => {
  it.each([
    [401, 'authError', 'MCP_AUTHENTICATION_FAILURE'],
    [403, 'userRateLimitExceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
    [403, 'rateLimitExceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
    [429, 'rateLimitExceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
    [403, 'quotaExceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
    [403, 'dailyLimitExceeded', 'MCP_RATE_LIMIT_EXCEEDED'],
    [403, 'insufficientPermissions', 'MCP_CLIENT_ERROR'],
    [403, 'forbidden', 'MCP_CLIENT_ERROR'],
    [403, 'accessNotConfigured', 'CONFIGURATION_ERROR'],
    [404, 'notFound', 'MCP_CLIENT_ERROR'],
    [409, 'duplicate', 'MCP_CLIENT_ERROR'],
    [410, 'fullSyncRequired', 'MCP_CLIENT_ERROR'],
    [410, 'updatedMinTooLongAgo', 'MCP_CLIENT_ERROR'],
    [410, 'deleted', 'MCP_CLIENT_ERROR'],
    [412, 'conditionNotMet', 'MCP_CLIENT_ERROR'],
    [500, 'backendError', 'MCP_SERVER_ERROR'],
  ] satisfies [number, string, ErrorCode][])('maps %i %s to %s', async (status, word, code) => {
    expect(await errorFor(status, reason(status, word))).toMatchObject({ code, details: { providerCode: word } })
  })

  it.each([
    [400, 'FAILED_PRECONDITION', 'EXPIRED_SYNC_TOKEN', 'MCP_CLIENT_ERROR'],
    [403, 'PERMISSION_DENIED', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', 'MCP_CLIENT_ERROR'],
    [403, 'PERMISSION_DENIED', 'SERVICE_DISABLED', 'CONFIGURATION_ERROR'],
  ] satisfies [number, string, string, ErrorCode][])(
    'finds %i %s %s among the details of a newer API',
    async (status, name, word, code) => {
      const expected = { code, details: { providerCode: word } }
      expect(await errorFor(status, info(status, name, word))).toMatchObject(expected)
      const help = [{ '@type': 'google.rpc.Help', links: [] }]
      expect(await errorFor(status, info(status, name, word, help))).toMatchObject(expected)
    },
  )

  it('finds the status of a newer API that sends no reason', async () => {
    const body = { error: { code: 404, status: 'NOT_FOUND', message: 'Words.' } }
    expect(await errorFor(404, body)).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      advice: 'Check the ids. The account may not see this item.',
      details: { providerCode: 'NOT_FOUND' },
    })
  })

  it('prefers a reason that has a row to a general one', async () => {
    const body = { error: { ...reason(403, 'forbidden').error, details: [{ reason: 'x' }] } }
    expect((await errorFor(403, body)).details.providerCode).toBe('forbidden')
    const unknown = {
      error: { ...info(403, 'PERMISSION_DENIED', 'SERVICE_DISABLED').error, errors: [{ reason: 'x' }] },
    }
    expect((await errorFor(403, unknown)).details.providerCode).toBe('SERVICE_DISABLED')
  })

  it('treats only a limit as a proof that nothing was done', async () => {
    expect((await errorFor(403, reason(403, 'rateLimitExceeded'))).details.outcome).toBe('not_processed')
    expect((await errorFor(429, {})).details.outcome).toBe('not_processed')
    expect((await errorFor(503, reason(503, 'backendError'))).details.outcome).toBe('unknown')
  })

  it('has the rows, the place and the refusals that a service adds', async () => {
    expect(await errorFor(200, { state: 'trashed' })).toMatchObject({
      code: 'MCP_CLIENT_ERROR',
      advice: 'Restore the note.',
      details: { providerCode: 'trashed' },
    })
  })

  it('quotes the message of Google once', async () => {
    const { message } = await errorFor(404, reason(404, 'notFound'))
    expect(message.match(/Words/g)).toHaveLength(1)
  })

  it('has a row for every code of a sync', () => {
    const known = Object.keys(googleErrors().rows)
    expect(
      Object.values(syncCodes)
        .flat()
        .filter((code) => !known.includes(String(code))),
    ).toEqual([])
  })
})
