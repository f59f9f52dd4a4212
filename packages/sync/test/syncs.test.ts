import { causeOf, createMcpClient, memoryStore } from '@mcpclient/core'
import { syncs } from '@mcpclient/sync'
import type { Replica, SyncPlan } from '@mcpclient/sync'
import { describe, expect, it } from 'vitest'
import { simulatedReplica } from './simulated-replica.ts'
import { provider, SECRET, setUp, todo } from './todo-scene.ts'

const titlesOf = (replica: ReturnType<typeof simulatedReplica>) => replica.rows().map(({ item }) => item['title'])

describe('syncs', () => {
  it('pulls every page of the provider into the table of the host', async () => {
    const { remote, replica, targets, both } = await setUp()
    for (const id of ['a', 'b', 'c']) remote.write(id, { title: `Task ${id}` })
    const result = await both()
    expect(result).toMatchObject({ success: true, complete: true, created: { local: 3, remote: 0 }, pages: 2 })
    expect(result.timestamp).toBeInstanceOf(Date)
    expect(titlesOf(replica)).toEqual(['Task a', 'Task b', 'Task c'])
    expect(targets).toEqual([
      { connector: 'todo', sync: 'tasks', tenant: 'ada', connection: 'default', params: { list: 'inbox' } },
    ])
  })

  it('pushes what the host changed, and is quiet afterwards', async () => {
    const { remote, replica, both } = await setUp()
    remote.write('a', { title: 'Old', note: 'Stays' })
    await both()
    replica.edit(replica.rows()[0]?.id ?? '', { title: 'New' })
    replica.edit('mine', { title: 'Mine' })
    expect(await both()).toMatchObject({ success: true, updated: { remote: 1 }, created: { remote: 1 } })
    expect(remote.titles()).toEqual(['New', 'Mine'])
    const writes = replica.writes
    const requests = remote.transport.requests.length
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect(replica.writes).toBe(writes)
    expect(remote.transport.requests.slice(requests).every(({ method }) => method === 'GET')).toBe(true)
  })

  it('empties a field on the other side', async () => {
    const { remote, replica, both } = await setUp()
    remote.write('a', { title: 'Task', note: 'To be removed' })
    await both()
    remote.write('a', { note: null as never })
    await both()
    expect(replica.rows().map(({ item }) => item)).toEqual([{ title: 'Task' }])
  })

  it('removes on one side what was removed on the other', async () => {
    const { remote, replica, both } = await setUp()
    for (const id of ['a', 'b']) remote.write(id, { title: id })
    await both()
    remote.write('a', { deleted: true })
    replica.drop(replica.rows()[1]?.id ?? '')
    expect(await both()).toMatchObject({ success: true, deleted: { local: 1, remote: 1 } })
    expect([remote.titles(), titlesOf(replica)]).toEqual([[], []])
  })

  it('lists everything again after the token has expired', async () => {
    const { remote, both, replica } = await setUp()
    remote.write('a', { title: 'a' })
    await both()
    remote.write('b', { title: 'b' })
    remote.expireTokens()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', created: { local: 1 } })
    expect(titlesOf(replica)).toEqual(['a', 'b'])
  })

  it('parks an item that does not match the schema, and syncs the others', async () => {
    const { remote, replica, both, capability } = await setUp()
    remote.write('a', { title: 7 as never })
    remote.write('b', { title: 'b' })
    expect(await both()).toMatchObject({ complete: true, skipped: 1, created: { local: 1 } })
    expect(titlesOf(replica)).toEqual(['b'])
    // It is read again by its id, and parked after the third failure.
    await both()
    await both()
    const parked = []
    for await (const record of capability.parked({ connector: 'todo', sync: 'tasks', tenant: 'ada' }))
      parked.push(record)
    expect(parked).toMatchObject([{ kind: 'unreadable', remoteId: 'a' }])
  })

  it('parks a conflict, and applies the decision of the host', async () => {
    const { remote, replica, both, capability } = await setUp({ policy: 'park' })
    remote.write('a', { title: 'First' })
    await both()
    remote.write('a', { title: 'Theirs' })
    replica.edit(replica.rows()[0]?.id ?? '', { title: 'Ours' })
    expect(await both()).toMatchObject({ conflicts: 1, parked: 1 })
    const target = { connector: 'todo', sync: 'tasks', tenant: 'ada' }
    for await (const { id, fields } of capability.parked(target)) {
      expect(fields).toEqual({ title: { remote: 'Theirs', local: 'Ours' } })
      await capability.resolve(target, id, 'local')
    }
    await both()
    expect([remote.titles(), titlesOf(replica)]).toEqual([['Ours'], ['Ours']])
  })

  it.each([undefined, 'app', 'default'])(
    'finds the state of a connector with a credential of the app, with the connection %s',
    async (connection) => {
      const remote = provider()
      const replica = simulatedReplica()
      const state = memoryStore()
      const plan: SyncPlan = { connector: 'todo', sync: 'tasks', replica: () => replica, policy: 'park' }
      const capability = syncs({ plans: [plan], secret: SECRET })
      const mcp = createMcpClient({
        connectors: { todo: todo({ token: 'token-of-the-app' }) },
        capabilities: [capability],
        transport: remote.transport,
        state,
      })
      const both = () => mcp.as('ada').todo.syncData('tasks', { direction: 'both' })
      remote.write('a', { title: 'First' })
      await both()
      remote.write('a', { title: 'Theirs' })
      replica.edit(replica.rows()[0]?.id ?? '', { title: 'Ours' })
      await both()
      const target = { connector: 'todo', sync: 'tasks', tenant: 'ada', connection }
      for await (const { id } of capability.parked(target)) await capability.resolve(target, id, 'local')
      await both()
      expect([remote.titles(), titlesOf(replica)]).toEqual([['Ours'], ['Ours']])
      await capability.forget(target)
      expect((await state.list('sync/')).entries).toEqual([])
    },
  )

  it('returns the cause of an internal error, and does not serialize it', async () => {
    const cause = new Error('connection lost, password=hunter2')
    const table: Replica = {
      ...simulatedReplica(),
      changes: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(cause) }) }),
    }
    const { both } = await setUp({ replica: () => table })
    const { errors } = await both()
    expect(errors).toMatchObject([{ code: 'API_INTERNAL_ERROR' }])
    expect(causeOf(errors[0])).toBe(cause)
    expect(JSON.stringify(errors)).not.toContain('hunter2')
  })

  it('creates a row that the provider refused from its current content', async () => {
    const { remote, replica, both } = await setUp()
    replica.edit('mine', { title: 'refused' })
    expect(await both()).toMatchObject({ created: { remote: 0 }, errors: [{ message: expect.any(String) }] })
    replica.edit('mine', { title: 'Corrected' })
    expect(await both()).toMatchObject({ success: true, created: { remote: 1 } })
    expect(remote.titles()).toEqual(['Corrected'])
    replica.edit('other', { title: 'refused' })
    await both()
    replica.drop('other')
    expect(await both()).toMatchObject({ success: true, errors: [] })
    expect([remote.titles(), titlesOf(replica)]).toEqual([['Corrected'], ['Corrected']])
  })

  it('rejects params that name no state, so that no other state is forgotten', async () => {
    const { remote, both, capability, state } = await setUp()
    remote.write('a', { title: 'a' })
    await both()
    const before = (await state.list('sync/')).entries
    const target = { connector: 'todo', sync: 'tasks', tenant: 'ada', params: { list: 1 } }
    await expect(capability.forget(target)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect((await state.list('sync/')).entries).toEqual(before)
  })

  it('writes nothing in a preview', async () => {
    const { remote, replica, ada, state } = await setUp()
    remote.write('a', { title: 'a' })
    const preview = await ada.syncData('tasks', { direction: 'both', preview: true })
    expect(preview).toMatchObject({ success: true, created: { local: 1 } })
    expect([replica.rows(), (await state.list('')).entries]).toEqual([[], []])
  })

  it('keeps one state for each set of params', async () => {
    const { remote, ada, state, targets } = await setUp()
    remote.write('a', { title: 'a' })
    await ada.syncData('tasks', { direction: 'pull', params: { list: 'one' } })
    await ada.syncData('tasks', { direction: 'pull', params: { list: 'two' } })
    const places = (await state.list('sync/')).entries.filter(({ key }) => key.endsWith('/place'))
    expect(places).toHaveLength(2)
    expect(targets).toMatchObject([{ params: { list: 'one' } }, { params: { list: 'two' } }])
  })

  it('forgets the state of a connection that is disconnected', async () => {
    const { remote, ada, both, state } = await setUp()
    remote.write('a', { title: 'a' })
    await both()
    expect((await state.list('sync/')).entries).not.toEqual([])
    await ada.disconnect()
    await expect.poll(async () => (await state.list('sync/')).entries).toEqual([])
  })

  it('holds no value of a record in its state', async () => {
    const { remote, both, state } = await setUp()
    remote.write('a', { title: 'Call the doctor' })
    await both()
    expect(JSON.stringify((await state.list('')).entries)).not.toContain('doctor')
  })

  it('reports a failure of the provider in the result', async () => {
    const { both, ada } = await setUp()
    await ada.disconnect()
    const result = await both()
    expect(result).toMatchObject({ success: false, errors: [{ code: 'MCP_AUTHENTICATION_FAILURE' }] })
  })
})

describe('the options of syncs', () => {
  const replica = () => simulatedReplica()
  it('need a secret of at least 32 characters', () => {
    expect(() => syncs({ plans: [], secret: 'short' })).toThrow('has fewer than 32 characters')
  })

  it('S27: have one plan for each sync, and no two that feed each other', () => {
    const plan: SyncPlan = { connector: 'todo', sync: 'tasks', replica }
    expect(() => syncs({ plans: [plan, plan], secret: SECRET })).toThrow('Two plans are for todo.tasks.')
  })

  it('name a sync of a composed connector', () => {
    const compose = (sync: string) =>
      createMcpClient({
        connectors: { todo: todo({ token: 'x' }) },
        capabilities: [syncs({ plans: [{ connector: 'todo', sync, replica }], secret: SECRET })],
      })
    expect(() => compose('task')).toThrow('A plan names todo.task, which is no sync.')
    expect(() => compose('tasks')).not.toThrow()
  })
})
