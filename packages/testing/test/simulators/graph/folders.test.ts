import { describe, expect, it } from 'vitest'
import type { SimulatedGraph } from '../../../src/simulators.ts'
import { mailbox } from './mailbox.ts'

const folders = [
  ['contacts', 'me/contacts', 'displayName', (graph: SimulatedGraph) => graph.contacts()],
  ['tasks', 'me/todo/lists/tasks/tasks', 'title', (graph: SimulatedGraph) => graph.tasks()],
  ['messages', 'me/mailFolders/inbox/messages', 'subject', (graph: SimulatedGraph) => graph.messages()],
] as const

describe.each(folders)('the %s of a mailbox', (_name, path, field, itemsOf) => {
  it('are created, read, changed, deleted and listed', async () => {
    const { call, graph } = mailbox()
    const { status, body } = await call('POST', path, { body: { [field]: 'Heron' } })
    expect(status).toBe(201)
    expect((await call('PATCH', `${path}/${body.id}`, { body: { [field]: 'Egret' } })).status).toBe(200)
    expect((await call('GET', `${path}/${body.id}`)).body).toMatchObject({ id: body.id, [field]: 'Egret' })
    expect((await call('GET', path)).body.value).toHaveLength(1)
    expect(itemsOf(graph).all()).toMatchObject([{ [field]: 'Egret' }])
    const headers = { 'if-match': String(body['@odata.etag']) }
    expect(await call('DELETE', `${path}/${body.id}`, { headers })).toMatchObject({ status: 412 })
    expect((await call('DELETE', `${path}/${body.id}`)).status).toBe(204)
    expect(await call('GET', `${path}/${body.id}`)).toMatchObject({ status: 404, code: 'ErrorItemNotFound' })
  })

  it('have changes since a link', async () => {
    const { call, graph } = mailbox()
    const items = itemsOf(graph)
    const id = await items.insert({ [field]: 'Heron' })
    const { body } = await call('GET', `${path}/delta`)
    expect(body.value).toHaveLength(1)
    const kept = await items.insert({ [field]: 'Egret' })
    await items.remove(id)
    const { body: changed } = await call('GET', body['@odata.deltaLink'] ?? '')
    expect(changed.value).toHaveLength(2)
    expect(changed.value).toContainEqual(expect.objectContaining({ [field]: 'Egret' }))
    expect(changed.value.filter((item) => '@removed' in item)).toHaveLength(1)
    expect(kept).not.toBe(id)
    graph.expireDeltaLinks()
    expect((await call('GET', body['@odata.deltaLink'] ?? '')).code).toBe('SyncStateNotFound')
  })
})
