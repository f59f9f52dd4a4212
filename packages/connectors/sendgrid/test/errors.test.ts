import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { sendgrid } from '../src/index.ts'

/** Returns the error of a call for a response of SendGrid with this message. */
function failed(status: number, message: string) {
  const transport = scriptedTransport([{ status, json: { errors: [{ message, field: null, help: null }] } }])
  const mail = sendgrid({ token: 'SG.1', from: 'ada@marshes.example' })
  const mcp = createMcpClient({ connectors: { mail }, transport, retry: { attempts: 1 } })
  return errorOf(mcp.as('ada').mail.call('send_email', { to: ['bo@example.com'], subject: 'Hi', text: 'Hi' }))
}

it.each([
  [401, 'The provided authorization grant is invalid, expired, or revoked', 'MCP_AUTHENTICATION_FAILURE', /credential/],
  [401, 'Maximum credits exceeded', 'QUOTA_EXCEEDED', /plan's credits/],
  [403, 'access forbidden', 'MCP_CLIENT_ERROR', /list_scopes/],
  [403, 'The from address does not match a verified Sender Identity.', 'MCP_CLIENT_ERROR', /Verify the address/],
  [413, 'Payload too large', 'MCP_CLIENT_ERROR', /30 MB/],
  [429, 'too many requests', 'MCP_RATE_LIMIT_EXCEEDED', /./],
  [400, 'Does not contain a valid address.', 'MCP_CLIENT_ERROR', /./],
] as const)('maps a %i with "%s" to %s', async (status, message, code, advice) => {
  const error = await failed(status, message)
  expect(error.code).toBe(code)
  expect(error.message).toContain(message)
  expect(error.advice).toMatch(advice)
})

it('treats only a throttled request as not processed', async () => {
  expect((await failed(429, 'too many requests')).details.outcome).toBe('not_processed')
  expect((await failed(500, 'internal')).details.outcome).toBe('unknown')
})
