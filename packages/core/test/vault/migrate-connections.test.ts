import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import { createFakeClock, slowStore } from '@mcpclient/testing'
import { keyOf, keyService } from './key-service.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const HOUR = 3_600_000
const rename = { everything: true, from: { serverId: 'old' }, to: { serverId: 'fresh' } } as const

const setUp = (options: Parameters<typeof madeUpProvider>[0] = {}) => {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const audit = memoryAuditLog()
  const compose = <const Ids extends readonly string[]>(ids: Ids, credentials: Store = store) =>
    createMcpClient({
      connectors: Object.fromEntries(ids.map((id) => [id, provider.connector(id)(app)])) as Record<
        Ids[number],
        ReturnType<ReturnType<typeof provider.connector>>
      >,
      vault: vault({ store: credentials, redirectUri, audit }),
      transport: provider.transport(),
      clock,
    })
  const before = compose(['old'])
  const connect = async (tenant: string, name = 'default') => {
    const started = await before.as(tenant).old.at(name).connect()
    return before.completeAuthorization(callbackOf(started.status === 'authorize' ? started.url : ''), tenant)
  }
  const places = async () => (await store.list('connection/')).entries.map(({ key }) => key)
  return { ...provider, clock, store, audit, before, connect, places, compose }
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (ConnectorError.is(error) ? (error.details.reason ?? error.code) : error),
  )

describe('migrate() after a connector was renamed', () => {
  it('moves its connections, which still refresh', async () => {
    const { connect, compose, clock, places, audit, before } = setUp()
    await connect('ada')
    await connect('ada', 'work')
    await connect('bob')
    const mcp = compose(['fresh'])
    expect(await mcp.vault.migrate(rename)).toEqual({ moved: 3, conflicts: [], failures: [], finished: true })
    expect(await places()).toEqual([
      'connection/fresh/ada/default',
      'connection/fresh/ada/work',
      'connection/fresh/bob/default',
    ])
    expect(await mcp.as('ada').fresh.at('work').status()).toMatchObject({ state: 'active', account: { id: 'acct-1' } })
    await clock.advance(HOUR)
    expect(await mcp.as('bob').fresh.call('read_note', {})).toEqual({ text: 'seen with access-4' })
    expect(audit.entries.filter(({ operation }) => operation === 'migrate')).toMatchObject([
      { outcome: 'success', serverId: 'fresh', tenant: 'ada', reason: 'from old' },
      { tenant: 'ada', connection: 'work' },
      { tenant: 'bob' },
    ])
    expect(await mcp.vault.migrate(rename)).toMatchObject({ moved: 0, conflicts: [] })
    await clock.advance(30_000)
    expect(await reasonOf(before.as('ada').old.call('read_note', {}))).toBe('not_connected')
  })

  it('moves one tenant at a time, and to other names', async () => {
    const { connect, compose, places } = setUp()
    await connect('ada')
    await connect('bob')
    const mcp = compose(['fresh'])
    expect(await mcp.vault.migrate({ from: rename.from, to: rename.to, tenant: 'ada' })).toMatchObject({ moved: 1 })
    expect(await places()).toEqual(['connection/fresh/ada/default', 'connection/old/bob/default'])
    const map = ({ tenant, connection }: { tenant: string; connection: string }) => ({
      tenant: `team_${tenant}`,
      connection: `${connection}_2`,
    })
    expect(await mcp.vault.migrate({ ...rename, map })).toMatchObject({ moved: 1 })
    expect(await places()).toEqual(['connection/fresh/ada/default', 'connection/fresh/team_bob/default_2'])
  })

  it('moves only what `map` names', async () => {
    const { connect, compose, places } = setUp()
    await connect('ada')
    const mcp = compose(['fresh'])
    expect(await mcp.vault.migrate({ ...rename, map: () => undefined })).toMatchObject({ moved: 0, conflicts: [] })
    expect(await places()).toEqual(['connection/old/ada/default'])
  })
})

describe('migrate() during other changes', () => {
  it('loses nothing if a user has connected at the new id before', async () => {
    const { connect, compose, places, clock } = setUp()
    await connect('ada')
    const mcp = compose(['old', 'fresh'])
    await mcp.as('ada').fresh.connect({ token: 'access-1' })
    expect(await mcp.vault.migrate(rename)).toEqual({
      moved: 0,
      conflicts: [{ tenant: 'ada', connection: 'default' }],
      failures: [],
      finished: true,
    })
    expect(await places()).toEqual(['connection/fresh/ada/default', 'connection/old/ada/default'])
    await clock.advance(HOUR)
    expect(await clock.until(mcp.as('ada').old.call('read_note', {}))).toEqual({ text: 'seen with access-2' })
  })

  it.each(['put', 'delete'] as const)('if the process stops at any `%s`', async (method) => {
    for (let survived = 0; survived < 3; survived++) {
      const { connect, compose, store, places, clock } = setUp()
      await connect('ada')
      let left = survived
      const mortal: Store = {
        ...store,
        [method]: async (...args: never[]) => {
          if (left-- <= 0) throw new Error('the process ended')
          return (store[method] as (...given: never[]) => Promise<unknown>)(...args)
        },
      }
      await compose(['fresh'], mortal).vault.migrate(rename)
      const mcp = compose(['fresh'])
      const report = await clock.until(mcp.vault.migrate(rename))
      expect(report).toMatchObject({ conflicts: [], failures: [], finished: true })
      expect(await places()).toEqual(['connection/fresh/ada/default'])
      expect(await mcp.as('ada').fresh.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    }
  })

  it('loses nothing if a refresh is running, which it waits for', async () => {
    const { connect, compose, clock, before, trouble, seen } = setUp()
    await connect('ada')
    let release = () => {}
    trouble.delay = new Promise<void>((resolve) => (release = resolve))
    await clock.advance(HOUR)
    const call = before.as('ada').old.call('read_note', {})
    await clock.advance(10)
    const mcp = compose(['fresh'])
    const migrating = mcp.vault.migrate(rename)
    await clock.advance(1000)
    release()
    expect(await clock.until(migrating)).toMatchObject({ moved: 1, failures: [] })
    expect(await call).toEqual({ text: 'seen with access-2' })
    expect(await mcp.as('ada').fresh.call('read_note', {})).toEqual({ text: 'seen with access-2' })
    expect(seen.revoked).toEqual([])
  })

  it('loses nothing if a user connects at the old id after the move', async () => {
    const { connect, compose, clock, places } = setUp()
    await connect('ada')
    const mcp = compose(['fresh'])
    await mcp.vault.migrate(rename)
    await clock.advance(1000)
    await connect('ada')
    expect(await mcp.vault.migrate(rename)).toMatchObject({ moved: 0, conflicts: [{ tenant: 'ada' }] })
    expect(await places()).toHaveLength(2)
  })

  it('loses nothing if it is stopped', async () => {
    const { connect, compose, places } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    const mcp = compose(['fresh'])
    const stop = new AbortController()
    const map = (connection: { tenant: string; connection: string }) => {
      stop.abort()
      return connection
    }
    expect(await mcp.vault.migrate({ ...rename, map, concurrency: 1, signal: stop.signal })).toMatchObject({
      moved: 1,
      finished: false,
    })
    expect(await mcp.vault.migrate(rename)).toMatchObject({ moved: 2, finished: true })
    expect(await places()).toHaveLength(3)
  })
})

it('loses nothing if a backup is set during the move, which moves too', async () => {
  const { ada, issue, store, transport, clock, connector, end } = keyService()
  await ada.keys.connect(issue('first'))
  const { delete: remove } = store
  let isSet = false
  store.delete = async (key, options) => {
    if (!isSet) {
      isSet = true
      await ada.keys.setBackup(issue('spare'))
    }
    return remove(key, options)
  }
  const mcp = createMcpClient({
    connectors: { fresh: connector('fresh', true)() },
    vault: vault({ store }),
    transport,
    clock,
    retry: { attempts: 1 },
  })
  const report = await mcp.vault.migrate({ everything: true, from: { serverId: 'keys' }, to: { serverId: 'fresh' } })
  expect(report).toMatchObject({ moved: 1, conflicts: [], failures: [] })
  end('first')
  expect(await mcp.as('ada').fresh.call('read_note', {})).toEqual({ with: keyOf('spare') })
})

describe('migrate() in a family', () => {
  it('moves the settings of a connector renamed within it, and disconnected connectors stay disconnected', async () => {
    const { connect, compose, places } = setUp({ family: 'made-up' })
    await connect('ada')
    await compose(['old', 'tasks']).as('ada').old.disconnect()
    const mcp = compose(['fresh', 'tasks'])
    const from = { serverId: 'old', family: 'made-up', clientId: app.clientId }
    expect(await mcp.as('ada').fresh.isConnected()).toBe(true)
    expect(await mcp.vault.migrate({ everything: true, from, to: rename.to })).toMatchObject({ moved: 1 })
    expect(await mcp.as('ada').fresh.isConnected()).toBe(false)
    expect(await mcp.as('ada').tasks.isConnected()).toBe(true)
    expect(await places()).toHaveLength(1)
  })

  it('does not rename the connections of a family, because its other connectors use these names', async () => {
    const { connect, compose, places } = setUp({ family: 'made-up' })
    await connect('ada')
    const mcp = compose(['fresh', 'tasks'])
    const from = { serverId: 'old', family: 'made-up', clientId: app.clientId }
    const map = ({ tenant, connection }: { tenant: string; connection: string }) => ({
      tenant,
      connection: `${connection}_2`,
    })
    expect(await mcp.vault.migrate({ everything: true, from, to: rename.to, map })).toMatchObject({
      moved: 0,
      failures: [{ error: { code: 'INVALID_INPUT' } }],
    })
    expect(await places()).toHaveLength(1)
    expect(await mcp.as('ada').tasks.isConnected()).toBe(true)
  })

  it('keeps the grant of the other connectors', async () => {
    const { clock, store, transport, connector } = setUp({ family: 'made-up' })
    const lone = setUp()
    const mcp = createMcpClient({
      connectors: {
        old: connector('old')(app),
        tasks: connector('tasks')(app),
        fresh: lone.connector('fresh')(app),
      },
      vault: vault({ store, redirectUri }),
      transport: transport(),
      clock,
    })
    await expect(mcp.vault.migrate(rename)).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: expect.stringContaining('tasks') as string,
    })
  })
})

describe('migrate() with clients that a server registered', () => {
  const place = (group: string) => `client/${group}/${encodeURIComponent('https://as.example')}`

  it('moves them with the grants that depend on them', async () => {
    const { connect, compose, store } = setUp()
    await connect('ada')
    await store.put(place('old'), '{"client_id":"registered-1"}')
    await compose(['fresh']).vault.migrate(rename)
    expect((await store.get(place('fresh')))?.value).toBe('{"client_id":"registered-1"}')
  })

  it('leaves a grant in place that the new id could not refresh', async () => {
    const { compose, store, clock, places } = setUp()
    await store.put(place('old'), '{"client_id":"registered-1"}')
    await store.put(place('fresh'), '{"client_id":"registered-2"}')
    const grant = { accessToken: 'a', refreshToken: 'r', issuedAt: clock.now(), issuer: 'https://as.example' }
    await store.put('connection/old/ada/default', JSON.stringify({ credential: {}, grant }))
    expect(await compose(['fresh']).vault.migrate(rename)).toMatchObject({ moved: 0, conflicts: [{ tenant: 'ada' }] })
    expect(await places()).toEqual(['connection/old/ada/default'])
  })
})

it('rejects contradictory arguments', async () => {
  const { compose, connector, transport } = setUp()
  const mcp = compose(['fresh'])
  const to = rename.to
  expect(await reasonOf(mcp.vault.migrate({ everything: true, from: to, to }))).toBe('INVALID_INPUT')
  expect(await reasonOf(mcp.vault.migrate({ everything: true, from: rename.from, to: { serverId: 'nowhere' } }))).toBe(
    'ROUTING_ERROR',
  )
  const own = createMcpClient({
    connectors: { fresh: connector('fresh')({ token: 't' }) },
    vault: vault(),
    transport: transport(),
  })
  expect(await reasonOf(own.vault.migrate(rename))).toBe('CONFIGURATION_ERROR')
})
