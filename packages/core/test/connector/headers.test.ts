import * as z from 'zod'
import { createMcpClient } from '@mcpclient/core'
import { apiKey, defineConnector, get, tool } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'

const list = tool({
  description: 'List the herons.',
  effect: 'read',
  input: z.object({}),
  output: z.object({}),
  request: () => get('herons', undefined, { headers: { 'x-page': '1' } }),
})

const herons = defineConnector({
  id: 'herons',
  name: 'Herons',
  baseUrl: 'https://herons.example/',
  auth: apiKey({ header: 'x-api-key' }),
  settings: z.object({ project: z.string().optional() }),
  headers: ({ settings }) => ({ 'Herons-Version': '2', 'Herons-Project': settings.project }),
  check: { request: get('me') },
  tools: { list },
})

function setUp(options: Parameters<typeof herons>[0]) {
  const transport = scriptedTransport([{ json: {} }, { json: {} }])
  const mcp = createMcpClient({ connectors: { herons: herons(options) }, transport, vault: vault() })
  return { transport, herons: mcp.as('ada').herons }
}

it('sends headers that depend on the settings', async () => {
  const { herons: client, transport } = setUp({ apiKey: 'k', project: 'reed' })
  await client.call('list', {})
  expect(transport.requests[0]?.headers).toMatchObject({
    'herons-version': '2',
    'herons-project': 'reed',
    'x-page': '1',
    'x-api-key': 'k',
  })
})

it('omits a header that is undefined', async () => {
  const { herons: client, transport } = setUp({ apiKey: 'k' })
  await client.call('list', {})
  expect(transport.requests[0]?.headers).toHaveProperty('herons-version', '2')
  expect(transport.requests[0]?.headers).not.toHaveProperty('herons-project')
})

it('uses the settings of a connection, for the request that verifies its credential as well', async () => {
  const { herons: client, transport } = setUp({ project: 'reed' })
  await client.connect({ apiKey: 'k' }, { settings: { project: 'marsh' } })
  await client.call('list', {})
  expect(transport.requests.map(({ path, headers }) => [path, headers['herons-project']])).toEqual([
    ['/me', 'marsh'],
    ['/herons', 'marsh'],
  ])
})

it('rejects a value that a header cannot contain before anything is sent', async () => {
  const { herons: client, transport } = setUp({ apiKey: 'k', project: 'reed\r\nx-evil: 1' })
  const error = await errorOf(client.call('list', {}))
  expect(error.details.outcome).not.toBe('unknown')
  expect(transport.requests).toEqual([])
})
