import { Task as Row } from '@mcpclient/shapes'
import { GRAPH_TOKEN, graphScene, readFixtures } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import { microsoftTodo } from '../src/index.ts'
import { tasks } from '../src/mapping.ts'
import { Task } from '../src/task.ts'

type Item = Omit<z.output<typeof Task>, 'id'>

/** Returns the tasks in a response. */
const tasksIn = (body: unknown): readonly object[] => {
  if (typeof body !== 'object' || body === null) return []
  return 'importance' in body ? [body] : Object.values(body).flatMap(tasksIn)
}
const fixtures = readFixtures(import.meta.dirname)
  .flatMap(({ responses }) => responses.flatMap(({ json }) => tasksIn(json)))
  .flatMap((task) => {
    const parsed = Task.safeParse(task)
    return parsed.success ? [parsed.data] : []
  })

const full: Item = {
  title: 'Count herons',
  body: { content: '<b>Bring</b> a scope', contentType: 'html' },
  dueDateTime: { dateTime: '2026-11-05T00:00:00', timeZone: 'UTC' },
  status: 'completed',
  completedDateTime: { dateTime: '2026-11-04T00:00:00.0000000', timeZone: 'UTC' },
  importance: 'high',
}
const rowOf = (item: Item): Row => tasks.toRow(item) ?? {}
const dueOf = (dateTime: string, timeZone = 'UTC') => rowOf({ dueDateTime: { dateTime, timeZone } }).due

describe('the mapping of tasks', () => {
  it('reads tasks of the fixtures', () => {
    expect(fixtures.length).toBeGreaterThan(2)
  })

  it.each([...fixtures, full].map((item, at) => [at, item] as const))('loses nothing of a task: %i', (_at, item) => {
    const row = rowOf(item)
    expect(Row.parse(row)).toEqual(row)
    const { dueDateTime, ...sent } = tasks.toItem(row, row, item) as Item
    expect(item).toMatchObject(sent)
    expect(rowOf({ ...item, ...sent, dueDateTime })).toEqual(row)
  })

  it('names every field of a task, or leaves it to To Do', () => {
    const left = ['categories', 'startDateTime', 'reminderDateTime', 'isReminderOn', 'recurrence']
    const time = full.dueDateTime
    const more = { categories: ['x'], startDateTime: time, reminderDateTime: time, isReminderOn: true, recurrence: {} }
    const parsed = Task.safeParse({ id: '1', ...full, ...more })
    expect(new Set(['id', ...left, ...Object.keys(full)])).toEqual(
      new Set(Object.keys(parsed.success ? parsed.data : {})),
    )
    expect(new Set(tasks.fields)).toEqual(new Set(Object.keys(Row.shape)))
  })

  it.each([
    ['New York', '2026-11-05T05:00:00.0000000'],
    ['Honolulu', '2026-11-05T10:00:00.0000000'],
    ['London', '2026-11-05T00:00:00.0000000'],
    ['Berlin', '2026-11-04T23:00:00.0000000'],
    ['Kolkata', '2026-11-04T18:30:00.0000000'],
    ['Auckland in summer', '2026-11-04T11:00:00.0000000'],
  ])('has the day of a user in %s', (_place, dateTime) => {
    expect(dueOf(dateTime)).toBe('2026-11-05')
  })

  it('has the day of a time in a zone', () => {
    expect(dueOf('2026-11-05T23:00:00', 'Pacific Standard Time')).toBe('2026-11-05')
  })

  it.each([
    ['inProgress', false, 'inProgress'],
    ['completed', false, 'notStarted'],
    ['deferred', true, 'completed'],
    [undefined, false, 'notStarted'],
  ])('changes the status %s with completed: %s', (status, completed, sent) => {
    expect(tasks.toItem({ completed }, {}, { status })).toEqual({ status: sent })
  })

  it('keeps the type of a body, and empties what a row empties', () => {
    expect(tasks.toItem({ notes: 'Bring one' }, {}, full)).toEqual({
      body: { content: 'Bring one', contentType: 'html' },
    })
    expect(tasks.toItem({ notes: 'Bring one' }, {})).toEqual({ body: { content: 'Bring one', contentType: 'text' } })
    expect(tasks.toItem({ notes: null, due: null, importance: null }, {}, full)).toEqual({
      ...{ body: null, dueDateTime: null, importance: null },
    })
  })

  it('refuses a due date that is no day', () => {
    expect(() => tasks.toItem({ due: 'tomorrow' }, {})).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })
})

describe('a plan with the mapping of tasks', () => {
  it('keeps a table of shared rows equal with a list, both ways', async () => {
    const scene = graphScene(microsoftTodo({ token: GRAPH_TOKEN }), {
      sync: 'tasks',
      params: { listId: 'tasks' },
      taskLists: [{ id: 'tasks', displayName: 'Tasks' }],
      plan: { mapping: tasks },
    })
    const { graph, table, both, settle, writes } = scene
    const list = graph.tasks('tasks')
    await list.insert({
      title: 'Count herons',
      status: 'inProgress',
      dueDateTime: full.dueDateTime,
      categories: ['Birds'],
    })
    await settle()
    expect(table.rows()).toMatchObject([{ title: 'Count herons', completed: false, due: '2026-11-05' }])
    table.edit(
      table.idWhere(() => true),
      { notes: 'Bring a scope', due: '2026-11-06' },
    )
    table.edit('mine', { title: 'Ring egrets', completed: true, due: '2026-11-07' })
    expect(await settle()).toMatchObject({ success: true })
    const byTitle = (name: string) => list.all().find(({ title }) => title === name)
    expect(byTitle('Count herons')).toMatchObject({ status: 'inProgress', categories: ['Birds'] })
    expect(byTitle('Count herons')).toMatchObject({ body: { content: 'Bring a scope', contentType: 'text' } })
    expect(byTitle('Ring egrets')).toMatchObject({ status: 'completed' })
    writes()
    const rows = table.writes
    await both()
    expect([writes(), table.writes]).toEqual([[], rows])
  })
})
