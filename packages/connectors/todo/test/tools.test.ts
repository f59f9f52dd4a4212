import { createMcpClient, memoryStore } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { todo } from '../src/index.ts'
import { start } from './start.ts'

const herons = { title: 'Count herons', notes: 'At the weir.', due: '2026-11-05', tags: ['birds', 'birds', 'river'] }

describe('a task', () => {
  it('is created with defaults and read again', async () => {
    const { ada, clock } = start()
    const task = await ada.call('create_task', herons)
    const at = new Date(clock.now()).toISOString()
    expect(task).toEqual({
      ...herons,
      id: expect.stringMatching(/^[a-z0-9]{25}$/),
      tags: ['birds', 'river'],
      priority: 'normal',
      status: 'open',
      createdAt: at,
      updatedAt: at,
      changed: true,
    })
    const { changed: _changed, ...stored } = task
    expect(await ada.call('get_task', { id: task.id })).toEqual(stored)
  })

  it('is completed once and reopened', async () => {
    const { ada, clock } = start()
    const { id } = await ada.call('create_task', { title: 'Mend the gate' })
    await clock.advance(1000)
    const at = new Date(clock.now()).toISOString()
    const done = { status: 'done', completedAt: at, updatedAt: at }
    expect(await ada.call('complete_task', { id })).toMatchObject({ ...done, changed: true })
    await clock.advance(1000)
    expect(await ada.call('complete_task', { id })).toMatchObject({ ...done, changed: false })
    const open = await ada.call('reopen_task', { id })
    expect(open).toMatchObject({ status: 'open', changed: true })
    expect(open).not.toHaveProperty('completedAt')
    expect(await ada.call('reopen_task', { id })).toMatchObject({ changed: false })
  })

  it('keeps the fields that an update does not pass, and empties those that are null', async () => {
    const { ada } = start()
    const { id } = await ada.call('create_task', { ...herons, priority: 'high' })
    const renamed = await ada.call('update_task', { id, title: 'Count egrets' })
    expect(renamed).toMatchObject({ ...herons, title: 'Count egrets', tags: ['birds', 'river'], priority: 'high' })
    expect(renamed.previous).toEqual({ title: 'Count herons' })
    const empty = { notes: null, due: null, priority: null, tags: null }
    const { previous, ...task } = await ada.call('update_task', { id, ...empty })
    expect(task).toMatchObject({ priority: 'normal', tags: [] })
    expect(task).not.toHaveProperty('notes')
    expect(task).not.toHaveProperty('due')
    expect(previous).toEqual({ notes: herons.notes, due: herons.due, priority: 'high', tags: ['birds', 'river'] })
    expect(await ada.call('update_task', { id, ...empty })).toMatchObject({ changed: false, previous: {} })
  })

  it('is deleted once', async () => {
    const { ada } = start()
    const { id } = await ada.call('create_task', { title: 'Mend the gate' })
    expect(await ada.call('delete_task', { id })).toEqual({ deleted: true })
    expect(await ada.call('delete_task', { id })).toEqual({ deleted: false })
  })

  it('is created once for each id of the client', async () => {
    const { ada } = start()
    const first = await ada.call('create_task', { id: 'gate-1', title: 'Mend the gate' })
    await ada.call('update_task', { id: 'gate-1', title: 'Mend the old gate' })
    const again = await ada.call('create_task', { id: 'gate-1', title: 'Mend the gate' })
    expect(again).toMatchObject({ title: 'Mend the old gate', createdAt: first.createdAt, changed: false })
    expect((await ada.call('list_tasks', {})).tasks).toHaveLength(1)
  })

  it('keeps fields that a later version of the package stored', async () => {
    const { ada, store } = start()
    await ada.call('create_task', { id: 'gate-1', title: 'Mend the gate' })
    const row = await store.get('todo/ada/default/gate-1')
    await store.put('todo/ada/default/gate-1', JSON.stringify({ ...JSON.parse(row?.value ?? ''), colour: 'red' }))
    await ada.call('complete_task', { id: 'gate-1' })
    expect((await store.get('todo/ada/default/gate-1'))?.value).toContain('"colour":"red"')
    expect(await ada.call('get_task', { id: 'gate-1' })).not.toHaveProperty('colour')
  })
})

describe('an invalid call', () => {
  it.each([
    ['create_task', {}, 'title'],
    ['create_task', { title: ' ' }, 'title'],
    ['create_task', { title: 'Mend', due: '2026-02-30' }, 'due'],
    ['create_task', { title: 'Mend', id: 'a/b' }, 'id'],
    ['create_task', { title: 'Mend', priority: 'urgent' }, 'priority'],
    ['update_task', { id: 'gate-1' }, ''],
    ['update_task', { id: 'gate-1', title: null }, 'title'],
    ['list_tasks', { limit: 0 }, 'limit'],
    ['get_task', { id: '../bob' }, 'id'],
  ])('%s with %j names the field', async (tool, input, path) => {
    const error = await errorOf(start().ada.invoke(tool, input))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path }] } })
  })

  it.each(['get_task', 'update_task', 'complete_task', 'reopen_task'])(
    '%s reports a missing task and how to find it',
    async (tool) => {
      const input = { id: 'gone', ...(tool === 'update_task' && { title: 'Mend' }) }
      const error = await errorOf(start().ada.invoke(tool, input))
      expect(error).toMatchObject({ code: 'MCP_CLIENT_ERROR', details: { status: 404, outcome: 'not_processed' } })
      expect(error.message).toBe('There is no task "gone".')
      expect(error.advice).toContain('list_tasks')
    },
  )
})

it('requires a store', () => {
  for (const options of [undefined, {}, { store: {} }]) {
    expect(() => todo(options as never)).toThrow('todo() requires a store.')
  }
})

describe('tenants and accounts', () => {
  it('have separate lists, whatever their names are', async () => {
    const store = memoryStore()
    const { mcp } = start({ store })
    const lists = [
      mcp.as('ada').todo,
      mcp.as('ada').todo.at('work'),
      mcp.as('ada/work').todo,
      mcp.as('ada/default').todo,
      mcp.as('ad').todo,
      mcp.as('%61da').todo,
      mcp.as('Ada').todo,
    ]
    for (const [index, list] of lists.entries()) await list.call('create_task', { id: 'same', title: `${index}` })
    for (const [index, list] of lists.entries()) {
      const { tasks } = await list.call('list_tasks', {})
      expect(tasks.map(({ title }) => title)).toEqual([`${index}`])
    }
    await mcp.as('ada').todo.call('delete_task', { id: 'same' })
    expect(await mcp.as('ada').todo.at('work').call('get_task', { id: 'same' })).toMatchObject({ title: '1' })
  })

  it('share nothing with another namespace of the store', async () => {
    const store = memoryStore()
    const connectors = { todo: todo({ store }), chores: todo({ store, namespace: 'chores' }) }
    const ada = createMcpClient({ connectors }).as('ada')
    await ada.todo.call('create_task', { title: 'Mend the gate' })
    expect((await ada.chores.call('list_tasks', {})).tasks).toEqual([])
  })
})

describe('governance', () => {
  it('asks the approver with the preview, and writes nothing if it denies', async () => {
    const seen: unknown[] = []
    const approve = ({ toolName, preview, effect }: { toolName: string; preview?: string; effect: string }) => {
      seen.push([toolName, preview, effect])
      return false
    }
    const { ada, store } = start({ mcp: { permissions: { approve } } })
    expect(await errorOf(ada.call('create_task', { title: 'Mend' }))).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(await errorOf(ada.call('delete_task', { id: 'gate-1' }))).toMatchObject({ code: 'PERMISSION_DENIED' })
    expect(await ada.call('list_tasks', {})).toEqual({ tasks: [], unreadable: [] })
    expect(seen).toEqual([
      ['create_task', 'Create the task "Mend".', 'write'],
      ['delete_task', 'Delete the task gate-1 for good.', 'destroy'],
    ])
    expect((await store.list('')).entries).toEqual([])
  })

  it('enforces the policy of the host', async () => {
    const { ada } = start({ mcp: { permissions: { policy: { effects: ['read'] } } } })
    expect(await errorOf(ada.call('create_task', { title: 'Mend' }))).toMatchObject({ code: 'PERMISSION_DENIED' })
  })

  it('describes every tool with schemas, marks and reversibility', async () => {
    const tools = await start().ada.listTools()
    expect(tools.map(({ name, effect, reversible }) => [name, effect, reversible])).toEqual([
      ['list_tasks', 'read', undefined],
      ['get_task', 'read', undefined],
      ['create_task', 'write', true],
      ['update_task', 'write', true],
      ['complete_task', 'write', true],
      ['reopen_task', 'write', true],
      ['delete_task', 'destroy', false],
    ])
    const marked = tools.find(({ name }) => name === 'list_tasks')?.outputMarks
    expect(marked).toContainEqual({ path: ['tasks', '*', 'notes'], private: true, untrusted: true })
    for (const { examples = [], name } of tools) {
      for (const { input } of examples) await expect(start().ada.invoke(name, input)).resolves.toBeDefined()
    }
  })

  it('serves an envelope as any other connector does', async () => {
    const { mcp } = start()
    const request = { server_id: 'todo', tool_name: 'create_task', tool_input: { title: 'Mend' } }
    const envelope = await mcp.handle(request, 'ada')
    expect(envelope).toMatchObject({ status: 'success', tool_output: { title: 'Mend', changed: true } })
  })

  it('checks the store for health()', async () => {
    expect(await start().ada.health()).toMatchObject({ status: 'healthy' })
    const store = { ...memoryStore(), get: () => Promise.reject(new Error('down')) }
    const { ada, clock } = start({ store })
    expect(await clock.until(ada.health())).toMatchObject({ status: 'unhealthy' })
  })
})

describe('undo', () => {
  type Undo = (done: { input: unknown; output: unknown }) => { tool: string; input: object } | undefined
  const { tools = {} } = todo({ store: memoryStore() })
  const undoOf = (tool: string) => tools[tool]?.undo as Undo

  it('returns the call that restores the task, or none if nothing changed', async () => {
    const { ada } = start()
    const { id } = await ada.call('create_task', { ...herons, id: 'h' })
    const original = await ada.call('get_task', { id })
    const calls: [string, object][] = [
      ['update_task', { id, title: 'Count egrets', notes: null, due: null, tags: null }],
      ['complete_task', { id }],
    ]
    for (const [tool, input] of calls) {
      const output = await ada.invoke(tool, input)
      const undo = undoOf(tool)
      const reversal = undo({ input, output })
      await ada.invoke(reversal?.tool ?? '', reversal?.input)
      expect(await ada.call('get_task', { id })).toEqual({ ...original, updatedAt: expect.any(String) })
      expect(undo({ input, output: { ...(output as object), changed: false } })).toBeUndefined()
    }
    const output = await ada.call('create_task', { title: 'Mend' })
    const reversal = undoOf('create_task')({ input: {}, output })
    expect(await ada.invoke(reversal?.tool ?? '', reversal?.input)).toEqual({ deleted: true })
  })
})
