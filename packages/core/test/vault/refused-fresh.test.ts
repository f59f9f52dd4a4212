import { createFakeClock, errorOf, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const HOUR = 3_600_000
const CALLS = 20

async function setUp() {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const compose = () =>
    createMcpClient({
      connectors: { notes: provider.connector('notes')(app) },
      vault: vault({ store, redirectUri }),
      transport: provider.transport(),
      clock,
    })
  const mcp = compose()
  const begun = await mcp.as('ada').notes.connect(undefined, { scopes: ['notes.read', 'notes.share'] })
  if (begun.status !== 'authorize') throw new Error(begun.status)
  await mcp.completeAuthorization(callbackOf(begun.url), 'ada')
  await clock.advance(60_000)
  provider.forbid('share')
  return { ...provider, clock, compose, ada: mcp.as('ada').notes }
}

describe('a tool that the provider refuses with 401 because the account may not use it', () => {
  it.for([0, 1000, 11_000, 60_000, 150_000])('refreshes the token once in 20 calls, %d ms apart', async (apartMs) => {
    const { ada, clock, seen } = await setUp()
    for (let call = 0; call < CALLS; call++) {
      const error = await errorOf(clock.until(ada.call('share_note', {})))
      expect(error).toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE', details: { reason: 'refused_after_refresh' } })
      expect(error.advice).toContain('may do')
      await clock.advance(apartMs)
    }
    expect(seen.refreshes).toBe(1)
  })

  it('refreshes the token once for 20 calls at the same time', async () => {
    const { ada, clock, seen } = await setUp()
    const calls = Array.from({ length: CALLS }, () => errorOf(ada.call('share_note', {})))
    expect(new Set((await clock.until(Promise.all(calls))).map(({ code }) => code))).toEqual(
      new Set(['MCP_AUTHENTICATION_FAILURE']),
    )
    expect(seen.refreshes).toBe(1)
  })

  it('refreshes the token once in all processes', async () => {
    const { ada, compose, clock, seen } = await setUp()
    for (const view of [ada, compose().as('ada').notes, compose().as('ada').notes, ada]) {
      await errorOf(clock.until(view.call('share_note', {})))
      await clock.advance(60_000)
    }
    expect(seen.refreshes).toBe(1)
  })

  it('leaves the connection active, and the other tools usable', async () => {
    const { ada, clock, seen } = await setUp()
    for (let call = 0; call < CALLS; call++) {
      await errorOf(clock.until(ada.call('share_note', {})))
      expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
      expect(await ada.status()).toMatchObject({ state: 'active' })
      await clock.advance(60_000)
    }
    expect(seen.refreshes).toBe(1)
  })

  it('does not prevent a refresh when the token expires', async () => {
    const { ada, clock, seen } = await setUp()
    await errorOf(clock.until(ada.call('share_note', {})))
    await clock.advance(HOUR)
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: 'seen with access-3' })
    expect(seen.refreshes).toBe(2)
  })
})

it('refreshes a token each time the provider has really revoked it', async () => {
  const { ada, clock, seen, refuse } = await setUp()
  for (let token = 1; token <= 3; token++) {
    refuse(`access-${token}`)
    expect(await clock.until(ada.call('read_note', {}))).toEqual({ text: `seen with access-${token + 1}` })
    await clock.advance(60_000)
  }
  expect(seen.refreshes).toBe(3)
})
