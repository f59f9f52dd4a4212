import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { OperationOptions } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

const never = () => new Promise<never>(() => undefined)

function setUp(store: 'hangs' | 'answers' = 'hangs') {
  const clock = createFakeClock()
  const credentials = { ...memoryStore({ clock }), ...(store === 'hangs' && { get: never, list: never, put: never }) }
  const transport = scriptedTransport(never)
  const connectors = { notes: demo() }
  const mcp = createMcpClient({
    connectors,
    clock,
    transport,
    vault: vault({ store: credentials }),
    timeouts: { callMs: 9000 },
  })
  return { clock, mcp, notes: mcp.as('ada').notes }
}

type Notes = ReturnType<typeof setUp>['notes']
const credential = { token: 'a-token' }

const operations: readonly (readonly [string, (notes: Notes, options?: OperationOptions) => Promise<unknown>])[] = [
  ['connect', (notes, options) => notes.connect(credential, options)],
  ['choose', (notes, options) => notes.choose('site', options)],
  ['disconnect', (notes, options) => notes.disconnect(options)],
  ['rotate', (notes, options) => notes.rotate(credential, options)],
  ['setBackup', (notes, options) => notes.setBackup(credential, options)],
  ['removeBackup', (notes, options) => notes.removeBackup(options)],
  ['status', (notes, options) => notes.status(options)],
  ['isConnected', (notes, options) => notes.isConnected(options)],
]

describe.each(operations)('%s on a store that never responds', (_name, operate) => {
  it('ends at its timeout', async () => {
    const { clock, notes } = setUp()
    await expect(clock.until(operate(notes, { timeoutMs: 2000 }))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBe(2000)
    // The underlying work ends with the timeout of the store.
    await clock.advance(60_000)
    expect(clock.pending).toBe(0)
  })

  it('ends at the timeout of a call by default', async () => {
    const { clock, notes } = setUp()
    await expect(clock.until(operate(notes))).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(clock.monotonic()).toBe(9000)
  })

  it.each(['text', null, new Error('gave up')])(
    'is CANCELLED by its caller, whatever the reason: %s',
    async (reason) => {
      const { notes } = setUp()
      const controller = new AbortController()
      const failure = errorOf(operate(notes, { signal: controller.signal }))
      controller.abort(reason)
      expect(await failure).toMatchObject({ code: 'CANCELLED' })
      expect(await errorOf(operate(notes, { signal: AbortSignal.abort(reason) }))).toMatchObject({ code: 'CANCELLED' })
    },
  )

  it('ends when the client is closed', async () => {
    const { mcp, notes } = setUp()
    const failure = errorOf(operate(notes))
    await mcp.close()
    expect(await failure).toMatchObject({ code: 'CANCELLED' })
  })

  it.each([Number.NaN, Infinity, -1, '5'])('rejects timeoutMs: %s', async (timeoutMs) => {
    const { notes } = setUp('answers')
    const failure = await errorOf(operate(notes, { timeoutMs: timeoutMs as number }))
    expect(failure).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'timeoutMs' }] } })
  })
})

describe('health on a store or provider that never responds', () => {
  it.each(['hangs', 'answers'] as const)('is unhealthy after its timeout: the store %s', async (store) => {
    const { clock, mcp, notes } = setUp(store)
    if (store === 'answers') {
      const connecting = errorOf(clock.until(notes.connect(credential)))
      await connecting
    }
    const health = await clock.until(notes.health({ timeoutMs: 2000 }))
    expect(health).toMatchObject(
      store === 'hangs' ? { status: 'unhealthy', latencyMs: 2000 } : { status: 'not_connected' },
    )
    await mcp.close()
  })
})
