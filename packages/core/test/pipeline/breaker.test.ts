import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

const note = { id: 'n1', text: 'hi' }

it('opens for the failing connection and no other, probes, and closes', async () => {
  let down = true
  const transport = scriptedTransport(({ headers }) =>
    down && headers['authorization'] === 'Bearer a' ? { status: 500 } : { json: { ...note, name: 'x' } },
  )
  const clock = createFakeClock()
  const mcp = createMcpClient({
    connectors: { notes: demo() },
    vault: vault(),
    transport,
    clock,
    retry: { attempts: 1 },
    breaker: { minimumCalls: 4, openMs: 1000 },
  })
  const seen: string[] = []
  for (const event of ['breaker.opened', 'breaker.half_opened', 'breaker.closed'] as const) {
    mcp.on(event, ({ tenant, connection }) => seen.push(`${event} ${tenant}/${connection}`))
  }
  down = false
  await mcp.as('ada').notes.connect({ token: 'a' })
  await mcp.as('bob').notes.connect({ token: 'b' })
  down = true
  const ada = () => mcp.as('ada').notes.call('get_note', { id: 'x' })
  for (let i = 0; i < 4; i++) await ada().catch(() => undefined)

  const before = transport.requests.length
  await expect(ada()).rejects.toMatchObject({ code: 'CIRCUIT_OPEN', details: { outcome: 'not_processed' } })
  expect(transport.requests).toHaveLength(before)
  expect(await mcp.as('bob').notes.call('get_note', { id: 'x' })).toEqual(note)
  expect(await mcp.as('ada').notes.health()).toMatchObject({ status: 'unhealthy', breaker: 'open' })

  down = false
  await clock.advance(1001)
  const [first, second] = await Promise.allSettled([ada(), ada()])
  expect([first.status, second.status]).toEqual(['fulfilled', 'rejected'])
  expect(await ada()).toEqual(note)
  expect(seen).toEqual(['breaker.opened ada/default', 'breaker.half_opened ada/default', 'breaker.closed ada/default'])
})
