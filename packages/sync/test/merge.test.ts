import { describe, expect, it } from 'vitest'
import { canonical, imagesOf } from '../src/images.ts'
import { createScene } from './scene.ts'
import { fastKeys } from './simulation/fast-keys.ts'

const labels = { traits: { fields: ['title', 'labels'], sets: ['labels'] } }

describe('sets', () => {
  it('merges by element: keeps what one side added, drops what one side removed', async () => {
    const { provider, replica, run } = createScene(labels)
    provider.put('r1', { title: 'mail', labels: ['inbox', 'unread', 'work'] })
    await run()
    provider.put('r1', { labels: ['inbox', 'work', 'starred'] })
    replica.edit('p1', { labels: ['unread', 'work', 'later'] })
    expect(await run()).toMatchObject({ conflicts: 0, updated: { local: 1, remote: 1 } })
    expect(provider.records()[0]?.item['labels']).toEqual(['work', 'starred', 'later'])
    expect(replica.rows()[0]?.item['labels']).toEqual(['work', 'starred', 'later'])
    expect(await run()).toMatchObject({ updated: { local: 0, remote: 0 } })
  })

  it('ignores the order of elements', async () => {
    const { provider, run } = createScene(labels)
    provider.put('r1', { title: 'mail', labels: ['inbox', 'work'] })
    await run()
    provider.put('r1', { labels: ['work', 'inbox'] })
    expect(await run()).toMatchObject({ updated: { local: 0, remote: 0 } })
  })
})

describe('fields', () => {
  it('merges different fields of both sides', async () => {
    const { provider, replica, run } = createScene()
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    provider.put('r1', { place: 'there' })
    replica.edit('p1', { title: 'dinner' })
    expect(await run()).toMatchObject({ conflicts: 0, updated: { local: 1, remote: 1 } })
    expect(provider.records()[0]?.item).toEqual({ title: 'dinner', place: 'there' })
    expect(replica.rows()[0]?.item).toEqual({ title: 'dinner', place: 'there' })
  })

  it('writes nothing if both sides changed a field to the same value', async () => {
    const { provider, replica, run } = createScene()
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    provider.put('r1', { title: 'dinner' })
    replica.edit('p1', { title: 'dinner' })
    expect(await run()).toMatchObject({ conflicts: 0, updated: { local: 0, remote: 0 } })
  })

  it.each([
    ['remote', 'theirs'],
    ['local', 'mine'],
  ] as const)('applies the policy "%s" of a field, and keeps the other value', async (choice, title) => {
    const { provider, replica, titles, parked, run } = createScene({ engine: { policy: { title: choice } } })
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    provider.put('r1', { title: 'theirs' })
    replica.edit('p1', { title: 'mine' })
    expect(await run()).toMatchObject({ conflicts: 1, overwritten: 1 })
    expect(titles()).toEqual({ remote: [title], local: [title] })
    const lost = choice === 'remote' ? { local: 'mine' } : { remote: 'theirs' }
    expect(await parked()).toMatchObject([{ kind: 'overwritten', fields: { title: lost } }])
  })

  it.each([
    ['remote', 'theirs'],
    ['local', 'mine'],
  ] as const)('parks a conflict, and applies the %s side when that is decided', async (choice, title) => {
    const { provider, replica, titles, parked, engine, run } = createScene({ engine: { policy: 'park' } })
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    provider.put('r1', { title: 'theirs', place: 'there' })
    replica.edit('p1', { title: 'mine' })
    expect(await run()).toMatchObject({ conflicts: 1, parked: 1, updated: { local: 1, remote: 0 } })
    expect(await run()).toMatchObject({ conflicts: 0, parked: 0, updated: { local: 0, remote: 0 } })
    expect(titles()).toEqual({ remote: ['theirs'], local: ['mine'] })
    const [row] = await parked()
    expect(row).toMatchObject({ kind: 'conflict', remoteId: 'r1', localId: 'p1' })
    expect(row?.fields).toEqual({ title: { remote: 'theirs', local: 'mine' } })
    await engine().resolve(row?.id ?? '', choice)
    await run()
    expect(titles()).toEqual({ remote: [title], local: [title] })
    expect((await parked()).filter(({ kind }) => kind === 'conflict')).toEqual([])
  })

  it('lifts a parked conflict if one side takes the value of the other', async () => {
    const { provider, replica, titles, parked, run } = createScene({ engine: { policy: 'park' } })
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    provider.put('r1', { title: 'theirs' })
    replica.edit('p1', { title: 'mine' })
    await run()
    replica.edit('p1', { title: 'theirs' })
    await run()
    expect(titles()).toEqual({ remote: ['theirs'], local: ['theirs'] })
    expect(await parked()).toEqual([])
  })

  it('rejects a decision about a record that is not parked', async () => {
    const { engine } = createScene()
    await expect(engine().resolve('nothing/conflict', 'remote')).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})

describe('images', () => {
  it('are equal for objects whose properties have another order', async () => {
    expect(canonical({ b: 1, a: [{ d: 1, c: 2 }] })).toBe(canonical({ a: [{ c: 2, d: 1 }], b: 1 }))
    const images = await imagesOf(
      fastKeys,
      { when: { date: 'x', zone: 'y' }, unknown: undefined },
      ['when', 'unknown'],
      new Set(),
    )
    expect(images).toEqual(await imagesOf(fastKeys, { when: { zone: 'y', date: 'x' } }, ['when'], new Set()))
    expect(Object.keys(images)).toEqual(['when'])
  })
})
