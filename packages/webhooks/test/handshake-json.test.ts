import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, webhook } from '@mcpclient/core/define'
import { scriptedTransport } from '@mcpclient/testing'
import { webhooks } from '@mcpclient/webhooks'
import { hmac } from '@mcpclient/webhooks/schemes'
import { expect, it } from 'vitest'

/** Responds to a check of the address with this value, as JSON. */
async function responseWith(json: unknown) {
  const board = defineConnector({
    id: 'board',
    name: 'Board',
    baseUrl: 'https://board.example/',
    auth: bearer(),
    tools: {},
    webhook: webhook({
      verify: hmac({ header: 'acme-signature' }),
      handshake: { proof: 'secret', respond: () => ({ json }) },
      read: () => ({ ignore: 'everything' }),
    }),
  })
  const hooks = webhooks({ address: 'https://app.example/hooks' })
  createMcpClient({
    connectors: { board: board({ token: 'x', signingSecret: 'y' }) },
    capabilities: [hooks],
    transport: scriptedTransport([]),
  })
  return hooks.receive(new Request('https://app.example/hooks/board?code=1'))
}

it('responds to a handshake with JSON', async () => {
  const response = await responseWith({ code: '1' })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual({ code: '1' })
})

it('responds with no more than 4,096 characters', async () => {
  expect((await responseWith({ code: 'x'.repeat(4096) })).status).toBe(400)
})
