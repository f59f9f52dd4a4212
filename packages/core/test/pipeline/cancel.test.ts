import { scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { McpClientOptions, Permissions, Store } from '@mcpclient/core'
import { demo } from '../demo-connector.ts'

const never = () => new Promise<never>(() => undefined)
type Options = Pick<McpClientOptions<object & Record<string, never>>, 'credentials' | 'permissions'>

const states: readonly [string, Options, boolean][] = [
  ['the policy is asked for', { permissions: { policy: never } satisfies Permissions }, true],
  ['an approval is waited for', { permissions: { approve: never } satisfies Permissions }, true],
  ['the credential is read', { credentials: { ...memoryStore(), get: never } satisfies Store }, false],
]

describe.each(states)('while %s', (_state, options, held) => {
  const start = (signal?: AbortSignal) => {
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { notes: demo(held ? { token: 't' } : {}) }, transport, ...options })
    return { mcp, transport, call: mcp.as('ada').notes.call('create_note', { text: 'x' }, { signal }) }
  }
  const cancelled = { code: 'CANCELLED', details: { outcome: 'not_processed' } }

  it('a call ends the moment its caller gives up, and nothing was sent', async () => {
    const controller = new AbortController()
    const { call, transport } = start(controller.signal)
    const settled = expect(call).rejects.toMatchObject(cancelled)
    await Promise.resolve()
    controller.abort()
    await settled
    expect(transport.requests).toEqual([])
  })

  it('a call ends when the client is closed', async () => {
    const { call, mcp } = start()
    const settled = expect(call).rejects.toMatchObject(cancelled)
    await Promise.resolve()
    await mcp.close()
    await settled
  })

  it('a call that was given up before it began does not begin', async () => {
    await expect(start(AbortSignal.abort()).call).rejects.toMatchObject(cancelled)
  })
})
