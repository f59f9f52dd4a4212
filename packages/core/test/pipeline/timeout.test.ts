import { getEventListeners } from 'node:events'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import type { Transport } from '@mcpclient/core'
import { get } from '@mcpclient/core/define'
import { openConnector } from './any-connector.ts'

function start(...answers: Parameters<typeof scriptedTransport>) {
  const clock = createFakeClock()
  const transport = scriptedTransport(...answers)
  const mcp = createMcpClient({ connectors: { any: openConnector() }, transport, clock, retry: { attempts: 1 } })
  return { clock, any: mcp.as('ada').any }
}

const request = get('x')

it('removes its listener from the signal of the caller when the request succeeds', async () => {
  const { signal } = new AbortController()
  const { any, clock } = start(() => {
    expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0)
    return { json: {} }
  })
  await any.call('read', { request }, { signal })
  expect(clock.pending).toBe(0)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('removes its listener from the signal of the caller when the request fails', async () => {
  const { signal } = new AbortController()
  const { any, clock } = start([{ status: 400 }])
  await errorOf(any.call('read', { request }, { signal }))
  expect(clock.pending).toBe(0)
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('removes its listener from the signal of the caller when the request times out', async () => {
  const { signal } = new AbortController()
  const { any, clock } = start(() => new Promise(() => undefined))
  const error = await clock.until(errorOf(any.call('read', { request }, { signal })))
  expect(error.code).toBe('TIMEOUT')
  expect(getEventListeners(signal, 'abort')).toEqual([])
})

it('does not abort a finished request when the client closes', async () => {
  const signals: (AbortSignal | undefined)[] = []
  const transport: Transport = {
    send: ({ signal }) => {
      signals.push(signal)
      return Promise.resolve({
        status: 204,
        headers: { get: () => null },
        text: () => Promise.resolve(''),
        bytes: () => Promise.resolve(new Uint8Array()),
        stream: () => null,
      })
    },
  }
  const mcp = createMcpClient({ connectors: { any: openConnector() }, transport })
  await mcp.as('ada').any.call('read', { request })
  await mcp.close()
  expect(signals.map((signal) => signal?.aborted)).toEqual([false])
})
