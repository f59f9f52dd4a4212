import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { createFakeClock, errorOf, scriptedTransport } from '@mcpclient/testing'
import type { ScriptedReply } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'

const TOKEN = 'eyJ0.canary-heron'
const at = { listId: 'l1', taskId: 't1' }
const task = { json: { id: 't1' } }

function start(script: readonly ScriptedReply[]) {
  const transport = scriptedTransport(script)
  const clock = createFakeClock()
  const connectors = { todo: microsoftTodo({ token: TOKEN }) }
  const mcp = createMcpClient({ connectors, vault: vault(), transport, clock, random: () => 0.5 })
  return { ada: mcp.as('ada').todo, clock, mcp, transport }
}

describe('a change of a task', () => {
  it('sends the fields that were passed, and no other one', async () => {
    const { ada, transport } = start([task])
    await ada.call('update_task', { ...at, title: 'Count herons', isReminderOn: false, status: undefined })
    expect(transport.requests[0]?.json).toEqual({ title: 'Count herons', isReminderOn: false })
  })

  it.each([
    ['dueDateTime', null],
    ['startDateTime', null],
    ['reminderDateTime', null],
    ['recurrence', null],
    ['categories', []],
    ['body', { content: '', contentType: 'text' }],
  ])('removes %s with what Graph takes for an empty field', async (field, empty) => {
    const { ada, transport } = start([task])
    await ada.call('update_task', { ...at, [field]: null })
    expect(transport.requests[0]?.json).toEqual({ [field]: empty })
  })

  it.each([
    ['no field', {}],
    ['a title of null', { title: null }],
    ['a time with an offset', { dueDateTime: { dateTime: '2026-11-05T00:00:00-05:00', timeZone: 'UTC' } }],
    ['a time without a zone', { dueDateTime: { dateTime: '2026-11-05T00:00:00' } }],
    ['a day as the time', { dueDateTime: { dateTime: '2026-11-05', timeZone: 'UTC' } }],
    ['an unknown status', { status: 'done' }],
    ['a field that Graph sets', { completedDateTime: { dateTime: '2026-11-05T00:00:00', timeZone: 'UTC' } }],
  ])('is refused with %s', async (_what, changes) => {
    const { mcp, transport } = start([])
    const error = await errorOf(mcp.client('todo', 'ada').invoke('update_task', { ...at, ...changes }))
    expect(error.code).toBe('INVALID_INPUT')
    expect(transport.requests).toEqual([])
  })
})

it('sends times as they are, without a conversion', async () => {
  const { ada, transport } = start([task])
  const dueDateTime = { dateTime: '2026-11-01T01:30:00', timeZone: 'America/New_York' }
  await ada.call('create_task', { listId: 'l1', title: 'Count herons', dueDateTime })
  expect(transport.requests[0]?.json).toEqual({ title: 'Count herons', dueDateTime })
})

describe('a list', () => {
  const next = 'https://graph.microsoft.com/v1.0/me/todo/lists/l1/tasks?$skip=100'

  it('is one page unless the caller asks for more, and reports that there is more', async () => {
    const { ada, transport } = start([{ json: { value: [{ id: 'a' }], '@odata.nextLink': next } }])
    expect(await ada.call('list_tasks', { listId: 'l1' })).toEqual({ value: [{ id: 'a' }], complete: false })
    transport.verify()
  })

  it('follows a link after an empty page (S4)', async () => {
    const { ada } = start([{ json: { value: [], '@odata.nextLink': next } }, { json: { value: [{ id: 'b' }] } }])
    const all = await ada.call('list_tasks', { listId: 'l1' }, { maxPages: 5 })
    expect(all).toEqual({ value: [{ id: 'b' }], complete: true })
  })
})

it('escapes ids', async () => {
  const { ada, transport } = start([{ status: 204 }])
  await ada.call('delete_checklist_item', { listId: 'a/b=', taskId: '../me', checklistItemId: 'x?y#z' })
  expect(transport.requests[0]?.path).toBe('/v1.0/me/todo/lists/a%2Fb%3D/tasks/..%2Fme/checklistItems/x%3Fy%23z')
})

it.each(['javascript:alert(1)', 'file:///etc/passwd', 'marshes'])('links to no %s', async (webUrl) => {
  const { ada } = start([])
  const link = { ...at, applicationName: 'Marshes', displayName: 'Count 17', webUrl }
  expect((await errorOf(ada.call('create_linked_resource', link))).code).toBe('INVALID_INPUT')
})

it('does not repeat a create whose response was lost, and says how to check', async () => {
  const { ada, clock, transport } = start([{ status: 503, json: { error: { code: 'serviceNotAvailable' } } }])
  const error = await errorOf(clock.until(ada.call('create_task', { listId: 'l1', title: 'Count herons' })))
  expect(error).toMatchObject({ details: { outcome: 'unknown' } })
  expect(error.advice).toMatch(/lastModifiedDateTime desc/)
  transport.verify()
})

describe('connecting', () => {
  it('verifies a token with the lists', async () => {
    const transport = scriptedTransport([{ json: { value: [] } }])
    const connectors = { todo: microsoftTodo() }
    const mcp = createMcpClient({ connectors, vault: vault(), transport, clock: createFakeClock() })
    expect(await mcp.as('ada').todo.connect({ token: TOKEN })).toEqual({ status: 'connected' })
    expect(transport.requests).toMatchObject([
      { path: '/v1.0/me/todo/lists', headers: { authorization: `Bearer ${TOKEN}` } },
    ])
  })

  it('asks for the one scope that includes the other', () => {
    const scopes = microsoftTodo.profile.auth.flow?.scopes
    expect(scopes).toEqual(['openid', 'profile', 'email', 'offline_access', 'Tasks.ReadWrite'])
  })
})

it('marks the words of members of shared lists, and the list that a write goes to', async () => {
  const { ada } = start([])
  const tools = await ada.listTools()
  const marks = (name: string) => tools.find((each) => each.name === name)
  expect(marks('create_task')?.inputMarks).toEqual([{ path: ['listId'], destination: 'channel' }])
  const written = marks('get_task')?.outputMarks?.filter(({ untrusted }) => untrusted)
  expect(written?.map(({ path }) => path.join('.'))).toEqual([
    'title',
    'body.content',
    'checklistItems.*.displayName',
    'linkedResources.*.webUrl',
    'linkedResources.*.applicationName',
    'linkedResources.*.displayName',
    'linkedResources.*.externalId',
  ])
})
