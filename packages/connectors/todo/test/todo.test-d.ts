import { createMcpClient, memoryStore } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { todo } from '../src/index.ts'

const ada = createMcpClient({ connectors: { todo: todo({ store: memoryStore() }) } }).as('ada')

it('types calls from the schemas', () => {
  const found = () => ada.todo.call('list_tasks', { status: 'open' })
  type Task = Awaited<ReturnType<typeof found>>['tasks'][number]
  expectTypeOf<Task['due']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<Task['priority']>().toEqualTypeOf<'low' | 'normal' | 'high'>()
  expectTypeOf(ada.todo.call('delete_task', { id: 'a' })).resolves.toEqualTypeOf<{ deleted: boolean }>()
  void ada.todo.getData('get_task', { id: 'a' })
  void ada.todo.at('work').sendData('update_task', { id: 'a', notes: null })
})

it('rejects wrong calls', () => {
  // @ts-expect-error a store is required
  todo({})
  // @ts-expect-error a store is required
  todo()
  // @ts-expect-error the title is required
  void ada.todo.call('create_task', {})
  // @ts-expect-error a title cannot be emptied
  void ada.todo.call('update_task', { id: 'a', title: null })
  // @ts-expect-error an unknown status
  void ada.todo.call('list_tasks', { status: 'completed' })
  // @ts-expect-error completing is a write
  void ada.todo.getData('complete_task', { id: 'a' })
  // @ts-expect-error the list has no pages()
  ada.todo.pages('list_tasks', {})
})
