import { createMcpClient } from '@mcpclient/core'
import { expectTypeOf, it } from 'vitest'
import { asana } from '../src/index.ts'

const mcp = createMcpClient({ connectors: { asana: asana({ token: '1/x' }) } })
const ada = mcp.as('ada').asana

it('types calls from the schemas', () => {
  const created = () => ada.call('create_task', { name: 'Count herons', workspace: '1' })
  expectTypeOf<Awaited<ReturnType<typeof created>>['due_on']>().toEqualTypeOf<string | undefined>()
  const listed = () => ada.call('list_tasks', { project: '1' })
  expectTypeOf<Awaited<ReturnType<typeof listed>>['complete']>().toEqualTypeOf<boolean>()
  const events = () => ada.call('get_events', { resource: '1' })
  expectTypeOf<Awaited<ReturnType<typeof events>>['sync']>().toEqualTypeOf<string>()
})

it('types events from their schemas', () => {
  mcp.on('asana.change', ({ data }) => {
    expectTypeOf(data.resource.gid).toEqualTypeOf<string>()
    expectTypeOf(data.change?.field).toEqualTypeOf<string | undefined>()
  })
  // @ts-expect-error there is no such event
  mcp.on('asana.task', () => undefined)
})

it('rejects wrong calls', () => {
  // @ts-expect-error a task has a name
  void ada.call('create_task', { workspace: '1' })
  // @ts-expect-error names are those of Asana
  void ada.call('get_task', { id: '1' })
  // @ts-expect-error a comment is no read
  void ada.getData('add_comment', { task_gid: '1', text: 'Hi' })
  // @ts-expect-error there is no such setting
  asana({ workspace: '1' })
})
