import type { SyncChange } from '@mcpclient/sync'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { setUp } from './todo-scene.ts'

const target = { connector: 'todo', sync: 'tasks', tenant: 'ada' }

async function scene() {
  const { capability, remote, mcp, state } = await setUp()
  const changes = (limit = Infinity) => taken(capability.changes(target), limit)
  return { capability, remote, mcp, state, changes }
}

/** Takes at most `limit` entries and shortens them: `changed a`. */
async function taken(stream: AsyncIterable<SyncChange>, limit: number): Promise<readonly string[]> {
  const entries: string[] = []
  for await (const change of stream) {
    entries.push('id' in change ? `${change.type} ${change.id}` : change.type)
    if (entries.length >= limit) break
  }
  return entries
}

describe('a stream of changes', () => {
  it('yields everything first, and then what changed', async () => {
    const { changes, remote } = await scene()
    for (const id of ['a', 'b', 'c']) remote.write(id, { title: id })
    expect(await changes()).toEqual(['reset', 'changed a', 'changed b', 'changed c', 'complete'])
    remote.write('b', { title: 'B' })
    remote.write('c', { deleted: true })
    expect(await changes()).toEqual(['changed b', 'removed c', 'complete'])
    expect(await changes()).toEqual(['complete'])
  })

  it('yields the fields that the provider sent', async () => {
    const { capability, remote } = await scene()
    remote.write('a', { title: 'One', note: 'Bring milk.' })
    const [, change] = await Array.fromAsync(capability.changes(target))
    expect(change).toMatchObject({ type: 'changed', id: 'a', item: { title: 'One', note: 'Bring milk.' } })
  })

  it('repeats the entries of a page that was not consumed', async () => {
    const { changes, remote } = await scene()
    for (const id of ['a', 'b', 'c', 'd', 'e']) remote.write(id, { title: id })
    expect(await changes(4)).toEqual(['reset', 'changed a', 'changed b', 'changed c'])
    expect(await changes()).toEqual(['changed c', 'changed d', 'changed e', 'complete'])
  })

  it('begins again when the provider has forgotten the cursor', async () => {
    const { changes, remote } = await scene()
    for (const id of ['a', 'b']) remote.write(id, { title: id })
    await changes()
    remote.write('b', { deleted: true })
    remote.expireTokens()
    expect(await changes()).toEqual(['reset', 'changed a', 'complete'])
  })

  it('yields a record that does not match the schema as skipped', async () => {
    const { changes, remote } = await scene()
    remote.write('a', { title: 1 as never })
    expect(await changes()).toEqual(['reset', 'skipped a', 'complete'])
  })

  it('sends its requests as the agent sync', async () => {
    const { changes, mcp } = await scene()
    const calls: unknown[] = []
    mcp.on('call.finished', ({ agent, toolName }) => calls.push([agent, toolName]))
    await changes()
    expect(calls).toEqual([['sync', 'sync_tasks_pull']])
  })

  it('keeps its position apart from that of a two-way sync', async () => {
    const { changes, mcp, remote } = await scene()
    remote.write('a', { title: 'One' })
    await mcp.as('ada').todo.syncData('tasks', { direction: 'both' })
    expect(await changes()).toEqual(['reset', 'changed a', 'complete'])
  })

  it('needs a sync that exists', async () => {
    const { capability } = await scene()
    const stream = taken(capability.changes({ ...target, sync: 'task' }), 1)
    expect(await errorOf(stream)).toMatchObject({ code: 'INVALID_INPUT' })
  })
})
