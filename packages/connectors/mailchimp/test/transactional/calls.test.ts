import { createMcpClient } from '@mcpclient/core'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { mailchimpTransactional } from '../../src/index.ts'

const email = { to: ['bo@example.com'], subject: 'Count', text: '12 egrets' }

it.each([
  ['no sender', {}, 'from'],
  ['no recipient', { from: 'ada@marshes.example', to: [] }, ''],
  ['no content', { from: 'ada@marshes.example', text: undefined }, ''],
  ['a line break in the subject', { from: 'ada@marshes.example', subject: 'Hi\r\nBcc: eve@example.com' }, 'subject'],
])('refuses an e-mail with %s before it is sent', async (_what, change, path) => {
  const transport = scriptedTransport([])
  const mcp = createMcpClient({ connectors: { mail: mailchimpTransactional({ apiKey: 'md-1' }) }, transport })
  const error = await errorOf(mcp.client('mail', 'ada').invoke('send_email', { ...email, ...change }))
  expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { outcome: 'not_processed', issues: [{ path }] } })
  expect(transport.requests).toEqual([])
})
