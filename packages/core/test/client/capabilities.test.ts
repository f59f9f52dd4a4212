import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { CallStage, Capability, ClientContext, RequestStage } from '@mcpclient/core'
import { post } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { demo } from '../demo-connector.ts'

const note = { id: 'n', text: 'x' }

/** Returns a capability that records when its stages run. */
function recorder(name: string, seen: string[]): Capability & { readonly context: () => ClientContext | undefined } {
  let context: ClientContext | undefined
  const call =
    (slot: string): CallStage =>
    (next) =>
    (subject) => {
      seen.push(`${name} ${slot}`)
      return next(subject)
    }
  const request: RequestStage = (next) => (attempt) => {
    seen.push(`${name} request trace ${attempt.signer === undefined ? 'unsigned' : 'signed'}`)
    return next(attempt)
  }
  return {
    name,
    callStages: {
      fallback: () => call('fallback'),
      trace: () => call('trace'),
      cache: () => call('cache'),
      audit: () => call('audit'),
      quota: () => call('quota'),
    },
    requestStages: { trace: () => request },
    bind(client) {
      context = client
      return async () => {
        seen.push(`${name} closed`)
      }
    },
    context: () => context,
  }
}

describe('a capability', () => {
  it('fills slots in the order of the pipeline, in whatever order they are listed', async () => {
    const seen: string[] = []
    const capabilities = [recorder('one', seen), recorder('two', seen)]
    const transport = scriptedTransport([{ json: note }])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport, capabilities })
    await mcp.as('ada').notes.call('get_note', { id: 'n' })
    const slots = ['trace', 'audit', 'quota', 'cache', 'fallback', 'request trace unsigned']
    expect(seen).toEqual(slots.flatMap((slot) => [`one ${slot}`, `two ${slot}`]))
  })

  it('runs after the permissions, but traces a call that they reject', async () => {
    const seen: string[] = []
    const permissions = { policy: { deny: ['*'] } }
    const mcp = createMcpClient({
      connectors: { notes: demo({ token: 't' }) },
      transport: scriptedTransport([]),
      capabilities: [recorder('one', seen)],
      permissions,
    })
    await expect(mcp.as('ada').notes.call('get_note', { id: 'n' })).rejects.toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(seen).toEqual(['one trace', 'one audit'])
  })

  it('may return the result of a call instead of the provider', async () => {
    const cache: Capability = { name: 'cache', callStages: { cache: () => () => async () => note }, bind() {} }
    const transport = scriptedTransport([])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, transport, capabilities: [cache] })
    expect(await mcp.as('ada').notes.call('get_note', { id: 'n' })).toEqual(note)
    expect(transport.requests).toEqual([])
  })

  it('receives the client that composes it', async () => {
    const clock = createFakeClock()
    const state = memoryStore({ clock })
    const transport = scriptedTransport([{ json: note }])
    const one = recorder('one', [])
    const connectors = { notes: demo({ token: 't' }) }
    createMcpClient({ connectors, transport, clock, state, capabilities: [one] })
    const context = one.context()
    expect([...(context?.connectors.keys() ?? [])]).toEqual(['notes'])
    expect(context).toMatchObject({ clock, state, transport })
    const finished: string[] = []
    context?.on('call.finished', ({ toolName }) => finished.push(toolName))
    const principal = context?.identify('ada') ?? { tenant: '' }
    expect(await context?.client('notes', principal).invoke('get_note', { id: 'n' })).toEqual(note)
    expect(finished).toEqual(['get_note'])
    expect(await errorOf(() => context?.identify(undefined))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('sends requests as a call of the pipeline, under the name of the operation', async () => {
    const transport = scriptedTransport([{ json: { made: true } }])
    const one = recorder('one', [])
    const connectors = { notes: demo({ token: 't' }) }
    const permissions = { policy: { deny: ['notes.webhook_stop'] } }
    const mcp = createMcpClient({ connectors, transport, permissions, capabilities: [one] })
    const finished: unknown[] = []
    mcp.on('call.finished', ({ toolName, tenant, agent, connection, status }) =>
      finished.push([toolName, tenant, agent, connection, status]),
    )
    const principal = { tenant: 'ada', agent: 'webhooks' }
    const operation = { name: 'webhook_subscribe', effect: 'write', idempotent: true } as const
    const context = one.context()
    const request = () => post('hooks', { url: 'https://app.example' })
    expect(await context?.send('notes', principal, 'default', { ...operation, request })).toEqual({ made: true })
    const stop = { ...operation, name: 'webhook_stop', request }
    expect(await errorOf(() => context?.send('notes', principal, 'default', stop))).toMatchObject({
      code: 'PERMISSION_DENIED',
    })
    expect(finished).toEqual([
      ['webhook_subscribe', 'ada', 'webhooks', 'app', 'success'],
      ['webhook_stop', 'ada', 'webhooks', 'app', 'error'],
    ])
    expect(transport.requests).toHaveLength(1)
  })

  it('emits events of the runtime and of connectors', () => {
    const one = recorder('one', [])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 't' }) }, capabilities: [one] })
    const seen: unknown[] = []
    mcp.on('delivery.parked', (data) => seen.push(data))
    const on = mcp.on as (event: string, listener: (data: unknown) => void) => void
    on('notes.note_made', (data) => seen.push(data))
    const parked = { serverId: 'notes', id: '1', code: 'API_INTERNAL_ERROR' } as const
    one.context()?.emit('delivery.parked', parked)
    one.context()?.emitOf({ serverId: 'notes', tenant: 'ada', connection: 'work' }, 'note_made', { id: 'n' })
    expect(seen).toEqual([parked, { serverId: 'notes', tenant: 'ada', connection: 'work', data: { id: 'n' } }])
  })

  it('runs before a disconnect, which waits for it ten seconds and survives its failure', async () => {
    const clock = createFakeClock()
    const seen: unknown[] = []
    const prepares = (name: string, beforeDisconnect: NonNullable<Capability['beforeDisconnect']>): Capability => ({
      name,
      beforeDisconnect,
      bind() {},
    })
    const capabilities = [
      prepares('one', async ({ serverId, name }, { tenant }) => void seen.push([serverId, name, tenant])),
      prepares('fails', () => Promise.reject(new Error('unreachable'))),
      prepares('hangs', () => new Promise(() => undefined)),
    ]
    const transport = scriptedTransport([{ json: { id: 'me', name: 'Ada' } }])
    const accounts = vault({ store: memoryStore({ clock }) })
    const mcp = createMcpClient({ connectors: { notes: demo() }, clock, transport, capabilities, vault: accounts })
    const client = mcp.as('ada').notes.at('work')
    await client.connect({ token: 't' })
    expect(await clock.until(client.disconnect())).toBe(true)
    expect(seen).toEqual([['notes', 'work', 'ada']])
    expect(await client.isConnected()).toBe(false)
  })

  it('is closed with the client, which waits for it', async () => {
    const seen: string[] = []
    const mcp = createMcpClient({ connectors: {}, capabilities: [recorder('one', seen), recorder('two', seen)] })
    await mcp.close()
    expect(seen).toEqual(['one closed', 'two closed'])
  })

  it('cannot delay a call longer than its timeout', async () => {
    const clock = createFakeClock()
    const stuck: Capability = {
      name: 'stuck',
      callStages: { quota: () => () => () => new Promise(() => undefined) },
      bind() {},
    }
    const connectors = { notes: demo({ token: 't' }) }
    const mcp = createMcpClient({ connectors, transport: scriptedTransport([]), clock, capabilities: [stuck] })
    const call = mcp.as('ada').notes.call('get_note', { id: 'n' }, { timeoutMs: 1000 })
    await expect(clock.until(call)).rejects.toSatisfy((error) => ConnectorError.is(error) && error.code === 'TIMEOUT')
  })
})
