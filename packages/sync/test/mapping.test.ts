import { ConnectorError, createMcpClient, memoryStore } from '@mcpclient/core'
import type { SyncMapping } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { describe, expect, it } from 'vitest'
import { connectorRemote } from '../src/connector-remote.ts'
import { simulatedReplica } from './simulated-replica.ts'
import { provider, SECRET, setUp, tasks, todo } from './todo-scene.ts'

interface Chore {
  readonly name?: string | undefined
  readonly urgent?: boolean | undefined
  readonly room?: string | undefined
}
interface Task {
  readonly title?: string | undefined
  readonly note?: string | undefined
}

const TOO_LONG = 'x'.repeat(20)

const refused = (message: string) => new ConnectorError('INVALID_INPUT', message, { outcome: 'not_processed' })

/** A chore whose urgency is an exclamation mark of the title. A task that starts with a hash has no row. */
const chores: SyncMapping<Chore, Task> = {
  fields: ['name', 'urgent'],
  toRow({ title = '' }) {
    if (title === 'unreadable') throw refused('The title cannot be translated.')
    if (title.startsWith('#')) return undefined
    return { name: title.replace(/!$/, ''), urgent: title.endsWith('!') }
  },
  toItem(_changes, { name = '', urgent }) {
    if (name === TOO_LONG) throw refused('The name is too long for this provider.')
    return { title: `${name}${urgent === true ? '!' : ''}` }
  },
}

/** A chore whose task has the time after a semicolon, which the row lacks. */
const timed: SyncMapping<Chore, Task> = {
  fields: ['name', 'room'],
  readFirst: ['name'],
  toRow: ({ title = '', note }) => ({ name: title.split('; ')[0], room: note }),
  toItem({ name, room }, _row, current) {
    const time = current?.title?.split('; ')[1]
    return {
      ...(name !== undefined && { title: time === undefined ? name : `${name}; ${time}` }),
      ...(room !== undefined && { note: room }),
    }
  },
}

const namesOf = (replica: ReturnType<typeof simulatedReplica>) =>
  replica.rows().map(({ item }) => `${String(item['name'])} ${String(item['urgent'])}`)

describe('a plan with a mapping', () => {
  it('fills a table of another shape, and sends its changes', async () => {
    const { remote, replica, both } = await setUp({ mapping: chores })
    remote.write('a', { title: 'Dishes!', note: 'Not in the table' })
    await both()
    expect(replica.rows().map(({ item }) => item)).toEqual([{ name: 'Dishes', urgent: true }])
    replica.edit(replica.rows()[0]?.id ?? '', { urgent: false })
    replica.edit('mine', { name: 'Windows', urgent: true })
    expect(await both()).toMatchObject({ success: true, updated: { remote: 1 }, created: { remote: 1 } })
    expect(remote.titles()).toEqual(['Dishes', 'Windows!'])
    expect(remote.rows()[0]).toMatchObject({ note: 'Not in the table' })
    expect(await both()).toMatchObject({ created: { local: 0, remote: 0 }, updated: { local: 0, remote: 0 } })
  })

  it('keeps the columns that the mapping does not name', async () => {
    const { remote, replica, both } = await setUp({ mapping: chores })
    remote.write('a', { title: 'Dishes' })
    await both()
    replica.edit(replica.rows()[0]?.id ?? '', { room: 'kitchen' })
    await both()
    remote.write('a', { title: 'Dishes!' })
    await both()
    expect(replica.rows().map(({ item }) => item)).toEqual([{ name: 'Dishes', urgent: true, room: 'kitchen' }])
    expect(remote.titles()).toEqual(['Dishes!'])
  })

  it('treats an item without a row as absent', async () => {
    const { remote, replica, both } = await setUp({ mapping: chores })
    remote.write('a', { title: 'Dishes' })
    remote.write('b', { title: '#private' })
    await both()
    expect(namesOf(replica)).toEqual(['Dishes false'])
    remote.write('a', { title: '#hidden' })
    await both()
    expect(namesOf(replica)).toEqual([])
    remote.expireTokens()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor' })
    expect(remote.titles()).toEqual(['#hidden', '#private'])
  })

  it('parks what cannot be translated, in either direction, and syncs the rest', async () => {
    const { remote, replica, both, capability } = await setUp({ mapping: chores })
    remote.write('a', { title: 'unreadable' })
    remote.write('b', { title: 'Dishes' })
    await both()
    replica.edit('mine', { name: TOO_LONG, urgent: false })
    for (let runs = 0; runs < 4; runs++) await both()
    expect(namesOf(replica)).toContain('Dishes false')
    expect(remote.titles()).toEqual(['unreadable', 'Dishes'])
    const reasons: unknown[] = []
    for await (const { kind, remoteId, reason } of capability.parked({
      connector: 'todo',
      sync: 'tasks',
      tenant: 'ada',
    }))
      reasons.push([kind, remoteId, reason])
    expect(reasons).toContainEqual(['unreadable', 'a', expect.stringContaining('cannot be translated')])
    expect(reasons).toContainEqual(['failing', undefined, expect.stringContaining('too long')])
    replica.edit('mine', { name: 'Short', urgent: false })
    await both()
    expect(remote.titles()).toContain('Short')
  })
})

describe('a mapping that reads first', () => {
  const setUpTimed = async () => {
    const table = simulatedReplica()
    let beforeWrites = (): void => undefined
    // The table is asked for its changes after the provider was read.
    const replica = {
      ...table,
      changes: (since: string | undefined) => {
        beforeWrites()
        return table.changes(since)
      },
    }
    const scene = await setUp({ mapping: timed, replica: () => replica })
    const reads = () =>
      scene.remote.transport.requests.filter(({ method, url }) => method === 'GET' && /tasks/.test(url))
    scene.remote.write('a', { title: 'Dishes; at noon' })
    await scene.both()
    const id = table.rows()[0]?.id ?? ''
    return {
      ...scene,
      edit: (changes: Chore, row = id) => table.edit(row, { ...changes }),
      rows: () => table.rows().map(({ item }) => item),
      reads: () => reads().length,
      once: (effect: () => void) => {
        beforeWrites = () => {
          beforeWrites = () => undefined
          effect()
        }
      },
    }
  }

  it('keeps the part of a value that the row lacks', async () => {
    const { remote, both, edit, reads } = await setUpTimed()
    edit({ name: 'Plates' })
    expect(await both()).toMatchObject({ updated: { remote: 1 } })
    expect(remote.titles()).toEqual(['Plates; at noon'])
    expect(reads()).toBe(1)
  })

  it('reads nothing for other fields and for new items', async () => {
    const { remote, both, edit, reads } = await setUpTimed()
    edit({ room: 'kitchen' })
    edit({ name: 'Windows' }, 'mine')
    await both()
    expect(remote.rows()).toMatchObject([{ title: 'Dishes; at noon', note: 'kitchen' }, { title: 'Windows' }])
    expect(reads()).toBe(0)
  })

  it('merges an item that changed since the write was decided', async () => {
    const { remote, both, edit, rows, once } = await setUpTimed()
    edit({ name: 'Plates' })
    once(() => remote.write('a', { title: 'Dishes; at one', note: 'kitchen' }))
    expect(await both()).toMatchObject({ success: true, conflicts: 0, updated: { remote: 1, local: 1 } })
    expect(remote.titles()).toEqual(['Plates; at one'])
    expect(rows()).toEqual([{ name: 'Plates', room: 'kitchen' }])
  })

  it('creates an item that is gone again, because its row changed', async () => {
    const { remote, both, edit, rows, once } = await setUpTimed()
    edit({ name: 'Plates' })
    once(() => remote.write('a', { deleted: true }))
    await both()
    await both()
    expect([remote.titles(), rows()]).toEqual([['Plates'], [{ name: 'Plates' }]])
  })

  it.each([
    ['an older version', { id: 'a', etag: 'e1', title: 'Dishes; at noon' }, 'conflict'],
    ['what the schema does not allow', { id: 'a', etag: 'e2', title: 7 }, 'conflict'],
    ['a deleted item', undefined, 'gone'],
  ] as const)('sends nothing that is based on %s', async (_what, read, code) => {
    const sent: string[] = []
    const remote = connectorRemote({
      sync: tasks,
      fields: ['title', 'note'],
      params: {},
      mapping: timed,
      send({ name }) {
        sent.push(name)
        const gone = new ConnectorError('MCP_CLIENT_ERROR', 'It is gone.', { providerCode: 'deleted' })
        return read === undefined ? Promise.reject(gone) : Promise.resolve(read)
      },
    })
    expect(await remote.update?.('a', { name: 'Plates' }, { version: 'e2' })).toMatchObject({ code })
    expect(sent).toEqual(['get'])
  })
})

describe('a mapping of sparse items', () => {
  it('leaves out what the item does not name, and empties nothing', async () => {
    const sparse = (body: object) =>
      connectorRemote({
        sync: { ...tasks, sparse: true },
        fields: ['title', 'note'],
        params: {},
        mapping: timed,
        send: () => Promise.resolve({ id: 'a', etag: 'e1', ...body }),
      }).get('a', {})
    expect(await sparse({ note: 'kitchen' })).toStrictEqual({
      ...{ id: 'a', version: 'e1', revision: undefined },
      item: { name: '', room: 'kitchen' },
    })
    expect(await sparse({ title: 'Dishes' })).toMatchObject({ item: { name: 'Dishes' } })
    expect(await sparse({ title: 'Dishes' })).not.toHaveProperty('item.room')
  })
})

describe('one table with two providers', () => {
  it('keeps all three equal', async () => {
    const [one, two] = [provider(), provider()]
    const table = simulatedReplica()
    const plans: readonly SyncPlan[] = ['one', 'two'].map((connector) => ({
      connector,
      sync: 'tasks',
      replica: () => table,
      mapping: chores,
    }))
    const capability = syncs({ plans, secret: SECRET })
    const transport = {
      ...one.transport,
      send: ((request, ...rest) =>
        (request.url.startsWith('https://one.') ? one : two).transport.send(
          request,
          ...rest,
        )) as typeof one.transport.send,
    }
    const mcp = createMcpClient({
      connectors: { one: todo({ baseUrl: 'https://one.example/' }), two: todo({ baseUrl: 'https://two.example/' }) },
      vault: vault({ store: memoryStore() }),
      capabilities: [capability],
      transport,
      state: memoryStore(),
    })
    const ada = mcp.as('ada')
    for (const client of [ada.one, ada.two]) await client.connect({ token: 'token-of-ada' })
    const settle = async () => {
      for (let round = 0; round < 2; round++) {
        await ada.one.syncData('tasks', { direction: 'both', first: 'merge' })
        await ada.two.syncData('tasks', { direction: 'both', first: 'merge' })
      }
    }
    one.write('a', { title: 'From one!' })
    two.write('b', { title: 'From two' })
    table.edit('mine', { name: 'From the table', urgent: false })
    await settle()
    const all = new Set(['From one!', 'From the table', 'From two'])
    expect([new Set(one.titles()), new Set(two.titles())]).toEqual([all, all])
    const there = two.rows().find(({ title }) => title === 'From one!')
    two.write(there?.id ?? '', { title: 'Edited at two' })
    one.write('a', { note: 'Only at one' })
    await settle()
    expect(one.titles()).toContain('Edited at two')
    expect(one.rows().find(({ id }) => id === 'a')).toMatchObject({ title: 'Edited at two', note: 'Only at one' })
    two.write('b', { deleted: true })
    await settle()
    expect([one.titles().length, two.titles().length, table.rows().length]).toEqual([2, 2, 2])
    const writes = table.writes
    await settle()
    expect(table.writes).toBe(writes)
  })
})
