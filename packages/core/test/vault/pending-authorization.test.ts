import { createFakeClock, errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const HOUR = 3_600_000

async function begun() {
  const provider = madeUpProvider()
  const clock = createFakeClock()
  const store = memoryStore({ clock })
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    vault: vault({ store: store, redirectUri }),
    transport: provider.transport(),
    clock,
  })
  const started = await mcp.as('ada').notes.connect()
  const callback = callbackOf(started.status === 'authorize' ? started.url : '')
  const complete = () => mcp.completeAuthorization(callback, 'ada')
  const entries = async () => (await store.list('authorization/')).entries.length
  return { clock, complete, entries }
}

const reasonOf = async (work: Promise<unknown>) => (await errorOf(work)).details.reason

describe('a pending authorization', () => {
  it('expires after ten minutes, and is deleted after an hour', async () => {
    const { clock, complete, entries } = await begun()
    await clock.advance(HOUR / 6)
    expect(await reasonOf(complete())).toBe('state_expired')
    await clock.advance((HOUR * 5) / 6 - 1)
    expect([await entries(), await reasonOf(complete())]).toEqual([1, 'state_expired'])
    await clock.advance(1)
    expect([await entries(), await reasonOf(complete())]).toEqual([0, 'state_unknown'])
  })

  it('can be completed until ten minutes have passed', async () => {
    const { clock, complete } = await begun()
    await clock.advance(HOUR / 6 - 1)
    expect(await complete()).toMatchObject({ status: 'connected' })
  })

  it('is remembered as used for an hour', async () => {
    const { clock, complete, entries } = await begun()
    await complete()
    await clock.advance(HOUR - 1)
    expect([await entries(), await reasonOf(complete())]).toEqual([1, 'state_replayed'])
    await clock.advance(1)
    expect([await entries(), await reasonOf(complete())]).toEqual([0, 'state_unknown'])
  })
})
