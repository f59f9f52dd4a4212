import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import { apiKey, defineConnector, get, post, tool } from '@mcpclient/core/define'
import type { RequestSpec } from '@mcpclient/core/define'

const KEY = 'md-"canary'

/** Sends a request of a connector whose key is a member of the body. */
function send(request: RequestSpec) {
  const mail = defineConnector({
    id: 'mail',
    name: 'Mail',
    baseUrl: 'https://mail.example/',
    auth: apiKey({ member: 'key' }),
    tools: {
      send: tool({
        description: 'Send it.',
        effect: 'write',
        input: z.object({}),
        output: z.unknown(),
        request: () => request,
      }),
    },
  })
  const transport = scriptedTransport(() => ({ json: {} }))
  const mcp = createMcpClient({ connectors: { mail: mail({ apiKey: KEY }) }, transport })
  return { sent: mcp.as('ada').mail.call('send', {}), transport }
}

describe('a key in the JSON body', () => {
  it.each([
    ['an empty object', {}, { key: KEY }],
    ['other members', { to: ['bo'], text: 'a "}" b' }, { to: ['bo'], text: 'a "}" b', key: KEY }],
    ['a member of its name', { key: 'of the input', text: 'Hi' }, { key: KEY, text: 'Hi' }],
  ])('is added to %s', async (_what, body, expected) => {
    const { sent, transport } = send(post('send', body))
    await sent
    expect(transport.requests[0]?.json).toEqual(expected)
    expect(transport.requests[0]?.url).toBe('https://mail.example/send')
  })

  it.each([
    ['no body', get('send')],
    ['a list', post('send', [1])],
  ])('fails for %s before a request is sent', async (_what, request) => {
    const { sent, transport } = send(request)
    const error = await errorOf(sent)
    expect(error).toMatchObject({ code: 'API_INTERNAL_ERROR', details: { outcome: 'not_processed' } })
    expect(JSON.stringify(error)).not.toContain('canary')
    expect(transport.requests).toEqual([])
  })
})
