import { describe, expect, it } from 'vitest'
import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import { memoryAuditLog, vault } from '@mcpclient/core/vault'
import type { RevokeOptions } from '@mcpclient/core/vault'
import { createFakeClock, slowStore } from '@mcpclient/testing'
import { keyOf, keyService } from './key-service.ts'
import { app, callbackOf, madeUpProvider, redirectUri } from './made-up-provider.ts'

const HOUR = 3_600_000
const reason = 'a laptop was stolen'

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no failure',
    (error: unknown) => (ConnectorError.is(error) ? error.details.reason : error),
  )

const setUp = (options: Parameters<typeof madeUpProvider>[0] = {}) => {
  const provider = madeUpProvider(options)
  const clock = createFakeClock()
  const store = slowStore(memoryStore({ clock }))
  const audit = memoryAuditLog()
  const revoked: unknown[] = []
  const compose = () => {
    const mcp = createMcpClient({
      connectors: { notes: provider.connector('notes')(app), tasks: provider.connector('tasks')(app) },
      vault: vault({ store, redirectUri, audit }),
      transport: provider.transport(),
      clock,
    })
    mcp.on('connection.revoked', (data) => revoked.push(data))
    return mcp
  }
  const mcp = compose()
  const begin = async (tenant: string, serverId: 'notes' | 'tasks' = 'notes') => {
    const started = await mcp.as(tenant)[serverId].connect()
    return callbackOf(started.status === 'authorize' ? started.url : '')
  }
  const connect = async (tenant: string, serverId: 'notes' | 'tasks' = 'notes') =>
    mcp.completeAuthorization(await begin(tenant, serverId), tenant)
  const read = (tenant: string, serverId: 'notes' | 'tasks' = 'notes') =>
    reasonOf(mcp.as(tenant)[serverId].call('read_note', {}))
  return { ...provider, clock, store, audit, revoked, compose, mcp, begin, connect, read }
}

describe('the scope of revoke()', () => {
  const prepared = async () => {
    const all = setUp()
    for (const tenant of ['ada', 'bob']) {
      await all.connect(tenant, 'notes')
      await all.connect(tenant, 'tasks')
    }
    const left = async () => {
      const names: string[] = []
      for (const tenant of ['ada', 'bob']) {
        for (const id of ['notes', 'tasks'] as const) {
          if ((await all.read(tenant, id)) === 'no failure') names.push(`${tenant} ${id}`)
        }
      }
      return names
    }
    return { ...all, left }
  }

  it.each<[string, Partial<RevokeOptions>, readonly string[]]>([
    ['a tenant', { tenant: 'ada' }, ['bob notes', 'bob tasks']],
    ['a connector', { serverId: 'notes' }, ['ada tasks', 'bob tasks']],
    ['a tenant at a connector', { tenant: 'ada', serverId: 'notes' }, ['ada tasks', 'bob notes', 'bob tasks']],
    ['a tenant’s connections of a name', { tenant: 'ada', connection: 'default' }, ['bob notes', 'bob tasks']],
    ['nothing of another', { tenant: 'ada', connection: 'w' }, ['ada notes', 'ada tasks', 'bob notes', 'bob tasks']],
    ['the whole client', { everything: true }, []],
  ])('covers %s, and nothing else', async (_what, options, left) => {
    const prepareds = await prepared()
    const report = await prepareds.mcp.vault.revoke({ ...options, reason })
    const count = 4 - left.length
    expect(report).toEqual({
      revoked: count,
      endedAtProvider: count,
      leftAtProvider: 0,
      failures: [],
      finished: true,
    })
    expect(await prepareds.left()).toEqual(left)
    expect(prepareds.seen.revoked).toHaveLength(count)
    expect(prepareds.revoked).toHaveLength(count)
  })

  it('is never everything by mistake', async () => {
    const { mcp, left } = await prepared()
    const vague = [
      {},
      { tenant: undefined },
      { tenant: '' },
      { tenant: 'ada', serverId: undefined },
      // Nearly every connection of every tenant has this name.
      { connection: 'default' },
      { connection: 'default', serverId: 'notes' },
      { everything: true, tenant: 'ada' },
      { everything: false },
    ]
    for (const options of vague) {
      await expect(mcp.vault.revoke({ ...options, reason } as RevokeOptions)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
    }
    await expect(mcp.vault.revoke({ tenant: 'ada', reason: ' ' })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    await expect(mcp.vault.revoke({ serverId: 'nots', reason })).rejects.toMatchObject({ code: 'ROUTING_ERROR' })
    expect(await left()).toHaveLength(4)
  })

  it('includes a shared grant for every connector of the family', async () => {
    const { mcp, connect, read, revoked } = setUp({ family: 'made-up' })
    await connect('ada')
    expect(await mcp.vault.revoke({ serverId: 'tasks', reason })).toMatchObject({ revoked: 1, endedAtProvider: 1 })
    expect(await read('ada', 'notes')).toBe('revoked')
    expect(await read('ada', 'tasks')).toBe('revoked')
    expect(revoked).toMatchObject([{ serverId: 'notes' }, { serverId: 'tasks' }])
  })
})

describe('a revoked connection', () => {
  it('reports that, leaves no secret in the store, and is active again after the user connects it', async () => {
    const { mcp, connect, read, store, audit, clock } = setUp()
    await connect('ada')
    const by = { tenant: 'platform', user: 'root' }
    await mcp.vault.revoke({ tenant: 'ada', reason, by })
    expect(await mcp.as('ada').notes.status()).toMatchObject({
      state: 'revoked',
      reason: 'revoked',
      account: { id: 'acct-1' },
      renews: false,
      fingerprint: undefined,
    })
    expect(await mcp.as('ada').notes.isConnected()).toBe(false)
    expect(await read('ada')).toBe('revoked')
    const stored = JSON.stringify((await store.list('connection/')).entries)
    for (const secret of ['access-1', 'refresh-1']) expect(stored).not.toContain(secret)
    expect(audit.entries).toContainEqual(
      expect.objectContaining({
        operation: 'quarantine',
        outcome: 'success',
        reason,
        actor: { ...by, agent: undefined },
      }),
    )
    expect(audit.entries).toContainEqual(expect.objectContaining({ operation: 'revoke', outcome: 'success' }))
    await clock.advance(1)
    await connect('ada')
    expect(await read('ada')).toBe('no failure')
  })

  it('is detected by another process within thirty seconds', async () => {
    const { mcp, compose, connect, clock } = setUp()
    await connect('ada')
    const other = compose().as('ada')
    await other.notes.call('read_note', {})
    await mcp.vault.revoke({ tenant: 'ada', reason })
    await clock.advance(30_000)
    expect(await reasonOf(other.notes.call('read_note', {}))).toBe('revoked')
  })

  it('is not revoked twice', async () => {
    const { mcp, connect, seen, revoked } = setUp()
    await connect('ada')
    await mcp.vault.revoke({ everything: true, reason })
    expect(await mcp.vault.revoke({ everything: true, reason })).toMatchObject({ revoked: 0, endedAtProvider: 0 })
    expect(seen.revoked).toHaveLength(1)
    expect(revoked).toHaveLength(1)
  })

  it('is not restored by a running refresh, whose new grant is revoked', async () => {
    const { mcp, connect, clock, protocol, seen, store } = setUp()
    await connect('ada')
    const responded = Promise.withResolvers<void>()
    const held = Promise.withResolvers<void>()
    const { refresh } = protocol
    protocol.refresh = async (context, grant) => {
      const fresh = await refresh(context, grant)
      // The response is still on its way.
      responded.resolve()
      await held.promise
      return fresh
    }
    await clock.advance(HOUR)
    const call = reasonOf(mcp.as('ada').notes.call('read_note', {}))
    await responded.promise
    await mcp.vault.revoke({ tenant: 'ada', reason })
    held.resolve()
    expect(await clock.until(call)).toBe('revoked')
    expect(seen.revoked.toSorted()).toEqual(['access-1', 'access-2'])
    expect(JSON.stringify((await store.list('connection/')).entries)).not.toMatch(/access-|refresh-/)
    expect(await mcp.as('ada').notes.status()).toMatchObject({ state: 'revoked' })
  })

  it('does not let a pending consent complete, and its code is not exchanged', async () => {
    const { mcp, begin, clock, seen } = setUp()
    const first = await begin('ada')
    await clock.advance(1000)
    await mcp.vault.revoke({ serverId: 'notes', reason })
    expect(await reasonOf(mcp.completeAuthorization(first, 'ada'))).toBe('revoked_meanwhile')
    expect(seen.redeemed).toEqual([])
    expect(await mcp.as('ada').notes.status()).toMatchObject({ state: 'disconnected' })
    await clock.advance(1)
    await mcp.completeAuthorization(await begin('ada'), 'ada')
    expect(await mcp.as('ada').notes.isConnected()).toBe(true)
  })

  it('does not let a pending consent complete in a process whose clock is ahead', async () => {
    const { mcp, store, clock, connector, transport } = setUp()
    const early = { ...clock, now: () => clock.now() + 4 * 60_000 }
    const other = createMcpClient({
      connectors: { notes: connector('notes')(app) },
      vault: vault({ store, redirectUri }),
      transport: transport(),
      clock: early,
    })
    const started = await other.as('ada').notes.connect()
    await mcp.vault.revoke({ tenant: 'ada', reason })
    const callback = callbackOf(started.status === 'authorize' ? started.url : '')
    expect(await reasonOf(other.completeAuthorization(callback, 'ada'))).toBe('revoked_meanwhile')
  })

  it('includes an account stored during the revocation, whose grant is revoked as well', async () => {
    const { mcp, begin, clock, store, seen } = setUp()
    const callback = await begin('ada')
    await clock.advance(1)
    const { put } = store
    let revoking: Promise<unknown> | undefined
    store.put = async (key, value, options) => {
      const isKept = value.includes('access-1') && revoking === undefined
      // The whole revocation happens between the last read of the marks and the write.
      if (isKept) await (revoking = mcp.vault.revoke({ tenant: 'ada', reason }))
      return put(key, value, options)
    }
    expect(await reasonOf(mcp.completeAuthorization(callback, 'ada'))).toBe('revoked_meanwhile')
    expect(await mcp.as('ada').notes.isConnected()).toBe(false)
    expect(JSON.stringify(await store.list(''))).not.toContain('access-1')
    expect(seen.revoked).toEqual(['access-1'])
  })

  it('does not affect a pending consent of another tenant', async () => {
    const { mcp, begin, clock } = setUp()
    const callback = await begin('bob')
    await clock.advance(1000)
    await mcp.vault.revoke({ tenant: 'ada', reason })
    expect(await mcp.completeAuthorization(callback, 'bob')).toMatchObject({ status: 'connected' })
  })

  it('does not store a key that was being connected meanwhile', async () => {
    const { mcp, ada, issue, holdChecks, checking } = keyService()
    const release = holdChecks()
    const connecting = reasonOf(ada.keys.connect(issue('first')))
    await checking()
    await mcp.vault.revoke({ tenant: 'ada', reason })
    release()
    expect(await connecting).toBe('revoked_meanwhile')
    expect(await ada.keys.isConnected()).toBe(false)
  })

  it('still reports the revocation after a late refusal', async () => {
    const { mcp, ada, issue, end, transport } = keyService()
    await ada.keys.connect(issue('first'))
    const send = transport.send.bind(transport)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    transport.send = async (request) => {
      await held
      return send(request)
    }
    const call = reasonOf(ada.keys.call('read_note', {}))
    await mcp.vault.revoke({ tenant: 'ada', reason })
    end('first')
    release()
    expect(await call).toBe('revoked')
    expect(await ada.keys.status()).toMatchObject({ state: 'revoked', reason: 'revoked' })
  })
})

describe('the report of revoke()', () => {
  it('counts keys that only the provider can revoke', async () => {
    const { mcp, ada, issue, store } = keyService()
    await ada.keys.connect(issue('first'))
    await ada.keys.setBackup(issue('spare'))
    expect(await mcp.vault.revoke({ tenant: 'ada', reason })).toEqual({
      revoked: 1,
      endedAtProvider: 0,
      leftAtProvider: 1,
      failures: [],
      finished: true,
    })
    const stored = JSON.stringify((await store.list('')).entries)
    for (const name of ['first', 'spare']) expect(stored).not.toContain(keyOf(name))
  })

  it('names each connection whose provider failed to revoke; all are out of use', async () => {
    const { mcp, connect, read, protocol, audit } = setUp()
    await connect('ada')
    await connect('bob')
    const { revoke } = protocol
    protocol.revoke = async (context, grant) => {
      if (grant.accessToken === 'access-1') throw new ConnectorError('MCP_SERVER_ERROR', 'No: access-1 stays.')
      await revoke?.(context, grant)
    }
    const report = await mcp.vault.revoke({ serverId: 'notes', reason })
    expect(report).toMatchObject({
      revoked: 2,
      endedAtProvider: 1,
      failures: [{ serverId: 'notes', tenant: 'ada', connection: 'default', error: { code: 'MCP_SERVER_ERROR' } }],
    })
    expect(JSON.stringify(report)).not.toContain('access-1')
    expect([await read('ada'), await read('bob')]).toEqual(['revoked', 'revoked'])
    expect(audit.entries).toContainEqual(
      expect.objectContaining({ operation: 'revoke', outcome: 'failed', tenant: 'ada', reason: 'MCP_SERVER_ERROR' }),
    )
  })

  it('records the failure at a provider before it returns', async () => {
    const { mcp, connect, protocol, audit } = setUp()
    await connect('ada')
    protocol.revoke = () => Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'The provider is down.'))
    const failures = () =>
      audit.entries.filter(({ operation, outcome }) => operation === 'revoke' && outcome === 'failed')
    await mcp.vault.revoke({ everything: true, reason })
    expect(failures()).toMatchObject([{ tenant: 'ada', reason: 'MCP_CONNECTION_ERROR' }])
    await mcp.vault.maintain({ everything: true })
    expect(failures()).toHaveLength(2)
  })

  it('leaves the grant of an unreachable provider to maintain(), which drops it after a day', async () => {
    const { mcp, connect, protocol, clock, seen, store } = setUp()
    await connect('ada')
    await connect('bob')
    const { revoke } = protocol
    protocol.revoke = () => Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'The provider is down.'))
    expect(await mcp.vault.revoke({ everything: true, reason })).toMatchObject({ revoked: 2, endedAtProvider: 0 })
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 0, failures: [{}, {}] })
    protocol.revoke = (context, grant) =>
      grant.accessToken === 'access-1'
        ? Promise.resolve(revoke?.(context, grant))
        : Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'The provider is down.'))
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 1, failures: [{ tenant: 'bob' }] })
    expect(seen.revoked).toEqual(['access-1'])
    await clock.advance(24 * HOUR)
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 0, failures: [{ tenant: 'bob' }] })
    expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ removed: 0, failures: [] })
    expect(JSON.stringify((await store.list('connection/')).entries)).not.toMatch(/access-|refresh-/)
  })

  it('does not wait for a provider that hangs', async () => {
    const { mcp, connect, protocol, clock } = setUp()
    await connect('ada')
    protocol.revoke = ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      })
    expect(await clock.until(mcp.vault.revoke({ tenant: 'ada', reason }))).toMatchObject({
      revoked: 1,
      failures: [{ error: { code: 'TIMEOUT' } }],
    })
  })

  it('takes everything out of use before the first provider is called', async () => {
    const { mcp, connect, protocol } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    const states: string[] = []
    protocol.revoke = async () => {
      for (const tenant of ['ada', 'bob', 'cyd']) states.push((await mcp.as(tenant).notes.status()).state)
    }
    await mcp.vault.revoke({ everything: true, reason, concurrency: 1 })
    expect(states).toEqual(Array(9).fill('revoked'))
  })

  it('leaves an interrupted run to the next run or to maintain()', async () => {
    const { mcp, connect, seen, store, protocol } = setUp()
    for (const tenant of ['ada', 'bob', 'cyd']) await connect(tenant)
    const stop = new AbortController()
    const { revoke } = protocol
    protocol.revoke = async (context, grant) => {
      stop.abort()
      await revoke?.(context, grant)
    }
    const options = { everything: true, reason, concurrency: 1 } as const
    const first = await mcp.vault.revoke({ ...options, signal: stop.signal })
    expect(first).toMatchObject({ revoked: 3, endedAtProvider: 1, finished: false })
    expect(await mcp.vault.maintain({ everything: true, concurrency: 1 })).toMatchObject({ removed: 2, finished: true })
    expect(seen.revoked).toHaveLength(3)
    expect(JSON.stringify((await store.list('connection/')).entries)).not.toMatch(/access-|refresh-/)
    expect(await mcp.vault.revoke(options)).toMatchObject({ revoked: 0, endedAtProvider: 0, finished: true })
  })

  it('leaves credentials of the composition alone', async () => {
    const { connector, transport, clock, issue } = keyService()
    const mcp = createMcpClient({
      connectors: { keys: connector('keys', true)(issue('app')) },
      vault: vault(),
      transport,
      clock,
    })
    expect(await mcp.vault.revoke({ everything: true, reason })).toMatchObject({ revoked: 0 })
    expect(await mcp.as('ada').keys.call('read_note', {})).toEqual({ with: keyOf('app') })
  })
})
