import { describe, expect, test } from 'vitest'
import { readError } from '../src/authorization.ts'
import { refusal } from '../src/refusal.ts'

const said = (body: unknown, status = 200) => refusal({ status, headers: { get: () => null }, body })
const no = (error: string, more: object = {}) => ({ ok: false, error, ...more })

describe("Slack's words in our codes", () => {
  test.each([
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
  ])('%s is %s', (error, code) => {
    expect(said(no(error))).toMatchObject({ code, providerCode: error })
  })

  test.each([
    [401, 'MCP_AUTHENTICATION_FAILURE'],
    [429, 'MCP_RATE_LIMIT_EXCEEDED'],
    [503, 'MCP_SERVER_ERROR'],
    [400, 'MCP_CLIENT_ERROR'],
  ])('an unknown word goes by the status %i', (status, code) => {
    expect(said(no('an_error_of_next_year'), status)?.code).toBe(code)
  })

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'the word %s is no entry of a table',
    (error) => {
      expect(said(no(error))).toMatchObject({ code: 'MCP_CLIENT_ERROR', message: `Slack said ${error}.` })
      expect(readError(no(error))).toEqual({ error, description: error })
    },
  )

  test('only a rate limit proves that nothing was done', () => {
    expect(said(no('ratelimited'))?.notProcessed).toBe(true)
    expect(said(no('fatal_error'))).not.toHaveProperty('notProcessed')
  })
})

describe('what to do about it', () => {
  test('the scope that is missing is named', () => {
    expect(said(no('missing_scope', { needed: 'chat:write', provided: 'channels:read' }))?.message).toBe(
      'Slack said missing_scope. The token needs the scope chat:write.',
    )
  })

  test('what people meet most comes with advice', () => {
    expect(said(no('not_in_channel'))?.message).toContain('join_channel')
    expect(said(no('not_allowed_token_type'))?.message).toContain('user token')
  })

  test("where there is none, Slack's own explanation stands", () => {
    const metadata = { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] }
    expect(said(no('invalid_blocks', { response_metadata: metadata }))?.message).toBe(
      'Slack said invalid_blocks. [ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    )
  })
})

describe('answers of any form', () => {
  test.each([
    [undefined],
    [null],
    ['<html>'],
    [[]],
    [{}],
    [{ ok: true }],
    [{ ok: true, error: 'x' }],
    [{ ok: 'false' }],
  ])('%j is no refusal', (body) => {
    expect(said(body)).toBeUndefined()
  })

  test.each([[{ ok: false }], [no('')], [no('two words')], [{ ok: false, error: { code: 1 } }], [no('x'.repeat(65))]])(
    '%j is a refusal without a usable word',
    (body) => {
      expect(said(body)).toEqual({
        code: 'MCP_CLIENT_ERROR',
        message: 'Slack said unknown_error.',
        providerCode: 'unknown_error',
      })
    },
  )
})
