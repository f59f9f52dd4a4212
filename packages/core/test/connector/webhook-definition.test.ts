import { createMcpClient } from '@mcpclient/core'
import { bearer, defineConnector, webhook } from '@mcpclient/core/define'
import type { Verifier } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

const verify: Verifier = { verify: () => Promise.resolve({ verified: true }) }
const chat = defineConnector({
  id: 'chat',
  name: 'Chat',
  baseUrl: 'https://chat.example/',
  auth: bearer(),
  tools: {},
  events: { message: z.object({ text: z.string() }) },
  webhook: webhook({ verify, read: () => ({ to: { account: 'a1' }, event: 'message' as const }) }),
})

describe('a connector with a webhook', () => {
  it('accepts one signing secret or several', () => {
    expect(chat({ token: 'x', signingSecret: 'one' }).signingSecrets).toEqual(['one'])
    expect(chat({ token: 'x', signingSecret: ['new', 'old'] }).signingSecrets).toEqual(['new', 'old'])
    expect(chat({ token: 'x' }).signingSecrets).toBeUndefined()
  })

  it('does not show its signing secret when it is printed', () => {
    const connector = chat({ token: 'x', signingSecret: 'a-secret-of-the-app' })
    const shown = [JSON.stringify(connector), JSON.stringify({ connectors: { chat: connector } })]
    for (const text of shown) expect(text).not.toContain('a-secret')
  })

  it.each([[''], [' '], [[]], [['one', '']], [null], [7]])('rejects %j as a signing secret', (signingSecret) => {
    expect(() => chat({ token: 'x', signingSecret: signingSecret as string })).toThrow(
      'The signingSecret of chat is empty or no string.',
    )
  })

  it('keeps the signing secret out of its settings', () => {
    const connector = chat({ token: 'x', signingSecret: 'one' })
    expect(connector.settings).toEqual({})
    expect(() => createMcpClient({ connectors: { chat: connector } })).not.toThrow()
  })

  it('rejects a signing secret without a webhook', () => {
    const plain = defineConnector({
      id: 'plain',
      name: 'Plain',
      baseUrl: 'https://x.example/',
      auth: bearer(),
      tools: {},
    })
    // @ts-expect-error there is no webhook
    expect(() => plain({ token: 'x', signingSecret: 'one' })).toThrow('signingSecret is not an option')
  })

  it('may name only events and syncs of its definition', () => {
    const definition = {
      id: 'chat',
      name: 'Chat',
      baseUrl: 'https://chat.example/',
      auth: bearer(),
      tools: {},
    } as const
    defineConnector({
      ...definition,
      // @ts-expect-error the connector has no event of this name
      webhook: webhook({ verify, read: () => ({ to: { account: 'a1' }, event: 'massage' as const }) }),
    })
    expect(chat.type).toBe('chat')
  })
})
