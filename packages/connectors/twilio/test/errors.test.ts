import { createMcpClient } from '@mcpclient/core'
import type { ErrorCode } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { twilio } from '../src/index.ts'

const accountSid = 'AC08e40a7c0ffee5ea5e0b1d5a11ce0001'

/** Returns the error of a call for a response of Twilio with this body. */
function said(body: unknown, status: number) {
  const transport = scriptedTransport([{ status, json: body }])
  const connectors = { twilio: twilio({ accountSid, authToken: 'x', from: '+15005550006' }) }
  const mcp = createMcpClient({ connectors, transport, retry: { attempts: 1 } })
  return errorOf(mcp.as('ada').twilio.call('send_sms', { to: '+14155550100', body: 'Hi' }))
}
const no = (code: unknown, message = 'No.') => ({ code, message, more_info: 'https://www.twilio.com/docs/errors/1' })

describe('an error', () => {
  it.each([
    [20003, 401, 'MCP_AUTHENTICATION_FAILURE'],
    [20003, 403, 'MCP_AUTHENTICATION_FAILURE'],
    [20404, 404, 'MCP_CLIENT_ERROR'],
    [20429, 429, 'MCP_RATE_LIMIT_EXCEEDED'],
    [21211, 400, 'MCP_CLIENT_ERROR'],
    [20500, 500, 'MCP_SERVER_ERROR'],
    [99_999, 400, 'MCP_CLIENT_ERROR'],
  ] satisfies [number, number, ErrorCode][])('%i with status %i is %s', async (code, status, expected) => {
    expect(await said(no(code), status)).toMatchObject({ code: expected, details: { providerCode: String(code) } })
  })

  it('says what to do about the most frequent codes', async () => {
    expect((await said(no(21610), 400)).advice).toContain('STOP')
    expect((await said(no(21211), 400)).advice).toContain('E.164')
    expect((await said(no(35114), 400)).advice).toContain('35 days')
    expect((await said(no(21219), 400)).advice).toBe((await said(no(21608), 400)).advice)
  })

  it("quotes Twilio's own message", async () => {
    const { message } = await said(no(21211, "The 'To' number +1415555 is not a valid phone number."), 400)
    expect(message).toContain("The 'To' number +1415555 is not a valid phone number.")
  })

  it('proves that nothing was done only for a rejected request', async () => {
    expect((await said(no(20429), 429)).details.outcome).toBe('not_processed')
    expect((await said(no(21610), 400)).details.outcome).toBe('not_processed')
    expect((await said(no(20500), 500)).details.outcome).toBe('unknown')
  })

  it.each([[null], [[]], ['constructor'], ['__proto__'], [{ code: 21610 }], [{}]])(
    'has the meaning of its status if its code is %j',
    async (code) => {
      expect((await said(no(code), 400)).code).toBe('MCP_CLIENT_ERROR')
      expect((await said(no(code), 400)).advice).not.toContain('STOP')
    },
  )
})
