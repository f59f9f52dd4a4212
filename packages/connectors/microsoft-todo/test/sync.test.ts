import { GRAPH_TOKEN, graphScene } from '@mcpclient/testkit'
import type { GraphSceneOptions } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const setUp = (options: Partial<GraphSceneOptions> = {}) => {
  const scene = graphScene(microsoftTodo({ token: GRAPH_TOKEN }), {
    sync: 'tasks',
    params: { listId: 'tasks' },
    taskLists: [
      { id: 'tasks', displayName: 'Tasks' },
      { id: 'reeds', displayName: 'Reeds' },
    ],
    ...options,
  })
  return {
    ...scene,
    tasks: scene.graph.tasks('tasks'),
    idOf: (title: string) => scene.table.idWhere((row) => row['title'] === title),
  }
}
const due = { dueDateTime: { dateTime: '2026-11-05T00:00:00', timeZone: 'America/New_York' } }

describe('the tasks of a list', () => {
  it('are equal on both sides, and quiet afterwards', async () => {
    const { tasks, table, both, settle, writes } = setUp()
    await tasks.insert({ title: 'Count herons', ...due })
    table.edit('mine', { title: 'Ring egrets', importance: 'high', ...due })
    expect(await settle()).toMatchObject({ success: true })
    expect(new Set(table.rows().map(({ title }) => title))).toEqual(new Set(['Count herons', 'Ring egrets']))
    expect(tasks.all().find(({ title }) => title === 'Ring egrets')).toMatchObject({ importance: 'high', ...due })
    writes()
    const rows = table.writes
    expect(await both()).toMatchObject({ success: true, created: { local: 0, remote: 0 } })
    expect([writes(), table.writes]).toEqual([[], rows])
  })

  it('have rows without empty fields', async () => {
    const { tasks, table, settle } = setUp()
    await tasks.insert({ title: 'Count herons' })
    await settle()
    const [row = {}] = table.rows()
    expect(row).toMatchObject({ title: 'Count herons', status: 'notStarted', importance: 'normal' })
    for (const field of ['body', 'categories', 'dueDateTime']) expect(row[field] ?? null).toBeNull()
    expect(row).not.toHaveProperty('lastModifiedDateTime')
  })

  it('stay in their list', async () => {
    const { graph, table, settle } = setUp()
    await graph.tasks('reeds').insert({ title: 'Cut reeds' })
    table.edit('mine', { title: 'Ring egrets' })
    await settle()
    expect(table.rows()).toHaveLength(1)
    expect(graph.tasks('reeds').all()).toHaveLength(1)
  })

  it('send only the fields that changed, so that what is not modelled stays (S13)', async () => {
    const { tasks, table, both, idOf, writes } = setUp()
    await tasks.insert({ title: 'Count herons', linkedResources: [{ id: 'x' }], ...due })
    await both()
    writes()
    table.edit(idOf('Count herons'), { status: 'completed' })
    await both()
    expect(writes().map(({ method, body }) => [method, body])).toEqual([['PATCH', { status: 'completed' }]])
    expect(tasks.all()).toMatchObject([{ status: 'completed', linkedResources: [{ id: 'x' }], ...due }])
  })

  it('are emptied field by field, and only by null (S14)', async () => {
    const { tasks, table, both, settle, idOf, writes } = setUp()
    const body = { content: 'Bring boots', contentType: 'text' }
    await tasks.insert({ title: 'Count herons', body, categories: ['Field'], importance: 'high', ...due })
    await both()
    writes()
    table.edit(idOf('Count herons'), { body: null, categories: null, dueDateTime: null })
    await settle()
    expect(writes().map((sent) => sent.body)).toEqual([
      { body: { content: '', contentType: 'text' }, categories: [], dueDateTime: null },
    ])
    expect(tasks.all()).toMatchObject([{ title: 'Count herons', importance: 'high', dueDateTime: null }])
  })

  it('never send when a task was completed', async () => {
    const { tasks, table, both, settle, idOf, writes } = setUp()
    const completedDateTime = { dateTime: '2026-11-05T00:00:00.0000000', timeZone: 'UTC' }
    await tasks.insert({ title: 'Count herons', status: 'completed', completedDateTime })
    await both()
    expect(table.rows()).toMatchObject([{ completedDateTime }])
    writes()
    table.edit(idOf('Count herons'), { completedDateTime: null, importance: 'low' })
    await settle()
    expect(writes().map(({ body }) => body)).toEqual([{ importance: 'low' }])
  })

  it('compare a task before they change or remove it, and count that as unconditional', async () => {
    const { tasks, table, both, settle, idOf, sent } = setUp()
    const id = await tasks.insert({ title: 'Count herons' })
    await both()
    table.edit(idOf('Count herons'), { importance: 'high' })
    sent.splice(0)
    expect(await both()).toMatchObject({ unconditional: 1 })
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'GET', 'PATCH'])
    for (const { headers } of sent) expect(headers.has('if-match')).toBe(false)
    await settle()
    table.edit(idOf('Count herons'), { importance: 'low' })
    await tasks.patch(id, { status: 'inProgress' })
    await settle()
    expect(tasks.all()).toMatchObject([{ importance: 'low', status: 'inProgress' }])
    expect(table.rows()).toMatchObject([{ importance: 'low', status: 'inProgress' }])
  })

  it('are not created twice if the response to a create is lost', async () => {
    const { graph, tasks, settle, table } = setUp()
    graph.failNext({ code: 'ServiceUnavailable', operation: 'tasks.create', after: true })
    table.edit('mine', { title: 'Ring egrets' })
    await settle()
    await settle()
    expect(tasks.all()).toMatchObject([{ title: 'Ring egrets' }])
    expect(table.rows()).toHaveLength(1)
  })

  it('are removed on the other side, and what is gone is a success (S23)', async () => {
    const { tasks, settle, table, idOf } = setUp()
    const [one, other] = [await tasks.insert({ title: 'Count herons' }), await tasks.insert({ title: 'Ring egrets' })]
    await settle()
    await tasks.remove(one)
    table.drop(idOf('Ring egrets'))
    await tasks.remove(other)
    expect(await settle()).toMatchObject({ success: true })
    expect([tasks.all(), table.rows()]).toEqual([[], []])
  })

  it('are listed again after Graph has forgotten the delta link, and deletions are found (S1)', async () => {
    const { graph, tasks, both, settle, table } = setUp()
    const id = await tasks.insert({ title: 'Count herons' })
    await tasks.insert({ title: 'Ring egrets' })
    await settle()
    await tasks.remove(id)
    graph.expireDeltaLinks()
    expect(await both()).toMatchObject({ success: true, recovered: 'expired_cursor', deleted: { local: 1 } })
    expect(table.rows()).toMatchObject([{ title: 'Ring egrets' }])
  })
})
