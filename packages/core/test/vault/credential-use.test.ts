import { createFakeClock, errorOf, scriptedTransport, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { apiKey, get } from '@mcpclient/core/define'
import { app, callbackOf, madeUpProvider, redirectUri } from '../vault/made-up-provider.ts'
import { anyConnector } from '../pipeline/any-connector.ts'

const keys = { old: { apiKey: 'key-one' }, new: { apiKey: 'key-two' }, spare: { apiKey: 'key-three' } }

/** Composes a client of a provider that names the refused key, on a store whose writes can hang. */
function keyProvider() {
  const clock = createFakeClock()
  const inner = memoryStore({ clock })
  const stuck = { puts: false }
  const store: Store = {
    ...inner,
    put: (...given) => (stuck.puts ? new Promise(() => undefined) : inner.put(...given)),
  }
  const valid = new Set(Object.values(keys).map(({ apiKey: key }) => key))
  const transport = scriptedTransport(({ headers }) => {
    const key = headers['x-key'] ?? ''
    if (valid.has(key)) return { json: {} }
    const name = Object.entries(keys).find(([, { apiKey: known }]) => known === key)?.[0]
    return { status: 401, json: { message: `The ${name} key was revoked.` } }
  })
  const mcp = createMcpClient({
    connectors: { any: anyConnector(apiKey({ header: 'x-key' }))() },
    vault: vault({ store }),
    retry: { attempts: 1 },
    transport,
    clock,
  })
  const { any } = mcp.as('ada')
  const call = (timeoutMs?: number) => any.call('read', { request: get('x') }, { timeoutMs })
  return { any, call, clock, stuck, revoke: (name: keyof typeof keys) => valid.delete(keys[name].apiKey) }
}

describe('a call whose credentials are all refused', () => {
  it('rejects with the refusal of the current one', async () => {
    const { any, call, revoke } = keyProvider()
    await any.connect(keys.old)
    await any.setBackup(keys.spare)
    await any.rotate(keys.new)
    for (const name of ['old', 'new', 'spare'] as const) revoke(name)
    expect((await errorOf(call())).details.providerMessage).toBe('The old key was revoked.')
  })

  it('rejects with the refusal of the current one although the backup was tried first', async () => {
    const { any, call, revoke } = keyProvider()
    await any.connect(keys.old)
    await any.setBackup(keys.spare)
    revoke('old')
    await call()
    revoke('spare')
    expect((await errorOf(call())).details.providerMessage).toBe('The old key was revoked.')
  })
})

describe('a call whose result a hanging store cannot record', () => {
  const inUse = async () => {
    const provider = keyProvider()
    await provider.any.connect(keys.old)
    await provider.any.setBackup(keys.spare)
    provider.revoke('old')
    provider.stuck.puts = true
    return provider
  }

  it('resolves after a second', async () => {
    const { call, clock } = await inUse()
    await clock.until(call())
    expect(clock.monotonic()).toBe(1000)
  })

  it('resolves in half of its remaining time, if that is less', async () => {
    const { call, clock } = await inUse()
    await clock.until(call(600))
    expect(clock.monotonic()).toBe(300)
  })
})

it('stores that a fresh token was refused before the call rejects', async () => {
  const order: string[] = []
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const slow = slowStore(memoryStore({ clock }), { turns: 500 })
  const store: Store = {
    ...slow,
    put: async (...given) => {
      const result = await slow.put(...given)
      order.push('stored')
      return result
    },
  }
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({ store, redirectUri }),
    transport: provider.transport(),
    clock,
  })
  const { notes } = mcp.as('ada')
  const begun = await notes.connect(undefined, { scopes: ['notes.read', 'notes.share'] })
  await mcp.completeAuthorization(callbackOf(begun.status === 'authorize' ? begun.url : ''), 'ada')
  await clock.advance(60_000)
  provider.forbid('share')
  order.length = 0
  const error = await clock.until(errorOf(notes.call('share_note', {}).finally(() => order.push('rejected'))))
  expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'refused_after_refresh' } })
  expect(order).toEqual(['stored', 'stored', 'stored', 'rejected'])
})
