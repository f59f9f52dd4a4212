import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { microsoftTodo } from '../src/index.ts'
import type { MicrosoftTodoTypes } from '../src/index.ts'

const connectors = { todo: microsoftTodo({ clientId: 'c', clientSecret: 's', tenant: 'consumers' }) }
const ada = createMcpClient({ connectors }).as('ada')
const at = { listId: 'l1', taskId: 't1' }

it('types calls from the schemas', () => {
  const found = () => ada.todo.call('list_tasks', { listId: 'l1' })
  type Task = Awaited<ReturnType<typeof found>>['value'][number]
  expectTypeOf<Task['id']>().toEqualTypeOf<string>()
  expectTypeOf<Task['categories']>().toEqualTypeOf<string[] | undefined>()
  expectTypeOf(ada.todo.call('delete_task', at)).resolves.toEqualTypeOf<{ deleted: true }>()
})

it('rejects wrong calls', () => {
  // @ts-expect-error an unknown option
  microsoftTodo({ clientID: 'c' })
  // @ts-expect-error the title is required
  void ada.todo.call('create_task', { listId: 'l1' })
  // @ts-expect-error a title cannot be removed
  void ada.todo.call('update_task', { ...at, title: null })
  void ada.todo.call('update_task', { ...at, dueDateTime: null })
  // @ts-expect-error a Date has no time zone
  void ada.todo.call('update_task', { ...at, dueDateTime: new Date() })
  // @ts-expect-error an unknown status
  void ada.todo.call('update_task', { ...at, status: 'done' })
})

it('types the sync and its rows', () => {
  void ada.todo.syncData('tasks', { direction: 'both', params: { listId: 'l1' } })
  // @ts-expect-error there is no such sync
  void ada.todo.syncData('lists', { direction: 'pull' })
  // @ts-expect-error a wrong parameter
  void ada.todo.syncData('tasks', { direction: 'pull', params: { list: 'l1' } })
  type Row = MicrosoftTodoTypes['syncs']['tasks']['item']
  expectTypeOf<Row['title']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Row>().not.toHaveProperty('lastModifiedDateTime')
})
