import { scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }
const macrotask = () => new Promise<void>((resolve) => setTimeout(resolve, 0))

/** Returns a client whose responses arrive on `respond()`, and the number of requests sent. */
function stalledClient() {
  const { promise, resolve } = Promise.withResolvers<void>()
  let sent = 0
  const transport = scriptedTransport(async () => {
    sent += 1
    await promise
    return { json: note }
  })
  const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport })
  return { notes: mcp.as('ada').notes, respond: resolve, sent: () => sent }
}

it('starts a burst of calls a hundred per turn of the event loop, and then ends them all', async () => {
  const { notes, respond, sent } = stalledClient()
  const calls = Array.from({ length: 1000 }, () => notes.call('get_note', { id: 'n1' }))
  const started: number[] = []
  while (sent() < 1000) {
    const before = sent()
    await macrotask()
    started.push(sent() - before)
  }
  expect(Math.max(...started)).toBeLessThanOrEqual(200)
  respond()
  expect(await Promise.all(calls)).toHaveLength(1000)
})

it('delays no call if the calls before it have ended', async () => {
  const mcp = createMcpClient({
    connectors: { notes: demo({ token: 't' }) },
    transport: scriptedTransport(() => ({ json: note })),
  })
  let turned = false
  setTimeout(() => {
    turned = true
  }, 0)
  for (let call = 0; call < 500; call += 1) await mcp.as('ada').notes.call('get_note', { id: 'n1' })
  expect(turned).toBe(false)
})

it('rejects a call that is cancelled while it waits for its turn, without sending it', async () => {
  const { notes, respond, sent } = stalledClient()
  const controller = new AbortController()
  const calls = Array.from({ length: 150 }, () => notes.call('get_note', { id: 'n1' }, { signal: controller.signal }))
  controller.abort()
  respond()
  const results = await Promise.allSettled(calls)
  expect(results.every(({ status }) => status === 'rejected')).toBe(true)
  expect(sent()).toBeLessThanOrEqual(100)
})
