import { createMcpClient } from '@mcpclient/core'
import { defineConnector, noAuth, post, tool } from '@mcpclient/core/define'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { graphErrors } from '../src/index.ts'

const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://graph.facebook.com/v25.0/',
  auth: noAuth,
  errors: graphErrors({ rows: { 4417: { hint: 'Count again.' } } }),
  tools: {
    add_note: tool({
      description: 'Add a note.',
      effect: 'write',
      input: z.object({}),
      output: z.object({ id: z.string() }),
      request: () => post('me/notes'),
    }),
  },
})

function failing(error: object, { status = 400, headers = {} }: { status?: number; headers?: object } = {}) {
  const transport = scriptedTransport([{ status, json: { error }, headers: { ...headers } }])
  const mcp = createMcpClient({
    connectors: { notes: notes() },
    transport,
    retry: { attempts: 1 },
    clock: createFakeClock(),
  })
  return errorOf(mcp.as('ada').notes.call('add_note', {}))
}
const oauth = (code: number, change: object = {}) => ({ message: 'No.', type: 'OAuthException', code, ...change })

describe('the code of an error', () => {
  it.each([
    [190, 'MCP_AUTHENTICATION_FAILURE'],
    [102, 'MCP_AUTHENTICATION_FAILURE'],
    [4, 'MCP_RATE_LIMIT_EXCEEDED'],
    [17, 'MCP_RATE_LIMIT_EXCEEDED'],
    [32, 'MCP_RATE_LIMIT_EXCEEDED'],
    [613, 'MCP_RATE_LIMIT_EXCEEDED'],
    [80_002, 'MCP_RATE_LIMIT_EXCEEDED'],
    [2, 'MCP_SERVER_ERROR'],
    [101, 'CONFIGURATION_ERROR'],
    [10, 'MCP_CLIENT_ERROR'],
    [200, 'MCP_CLIENT_ERROR'],
    [299, 'MCP_CLIENT_ERROR'],
    [368, 'MCP_CLIENT_ERROR'],
    [100, 'MCP_CLIENT_ERROR'],
    [4417, 'MCP_CLIENT_ERROR'],
  ])('decides, not the status: %i is %s', async (code, expected) => {
    const error = await failing(oauth(code))
    expect(error).toMatchObject({ code: expected, details: { providerCode: String(code) } })
  })

  it('is refined by the subcode', () => {
    const rowOf = (code: number, error_subcode: number) => {
      const row = graphErrors().rows[code]
      const body = { error: oauth(code, { error_subcode }) }
      return typeof row === 'function' ? row(body, { status: 400, headers: new Headers(), body }) : row
    }
    const ended = { code: 'MCP_AUTHENTICATION_FAILURE' }
    expect(rowOf(190, 460)).toMatchObject({ ...ended, reason: 'password_changed' })
    expect(rowOf(190, 458)).toMatchObject({ ...ended, reason: 'app_removed' })
    expect(rowOf(190, 1)).toEqual({ ...ended, hint: 'Connect the account again.' })
    expect(rowOf(100, 36_007)).toMatchObject({ ...ended, reason: 'code_expired' })
    expect(rowOf(100, 36_009)).toMatchObject({ ...ended, reason: 'code_used' })
    expect(rowOf(100, 33)).toEqual({ hint: 'Check the id. It does not exist, or the token may not see it.' })
  })

  it('names the app if its secret is wrong', async () => {
    const message = 'Error validating client secret.'
    expect((await failing(oauth(1, { message }))).code).toBe('CONFIGURATION_ERROR')
    expect((await failing(oauth(100, { message }))).code).toBe('CONFIGURATION_ERROR')
    const proof = 'API calls from the server require an appsecret_proof argument'
    expect((await failing(oauth(100, { message: proof }))).code).toBe('CONFIGURATION_ERROR')
    expect((await failing(oauth(1))).code).toBe('MCP_SERVER_ERROR')
  })

  it('is temporary if Meta says so and has no row for it', async () => {
    expect((await failing(oauth(9007))).code).toBe('MCP_CLIENT_ERROR')
    expect((await failing(oauth(9007, { is_transient: true }))).code).toBe('MCP_SERVER_ERROR')
  })

  it('has advice that a service adds', async () => {
    expect((await failing(oauth(4417))).advice).toBe('Count again.')
  })

  it('has the row of a service instead of the common one, in a list of codes as well', () => {
    const own = { hint: 'Count again.' }
    const { rows } = graphErrors({ rows: { 17: own, '32 4417': own } })
    expect([rows['17'], rows['32'], rows['4417']]).toEqual([own, own, own])
    expect(rows['613']).toMatchObject({ code: 'MCP_RATE_LIMIT_EXCEEDED' })
  })
})

describe('a rate limit', () => {
  it('proves that nothing was done', async () => {
    expect((await failing(oauth(80_001))).details.outcome).toBe('not_processed')
    expect((await failing(oauth(2))).details.outcome).toBe('unknown')
  })

  it('waits for the minutes in the usage header', async () => {
    const usage = {
      type: 'pages',
      call_count: 100,
      total_cputime: 20,
      total_time: 30,
      estimated_time_to_regain_access: 5,
    }
    const headers = { 'x-business-use-case-usage': JSON.stringify({ 4417: [usage] }) }
    expect((await failing(oauth(80_001), { headers })).details.retryAfterMs).toBe(300_000)
  })

  it('has no wait if the header names none', async () => {
    const headers = { 'x-app-usage': '{"call_count":100,"total_time":25,"total_cputime":25}' }
    expect((await failing(oauth(4), { headers })).details.retryAfterMs).toBeUndefined()
  })
})
