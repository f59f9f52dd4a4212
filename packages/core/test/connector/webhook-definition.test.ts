import { createMcpClient } from '@mcpclient/core'
import {
  basic,
  bearer,
  defineConnector,
  errorTable,
  get,
  oauth2,
  tool,
  webhook,
  withSigningSecret,
} from '@mcpclient/core/define'
import type { Verifier } from '@mcpclient/core/define'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
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

describe('a connector whose connections have secrets of their own', () => {
  const definition = { id: 'phone', name: 'Phone', baseUrl: 'https://phone.example/', tools: {} } as const
  const hookWith = (connectionSecret: string) =>
    webhook({ verify, connectionSecret, read: () => ({ ignore: 'nothing' }) })
  const auth = basic({ username: { name: 'sid', label: 'SID' }, password: { name: 'authToken', label: 'Token' } })
  const phone = defineConnector({ ...definition, auth, webhook: hookWith('authToken') })
  const post = defineConnector({
    ...definition,
    auth: withSigningSecret(bearer(), { label: 'Verification key', secret: false }),
    webhook: hookWith('signingSecret'),
  })

  it("takes the field of the app's own credential as the default of its signing secret", () => {
    expect(phone({ sid: 'A1', authToken: 't1' }).signingSecrets).toEqual(['t1'])
    expect(phone({ sid: 'A1', authToken: 't1', signingSecret: ['t2', 't1'] }).signingSecrets).toEqual(['t2', 't1'])
    expect(phone({ signingSecret: 't2' }).signingSecrets).toEqual(['t2'])
    expect(phone().signingSecrets).toBeUndefined()
  })

  it('may have a secret beside its credential, which is an option and no credential at composition', () => {
    expect(post({ token: 'x', signingSecret: 'key' })).toMatchObject({
      appCredential: { token: 'x' },
      signingSecrets: ['key'],
    })
    expect(post({ token: 'x', signingSecret: ['new', 'old'] }).signingSecrets).toEqual(['new', 'old'])
    expect(post({ signingSecret: 'key' })).toMatchObject({ appCredential: undefined, signingSecrets: ['key'] })
    expect(post.profile.auth.fields).toEqual({
      token: { label: 'Token', secret: true, description: undefined },
      signingSecret: { label: 'Verification key', secret: false, optional: true },
    })
  })

  it('redacts the signing secret of the composition in what the provider repeats', async () => {
    const echo = defineConnector({
      ...definition,
      auth: bearer(),
      tools: {
        get_it: tool({
          description: 'Get it.',
          effect: 'read',
          input: z.object({}),
          output: z.object({}),
          request: () => get('it'),
        }),
      },
      errors: errorTable({ message: 'message' }, {}),
      webhook: hookWith('token'),
    })
    const mcp = createMcpClient({
      connectors: { echo: echo({ token: 'a-token-of-the-app', signingSecret: 'a-secret-of-the-app' }) },
      transport: scriptedTransport([{ status: 400, json: { message: 'Not a-secret-of-the-app.' } }]),
    })
    const { message } = await errorOf(mcp.as('ada').echo.call('get_it', {}))
    expect(message).toContain('Not')
    expect(message).not.toContain('a-secret-of-the-app')
  })

  it('names a field of its credential', () => {
    expect(() => defineConnector({ ...definition, auth: bearer(), webhook: hookWith('authToken') })).toThrow(
      'webhook.connectionSecret "authToken" is no field of the credential.',
    )
  })

  it('has a credential that is stored, so that a strategy with grants has no field for its secret', () => {
    const flow = oauth2({ authorizationUrl: 'https://x.example/a', tokenUrl: 'https://x.example/t' })
    expect(() => withSigningSecret(flow, { label: 'Key' })).toThrow('withSigningSecret() cannot extend oauth2.')
  })
})
