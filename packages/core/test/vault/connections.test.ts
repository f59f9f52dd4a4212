import { createFakeClock, slowStore } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { ConnectResult, RuntimeEvents } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const HOUR = 3_600_000

const setUp = (options: Parameters<typeof madeUpProvider>[0] = {}) => {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const events: { name: string; data: unknown }[] = []
  const compose = () => {
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) },
      vault: vault({ store, redirectUri }),
      transport: provider.transport(),
      clock,
    })
    const names: (keyof RuntimeEvents)[] = [
      'connection.connected',
      'connection.disconnected',
      'connection.renewed',
      'connection.degraded',
      'connection.needs_reauth',
      'connection.recovered',
      'grant.lost',
    ]
    for (const name of names) mcp.on(name, (data: unknown) => events.push({ name, data }))
    return mcp
  }
  const mcp = compose()
  const urlOf = (result: ConnectResult): string => {
    if (result.status !== 'authorize') throw new Error(`not to authorize but ${result.status}`)
    return result.url
  }
  const connect = async (tenant = 'ada', client = mcp) =>
    client.completeAuthorization(callbackOf(urlOf(await client.as(tenant).notes.connect())), tenant)
  const eventNames = () => events.map(({ name }) => name)
  return { ...provider, clock, store, events, eventNames, compose, mcp, connect, urlOf, ada: mcp.as('ada') }
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (ConnectorError.is(error) ? error.details.reason : error),
  )

describe('an authorization code flow', () => {
  it('redirects the user, and returns a connection that can call', async () => {
    const { ada, mcp, urlOf, eventNames } = setUp()
    const started = await ada.notes.connect()
    expect(new URL(urlOf(started)).searchParams.get('scope')).toBe('notes.read')
    expect(await ada.notes.status()).toMatchObject({ state: 'pending' })
    expect(await ada.notes.isConnected()).toBe(false)

    const done = await mcp.completeAuthorization(callbackOf(urlOf(started)), 'ada')

    expect(done).toMatchObject({
      status: 'connected',
      serverId: 'notes',
      connection: 'default',
      account: { id: 'acct-1', name: 'Ada' },
      scopes: ['notes.read'],
    })
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    expect(await ada.notes.status()).toMatchObject({ state: 'active', renews: true, account: { id: 'acct-1' } })
    expect(eventNames()).toEqual(['connection.connected'])
  })

  it('returns everything of the grant that is not secret', async () => {
    const { ada, connect, clock } = setUp()
    await connect()
    expect(await ada.notes.status()).toEqual({
      serverId: 'notes',
      tenant: 'ada',
      connection: 'default',
      state: 'active',
      account: { id: 'acct-1', name: 'Ada' },
      scopes: ['notes.read'],
      expiresAt: clock.now() + 3_600_000,
      renews: true,
      connectedAt: new Date(clock.now()).toISOString(),
    })
  })

  it('rejects a replayed, forged, expired or malformed callback, and one of another tenant', async () => {
    const { ada, mcp, urlOf, clock } = setUp()
    const callback = callbackOf(urlOf(await ada.notes.connect()))
    const complete = (url: string, tenant: string) => reasonOf(mcp.completeAuthorization(url, tenant))

    expect(await complete(callback, 'eve')).toBe('state_of_another_tenant')
    expect(await complete(callback.replace('host.example', 'evil.example'), 'ada')).toBe('redirect_mismatch')
    expect(await ada.notes.isConnected()).toBe(false)
    // A callback that is rejected because of its user or its URL is not consumed.
    expect(await complete(callback, 'ada')).toBe('no failure')
    expect(await complete(callback, 'ada')).toBe('state_replayed')
    expect(await complete(callback.replace(/state=[^&]{4}/, 'state=AAAA'), 'ada')).toBe('state_unknown')
    const late = callbackOf(urlOf(await ada.notes.connect()))
    await clock.advance(10 * 60_000)
    expect(await complete(late, 'ada')).toBe('state_expired')
    await expect(mcp.completeAuthorization('https://host.example/callback?code=x', 'ada')).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
  })

  it('completes one of two concurrent callbacks with the same state', async () => {
    const { ada, mcp, urlOf, seen } = setUp()
    const callback = callbackOf(urlOf(await ada.notes.connect()))
    const both = await Promise.all([1, 2].map(() => reasonOf(mcp.completeAuthorization(callback, 'ada'))))
    expect(new Set(both)).toEqual(new Set(['no failure', 'state_replayed']))
    expect(seen.redeemed).toEqual(['code-1'])
  })

  it('completes in another process than it started in', async () => {
    const { ada, urlOf, compose } = setUp()
    const callback = callbackOf(urlOf(await ada.notes.connect()))
    await compose().completeAuthorization(callback, 'ada')
    expect(await ada.notes.isConnected()).toBe(true)
  })

  it('encrypts the pending authorization in the store', async () => {
    const { ada, store, urlOf } = setUp()
    const state = new URL(urlOf(await ada.notes.connect())).searchParams.get('state') ?? ''
    const { entries } = await store.list('')
    expect(entries.map(({ key }) => key.split('/')[0])).toEqual(['authorization', 'connection'])
    expect(JSON.stringify(entries)).not.toContain('verifier-secret')
    expect(JSON.stringify(entries)).not.toContain(state)
  })

  it('names what is missing if the composition cannot authorize', async () => {
    const { connector, transport } = setUp()
    const mcp = createMcpClient({
      connectors: { notes: connector('notes')() },
      transport: transport(),
      vault: vault({ redirectUri }),
    })
    await expect(mcp.as('ada').notes.connect()).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { hint: expect.stringContaining('clientId and clientSecret') as string },
    })
    const lost = createMcpClient({
      connectors: { notes: connector('notes')(app) },
      vault: vault(),
      transport: transport(),
    })
    await expect(lost.as('ada').notes.connect()).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      details: { hint: expect.stringContaining('redirectUri') as string },
    })
  })
})

describe('an active connection', () => {
  it('refreshes an expired token once for five parallel calls', async () => {
    const { ada, connect, clock, seen } = setUp()
    await connect()
    await clock.advance(HOUR)
    const calls = Promise.all([1, 2, 3, 4, 5].map(() => ada.notes.call('read_note', {})))
    expect(await clock.until(calls)).toEqual(Array.from({ length: 5 }, () => ({ text: 'seen with access-2' })))
    expect(seen.refreshes).toBe(1)
  })

  it('refreshes once for five parallel calls whose token is refused early, and all succeed', async () => {
    const { ada, connect, clock, seen, refuse } = setUp()
    await connect()
    await clock.advance(60_000)
    refuse('access-1')
    const calls = Promise.all([1, 2, 3, 4, 5].map(() => ada.notes.call('read_note', {})))
    expect(await clock.until(calls)).toEqual(Array.from({ length: 5 }, () => ({ text: 'seen with access-2' })))
    expect(seen.refreshes).toBe(1)
  })

  it('does not refresh repeatedly if each new token is refused at once', async () => {
    const { ada, connect, clock, seen, refuse } = setUp()
    await connect()
    await clock.advance(60_000)
    for (const token of ['access-1', 'access-2', 'access-3']) refuse(token)
    for (let call = 0; call < 3; call++) {
      await expect(clock.until(ada.notes.call('read_note', {}))).rejects.toMatchObject({
        code: 'MCP_AUTHENTICATION_FAILURE',
      })
    }
    expect(seen.refreshes).toBe(1)
    expect(await ada.notes.status()).toMatchObject({ state: 'active' })
  })

  it('refreshes once in two processes on one store', async () => {
    const { ada, connect, clock, seen, compose } = setUp()
    await connect()
    const other = compose().as('ada')
    await other.notes.call('read_note', {})
    await clock.advance(HOUR)
    const calls = [ada, other, ada, other].map((view) => view.notes.call('read_note', {}))
    expect(await clock.until(Promise.all(calls))).toEqual(
      Array.from({ length: 4 }, () => ({ text: 'seen with access-2' })),
    )
    expect(seen.refreshes).toBe(1)
  })

  it('uses a valid token while another process refreshes it', async () => {
    const { ada, connect, clock, seen, trouble } = setUp()
    await connect()
    let release = () => {}
    trouble.delay = new Promise<void>((resolve) => (release = resolve))
    await clock.advance(HOUR - 1000)
    const first = ada.notes.call('read_note', {})
    await clock.advance(10)
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    release()
    expect(await first).toEqual({ text: 'seen with access-2' })
    expect(seen.refreshes).toBe(1)
  })

  it('stays active while the authorization server is down', async () => {
    const { ada, connect, clock, trouble, eventNames } = setUp()
    await connect()
    await clock.advance(HOUR - 1000)
    trouble.next = new ConnectorError('MCP_SERVER_ERROR', 'Down.', { outcome: 'not_processed' })
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    expect(await ada.notes.status()).toMatchObject({ state: 'degraded', reason: 'renewal_failed' })
    await clock.advance(120_000)
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-2' })
    expect(eventNames().slice(1)).toEqual(['connection.degraded', 'connection.renewed', 'connection.recovered'])
    expect(await ada.notes.status()).toMatchObject({ state: 'active' })
  })

  it('reports that the user has to connect again, and works after that', async () => {
    const { ada, connect, clock, endEverything, eventNames, seen } = setUp()
    await connect()
    endEverything()
    await clock.advance(HOUR)
    expect(await reasonOf(ada.notes.call('read_note', {}))).toBe('invalid_grant')
    expect(await reasonOf(ada.notes.call('read_note', {}))).toBe('invalid_grant')
    expect(seen.refreshes).toBe(1)
    expect(await ada.notes.status()).toMatchObject({ state: 'needs_reauth', reason: 'invalid_grant' })
    await connect()
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-2' })
    expect(eventNames().slice(1)).toEqual(['connection.needs_reauth', 'connection.connected'])
  })

  it('accepts a token from elsewhere with its refresh token', async () => {
    const { ada, connect, clock, seen } = setUp()
    await connect('elsewhere')
    await ada.notes.connect({ token: 'access-1', refreshToken: 'refresh-1' })
    await clock.advance(HOUR)
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    expect(seen.refreshes).toBe(0)
  })

  it('degrades after a refusal without a refresh token, stays in use, and recovers', async () => {
    const { ada, connect, endEverything, eventNames, clock } = setUp()
    await connect('elsewhere')
    await ada.notes.connect({ token: 'access-1' })
    endEverything()
    await expect(ada.notes.call('read_note', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.notes.status()).toMatchObject({ state: 'degraded', reason: 'credential_refused', renews: false })
    await clock.advance(60_000)
    await expect(ada.notes.call('read_note', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.notes.status()).toMatchObject({ state: 'needs_reauth' })
    expect(eventNames().slice(2)).toEqual(['connection.degraded', 'connection.needs_reauth'])
  })

  it('keeps tokens out of the errors of refused calls', async () => {
    const { ada, connect, clock, endEverything } = setUp()
    await connect()
    await clock.advance(60_000)
    endEverything()
    const error: unknown = await ada.notes.call('read_note', {}).catch((failure: unknown) => failure)
    const shown = JSON.stringify(error) + String(error)
    for (const secret of ['access-1', 'refresh-1', app.clientSecret]) expect(shown).not.toContain(secret)
  })
})

describe('a family of connectors', () => {
  it('shares one grant, and requests more scopes when a tool needs them', async () => {
    const { ada, connect, mcp, urlOf, eventNames } = setUp({ family: 'made-up' })
    await connect()
    expect(await ada.tasks.isConnected()).toBe(true)
    expect(await ada.tasks.call('read_note', {})).toEqual({ text: 'seen with access-1' })

    const refused: unknown = await ada.tasks.call('share_note', {}).catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'needs_scope', scopes: ['notes.share'], outcome: 'not_processed' },
    })
    const url = (ConnectorError.is(refused) && refused.details.authorizeUrl) || ''
    expect(new URL(url).searchParams.get('scope')).toBe('notes.read notes.share')
    await mcp.completeAuthorization(callbackOf(url), 'ada')
    expect(await ada.tasks.call('share_note', {})).toEqual({ text: 'seen with access-2' })
    expect(await ada.notes.call('read_note', {})).toEqual({ text: 'seen with access-2' })
    expect(eventNames()).toEqual(['connection.connected', 'connection.connected'])
    expect(urlOf(await ada.notes.connect())).toContain('https://as.example/')
  })

  it('keeps the grant until its last connector is disconnected', async () => {
    const { ada, connect, seen } = setUp({ family: 'made-up' })
    await connect()
    expect(await ada.notes.disconnect()).toBe(true)
    expect(await ada.notes.isConnected()).toBe(false)
    expect(await reasonOf(ada.notes.call('read_note', {}))).not.toBe('no failure')
    expect(await ada.tasks.call('read_note', {})).toEqual({ text: 'seen with access-1' })
    expect(seen.revoked).toEqual([])
    expect(await ada.tasks.disconnect()).toBe(true)
    expect(seen.revoked).toEqual(['access-1'])
  })

  it('is separate for each tenant and for each app', async () => {
    const { connect, mcp, connector, store, transport, clock } = setUp({ family: 'made-up' })
    await connect('ada')
    expect(await mcp.as('bob').tasks.isConnected()).toBe(false)
    const otherApp = createMcpClient({
      connectors: { tasks: connector('tasks')({ ...app, clientId: 'client-2' }) },
      vault: vault({ store }),
      transport: transport(),
      clock,
    })
    expect(await otherApp.as('ada').tasks.isConnected()).toBe(false)
  })
})

describe('disconnect()', () => {
  it('revokes the grant at the provider, except with `revoke: false`', async () => {
    const { ada, connect, seen, store } = setUp()
    await connect()
    expect(await ada.notes.disconnect({ revoke: false })).toBe(true)
    expect(seen.revoked).toEqual([])
    await connect()
    expect(await ada.notes.disconnect()).toBe(true)
    expect(seen.revoked).toEqual(['access-2'])
    expect(await ada.notes.disconnect()).toBe(false)
    expect((await store.list('connection/')).entries).toEqual([])
    expect(await reasonOf(ada.notes.call('read_note', {}))).toBe('not_connected')
  })

  it('revokes a grant that was refreshed while its connection was disconnected', async () => {
    const { ada, connect, clock, seen, trouble } = setUp()
    await connect()
    let release = () => {}
    trouble.delay = new Promise<void>((resolve) => (release = resolve))
    await clock.advance(HOUR)
    const call = reasonOf(ada.notes.call('read_note', {}))
    await clock.advance(10)
    await ada.notes.disconnect({ revoke: false })
    release()
    expect(await call).toBe('disconnected')
    expect(seen.revoked).toEqual(['access-2'])
  })
})
