import { describe, expect, it } from 'vitest'
import { createMcpClient, memoryStore } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, slowStore } from '@mcpclient/testing'
import { keyService } from './key-service.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const DAY = 24 * 3_600_000

const setUp = (options: Parameters<typeof madeUpProvider>[0] = {}) => {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const compose = () =>
    createMcpClient({
      connectors: { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) },
      vault: vault({ store, redirectUri }),
      transport: provider.transport(),
      clock,
    })
  const mcp = compose()
  const connect = async (tenant: string) => {
    const started = await mcp.as(tenant).notes.connect()
    await mcp.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), tenant)
  }
  return { ...provider, clock, store, mcp, compose, connect }
}

describe('vault.list', () => {
  it('lists all connections of a tenant, and no others', async () => {
    const { mcp, ada, issue } = keyService()
    await ada.plain.connect(issue('plain'))
    await ada.keys.connect(issue('first'))
    await ada.keys.at('work').connect(issue('second'))
    await mcp.as('ad').keys.connect(issue('third'))
    const list = await mcp.vault.list({ tenant: 'ada' })
    expect(list).toMatchObject([
      { serverId: 'keys', tenant: 'ada', connection: 'default', state: 'active', account: { id: 'acct-1' } },
      { serverId: 'keys', tenant: 'ada', connection: 'work' },
      { serverId: 'plain', tenant: 'ada', connection: 'default' },
    ])
    expect(list[0]).toEqual(await ada.keys.status())
    expect(await mcp.vault.list({ tenant: 'eve' })).toEqual([])
    expect(await mcp.vault.list({ everything: true })).toEqual(expect.arrayContaining([...list]))
    expect(await mcp.vault.list({ everything: true })).toHaveLength(4)
  })

  it('lists a shared grant once for each connector that uses it', async () => {
    const { mcp, connect } = setUp({ family: 'made-up' })
    await connect('ada')
    expect((await mcp.vault.list({ tenant: 'ada' })).map(({ serverId }) => serverId)).toEqual(['notes', 'tasks'])
    await mcp.as('ada').notes.disconnect()
    expect((await mcp.vault.list({ tenant: 'ada' })).map(({ serverId }) => serverId)).toEqual(['tasks'])
  })

  it('leaves out what the principal may not read', async () => {
    const { mcp, ada, issue } = keyService({
      access: ({ operation, principal, serverId }) =>
        operation !== 'read' || principal.agent === undefined || serverId !== 'keys',
    })
    await ada.keys.connect(issue('first'))
    await ada.plain.connect(issue('second'))
    expect(await mcp.vault.list({ tenant: 'ada' })).toHaveLength(2)
    expect(await mcp.vault.list({ tenant: 'ada', agent: 'a' })).toMatchObject([{ serverId: 'plain' }])
  })
})

describe('vault.maintain', () => {
  it('refreshes a grant that was unused for thirty days, and no others', async () => {
    const { mcp, connect, clock, seen } = setUp()
    await connect('ada')
    await clock.advance(29 * DAY)
    await connect('bob')
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({
      looked: 2,
      renewed: 0,
      failures: [],
    })
    await clock.advance(DAY)
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({
      looked: 2,
      renewed: 1,
      failures: [],
      finished: true,
    })
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({ renewed: 0 })
    expect(seen.refreshes).toBe(1)
  })

  it('refreshes a token in use that expires within the given time', async () => {
    const { mcp, connect, clock, seen } = setUp()
    await connect('ada')
    await clock.advance(30 * 60_000)
    const pass = () => clock.until(mcp.vault.maintain({ everything: true, withinMs: 20 * 60_000 }))
    expect(await pass()).toMatchObject({ renewed: 0 })
    await clock.advance(15 * 60_000)
    expect(await pass()).toMatchObject({ renewed: 1 })
    expect(seen.refreshes).toBe(1)
    expect(await mcp.as('ada').notes.call('read_note', {})).toEqual({ text: 'seen with access-2' })
  })

  it.each([
    [1, 1],
    [0, 0],
  ])('renews a token that expires in %d ms %d times', async (leftMs, renewed) => {
    const { mcp, connect, clock } = setUp()
    await connect('ada')
    await clock.advance(3_600_000 - leftMs)
    expect(await clock.until(mcp.vault.maintain({ everything: true, withinMs: 60_000 }))).toMatchObject({ renewed })
  })

  it.each([
    [8, 6 * DAY - 1, 0],
    [8, 6 * DAY, 1],
    [1, DAY - 1, 0],
    [1, DAY, 1],
  ])('renews a refresh token that lives %d days after %d ms %d times', async (days, ageMs, renewed) => {
    const { mcp, connect, clock, protocol } = setUp()
    const { redeem } = protocol
    protocol.redeem = async (...given) => {
      const grant = await redeem?.(...given)
      if (grant === undefined) throw new TypeError('The provider has no redirect flow.')
      return { ...grant, refreshExpiresAt: clock.now() + days * DAY }
    }
    await connect('ada')
    await clock.advance(ageMs)
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({ renewed, failures: [] })
  })

  it('refreshes once if it runs twice at once, in two processes', async () => {
    const { mcp, compose, connect, clock, seen } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    await clock.advance(30 * DAY)
    const reports = await clock.until(
      Promise.all([mcp.vault.maintain({ everything: true }), compose().vault.maintain({ everything: true })]),
    )
    expect(reports.map(({ failures }) => failures)).toEqual([[], []])
    expect(seen.refreshes).toBe(3)
  })

  it('reports a grant that was revoked, and processes the others', async () => {
    const { mcp, connect, clock, endEverything, seen } = setUp()
    await connect('ada')
    await clock.advance(DAY)
    endEverything()
    await connect('bob')
    await clock.advance(30 * DAY)
    const report = await clock.until(mcp.vault.maintain({ everything: true }))
    expect(report).toMatchObject({
      looked: 2,
      renewed: 1,
      failures: [{ serverId: 'notes', tenant: 'ada', connection: 'default' }],
    })
    expect(await mcp.as('ada').notes.status()).toMatchObject({ state: 'needs_reauth' })
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({ failures: [] })
    expect(seen.refreshes).toBe(2)
  })

  it('processes the other connections if a record cannot be read', async () => {
    const { mcp, connect, clock, store } = setUp()
    await connect('ada')
    await store.put('connection/notes/aaa/default', 'not a record')
    await clock.advance(30 * DAY)
    expect(await clock.until(mcp.vault.maintain({ everything: true }))).toMatchObject({
      looked: 2,
      renewed: 1,
      failures: [{ tenant: 'aaa', error: { code: 'CONFIGURATION_ERROR' } }],
    })
  })

  it('deletes an account if no site is chosen within a day, and revokes its grant', async () => {
    const { mcp, ada, clock, seen, store } = choosing()
    const started = await ada.notes.connect()
    await mcp.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), 'ada')
    expect(await ada.notes.status()).toMatchObject({ state: 'pending' })
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 0 })
    await clock.advance(DAY)
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 1, failures: [] })
    expect(seen.revoked).toEqual(['access-1'])
    expect((await store.list('connection/')).entries).toEqual([])
  })

  it('keeps an account if a site is chosen during the run', async () => {
    const { mcp, ada, clock, store, seen } = choosing()
    const started = await ada.notes.connect()
    await mcp.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), 'ada')
    await clock.advance(DAY)
    const { delete: remove } = store
    let chosen: unknown
    store.delete = async (key, options) => {
      chosen ??= (await ada.notes.choose('site-1')).status
      return remove(key, options)
    }
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 0, failures: [] })
    expect(chosen).toBe('connected')
    expect(await ada.notes.status()).toMatchObject({ state: 'active' })
    expect(seen.revoked).toEqual([])
  })

  it('stops when its signal is aborted', async () => {
    const { mcp, connect, clock, seen } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    await clock.advance(30 * DAY)
    const stop = new AbortController()
    mcp.on('connection.renewed', () => stop.abort())
    const report = await clock.until(mcp.vault.maintain({ everything: true, signal: stop.signal, concurrency: 1 }))
    expect(report).toMatchObject({ renewed: 1, finished: false })
    expect(seen.refreshes).toBe(1)
  })
})

/** Composes a provider whose accounts have several sites. */
const choosing = () => {
  const all = setUp()
  const { redeem } = all.protocol
  all.protocol.redeem = async (...args) => {
    if (redeem === undefined) throw new TypeError('nothing to redeem with')
    const choices = [{ id: 'site-1', name: 'One', settings: {} }]
    return { ...(await redeem(...args)), choices }
  }
  return { ...all, ada: all.mcp.as('ada') }
}
