import { Client } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client'
import { describe, expect, it } from 'vitest'
import { ConnectorError, silentLogger } from '@mcpclient/core'
import { WatchedTransport } from '../../src/protocol/watched-transport.ts'
import { expectSoon } from '../support/expect-soon.ts'

/** Returns a pipe to a server that sends all `responses` at once for a tool call. */
function pipe(responses: (id: unknown) => readonly object[]): Transport {
  const transport: Transport = {
    start: () => Promise.resolve(),
    close: () => Promise.resolve(),
    send(message) {
      if (!('method' in message) || !('id' in message)) return Promise.resolve()
      const hello = {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'x', version: '1' },
      }
      const replies = message.method === 'initialize' ? [{ id: message.id, result: hello }] : responses(message.id)
      for (const reply of replies) transport.onmessage?.({ jsonrpc: '2.0', ...reply } as JSONRPCMessage)
      return Promise.resolve()
    },
  }
  return transport
}

async function connect(responses: (id: unknown) => readonly object[]) {
  const brokenOff = () => new ConnectorError('MCP_CONNECTION_ERROR', 'Broken off.')
  const watched = new WatchedTransport({ transport: pipe(responses), kind: 'stdio', logger: silentLogger, brokenOff })
  const client = new Client({ name: 'test', version: '1' })
  await client.connect(watched)
  return { client, watched }
}

const step = (progressToken: unknown, progress: number) => ({
  method: 'notifications/progress',
  params: { progressToken, progress },
})
const done = { content: [{ type: 'text', text: 'done' }] }

describe('WatchedTransport', () => {
  it('delivers progress that arrives together with the response, which the SDK alone drops', async () => {
    const { client } = await connect((id) => [step(id, 1), step(id, 2), { id, result: done }])
    const steps: number[] = []
    await client.callTool({ name: 'x' }, { onprogress: ({ progress }) => steps.push(progress) })
    expect(steps).toEqual([1, 2])
    await client.close()
  })

  it('accepts an id that comes back as a string', async () => {
    const { client, watched } = await connect((id) => [{ id: String(id), result: done }])
    await expect(client.callTool({ name: 'x' })).resolves.toMatchObject(done)
    // The request has settled, so there is nothing to refuse.
    watched.refuse(1, new ConnectorError('TIMEOUT', 'Too late.'))
    await client.close()
  })

  it('rejects a refused request with the given error', async () => {
    let asked: unknown
    const { client, watched } = await connect((id) => {
      asked = id
      return []
    })
    const reason = new ConnectorError('DATA_TRANSFORMATION_ERROR', 'Too long.')
    const call = client.callTool({ name: 'x' })
    const refused = expect(call).rejects.toMatchObject({ data: { error: reason } })
    await expectSoon(() => asked).toBe(1)
    watched.refuse(undefined, reason)
    watched.refuse(99, reason)
    watched.refuse(1, reason)
    await refused
    await client.close()
  })
})
