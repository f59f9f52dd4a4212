import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import { defineConnector, get, oauth2, tool } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { APP, ASK, ENDPOINTS, TOKENS } from './scripted-server.ts'

const { redirectUri } = ASK

const connectorWith = (incrementalConsent: boolean | undefined) =>
  defineConnector({
    id: 'demo',
    name: 'Demo',
    baseUrl: 'https://api.example/',
    auth: oauth2({ ...ENDPOINTS, scopes: ['read'], incrementalConsent }),
    tools: {
      get_notes: tool({
        description: 'Get the notes.',
        effect: 'read',
        input: z.object({}),
        output: z.unknown(),
        request: () => get('notes'),
      }),
    },
  })

it.each([
  [undefined, 'read write'],
  [false, 'read write'],
  [true, 'write'],
])('asks for more scopes with incrementalConsent %j as "%s"', async (incrementalConsent, scope) => {
  const mcp = createMcpClient({
    connectors: { demo: connectorWith(incrementalConsent)(APP) },
    vault: vault({ redirectUri }),
    transport: scriptedTransport(() => ({ json: TOKENS })),
    clock: createFakeClock(),
  })
  const { demo } = mcp.as('ada')
  const urlFor = async (scopes?: readonly string[]) => {
    const result = await demo.connect(undefined, scopes && { scopes })
    return new URL(result.status === 'authorize' ? result.url : '')
  }
  const { searchParams } = await urlFor()
  expect(searchParams.get('scope')).toBe('read')
  await mcp.completeAuthorization(`${redirectUri}?code=code-1&state=${searchParams.get('state') ?? ''}`, 'ada')
  expect((await urlFor(['write'])).searchParams.get('scope')).toBe(scope)
  await mcp.close()
})
