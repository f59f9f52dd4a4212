import { createMcpClient } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { slack } from '../src/index.ts'

const no = (error: string, more: object = {}) => ({ ok: false, error, ...more })

/** Returns the error of a call for a response of Slack with this body. */
function said(body: unknown, status = 200) {
  const transport = scriptedTransport([{ status, json: body }])
  const mcp = createMcpClient({ connectors: { slack: slack({ token: 'xoxb-1' }) }, transport, retry: { attempts: 1 } })
  return errorOf(mcp.as('ada').slack.call('send_message', { channel: 'C1', text: 'Hi' }))
}

describe("the code of Slack's errors", () => {
  it.each([
    ['invalid_auth', 'MCP_AUTHENTICATION_FAILURE'],
    ['not_authed', 'MCP_AUTHENTICATION_FAILURE'],
    ['token_revoked', 'MCP_AUTHENTICATION_FAILURE'],
    ['token_expired', 'MCP_AUTHENTICATION_FAILURE'],
    ['account_inactive', 'MCP_AUTHENTICATION_FAILURE'],
    ['ratelimited', 'MCP_RATE_LIMIT_EXCEEDED'],
    ['rate_limited', 'MCP_RATE_LIMIT_EXCEEDED'],
    ['internal_error', 'MCP_SERVER_ERROR'],
    ['fatal_error', 'MCP_SERVER_ERROR'],
    ['service_unavailable', 'MCP_SERVER_ERROR'],
    ['missing_scope', 'MCP_CLIENT_ERROR'],
    ['channel_not_found', 'MCP_CLIENT_ERROR'],
    ['an_error_of_next_year', 'MCP_CLIENT_ERROR'],
  ] satisfies [string, ErrorCode][])('maps %s to %s', async (error, code) => {
    expect(await said(no(error))).toMatchObject({ code, details: { providerCode: error } })
  })

  it.each([
    [401, 'MCP_AUTHENTICATION_FAILURE'],
    [429, 'MCP_RATE_LIMIT_EXCEEDED'],
    [503, 'MCP_SERVER_ERROR'],
    [400, 'MCP_CLIENT_ERROR'],
  ])('maps an unknown word by the status %i', async (status, code) => {
    expect((await said(no('an_error_of_next_year'), status)).code).toBe(code)
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'takes the word %s for no row of the table',
    async (error) => {
      const { code, message } = await said(no(error))
      expect(code).toBe('MCP_CLIENT_ERROR')
      expect(message).toBe(`Slack rejected send_message (200, POST /api/chat.postMessage): ${error}.`)
    },
  )

  it('treats only a rate limit as a proof that nothing was done', async () => {
    expect((await said(no('ratelimited'))).details.outcome).toBe('not_processed')
    expect((await said({}, 429)).details.outcome).toBe('not_processed')
    expect((await said(no('fatal_error'))).details.outcome).toBe('unknown')
  })
})

describe('advice', () => {
  it('names the scope that is missing', async () => {
    const { advice } = await said(no('missing_scope', { needed: 'chat:write', provided: 'channels:read' }))
    expect(advice).toBe('Give the token the scope chat:write.')
    expect((await said(no('missing_scope'))).advice).not.toContain('undefined')
  })

  it('has a hint for the most frequent errors', async () => {
    expect((await said(no('not_in_channel'))).advice).toContain('join_channel')
    expect((await said(no('not_allowed_token_type'))).advice).toContain('user token')
  })

  it("quotes Slack's own explanation", async () => {
    const metadata = { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] }
    const { message, details } = await said(no('invalid_blocks', { response_metadata: metadata }))
    expect(message).toContain('[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]')
    expect(details.providerCode).toBe('invalid_blocks')
  })
})

describe('bodies of any form', () => {
  it.each([[[]], [{}], [{ ok: true, error: 'x' }], [{ ok: 'false' }]])('treats %j as a success', async (body) => {
    expect((await said(body)).code).toBe('DATA_TRANSFORMATION_ERROR')
  })

  it.each([[{ ok: false }], [no('')], [no('two words')], [{ ok: false, error: { code: 1 } }], [no('x'.repeat(81))]])(
    'takes %j for a refusal without a usable word',
    async (body) => {
      const { code, message } = await said(body)
      expect(code).toBe('MCP_CLIENT_ERROR')
      expect(message).toMatch(/^Slack rejected send_message \(200, POST \/api\/chat\.postMessage\)[.:]/)
    },
  )
})
