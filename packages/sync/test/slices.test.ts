import { describe, expect, it } from 'vitest'
import { createScene, fill } from './scene.ts'

describe('slices', () => {
  it('continues a round where the previous run stopped, without a page twice', async () => {
    const { provider, titles, run } = createScene({ provider: { pageSize: 2 } })
    fill(provider, 9)
    const results = []
    for (let each = 0; each < 10 && results.at(-1)?.complete !== true; each++) results.push(await run({ maxPages: 2 }))
    expect(results.filter(({ complete }) => !complete).length).toBeGreaterThan(1)
    expect(titles().local).toHaveLength(9)
    expect(provider.requests.pull).toBe(5)
  })

  it('stops at the end of its time', async () => {
    const scene = createScene({
      provider: { pageSize: 2 },
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          await scene.clock.advance(1000)
          return remote.pull(place)
        },
      }),
    })
    fill(scene.provider, 9)
    expect(await scene.run({ maxMs: 2500 })).toMatchObject({ complete: false, pages: 3, durationMs: 3000 })
    expect(await scene.run()).toMatchObject({ complete: true })
    expect(scene.titles().local).toHaveLength(9)
  })

  it('restarts a round whose page token is refused', async () => {
    const { provider, titles, run } = createScene({ provider: { pageSize: 2 } })
    fill(provider, 5)
    await run({ maxPages: 1 })
    provider.forgetPages()
    expect(await run()).toMatchObject({ complete: true, recovered: 'lost_page' })
    expect(titles().local).toHaveLength(5)
  })

  it('stops if the caller aborts, and continues later', async () => {
    const { provider, titles, run } = createScene({ provider: { pageSize: 2 } })
    fill(provider, 5)
    const stopped = new AbortController()
    stopped.abort()
    expect(await run({ signal: stopped.signal })).toMatchObject({ complete: false })
    expect(await run()).toMatchObject({ complete: true })
    expect(titles().local).toHaveLength(5)
  })

  it('fails if the provider returns the same page token again and again', async () => {
    const { provider, run } = createScene({
      remote: (remote) => ({ ...remote, pull: async () => ({ changed: [], page: 'same' }) }),
    })
    fill(provider, 1)
    expect(await run()).toMatchObject({ success: false, errors: [{ code: 'MCP_SERVER_ERROR' }] })
  })

  it('stops if the provider refuses every checkpoint', async () => {
    const { run } = createScene({ remote: (remote) => ({ ...remote, pull: async () => ({ code: 'expired' }) }) })
    const result = await run()
    expect(result).toMatchObject({ success: false, errors: [{ code: 'MCP_SERVER_ERROR' }] })
    expect(result.requests).toBeLessThan(10)
  })

  it('forgets everything', async () => {
    const { provider, store, engine, run } = createScene()
    fill(provider, 3)
    await run()
    await engine().forget()
    expect((await store.list('')).entries).toEqual([])
  })
})

describe('preview', () => {
  it('lists what a run would do, and does none of it', async () => {
    const { provider, replica, store, titles, engine, run } = createScene()
    fill(provider, 3)
    await run()
    provider.drop('r1')
    provider.put('r2', { title: 'theirs' })
    replica.edit('p3', { title: 'mine' })
    replica.edit('l1', { title: 'new', place: 'here' })
    const before = [titles(), (await store.list('')).entries, replica.writes, provider.writes()]
    const { actions, complete } = await engine().preview()
    expect(complete).toBe(true)
    expect(actions).toEqual([
      { kind: 'update', side: 'local', id: 'p2', fields: ['title', 'place'] },
      { kind: 'update', side: 'remote', id: 'r3', fields: ['title'] },
      { kind: 'create', side: 'remote', fields: ['title', 'place'] },
      { kind: 'remove', side: 'local', id: 'p1' },
    ])
    expect([titles(), (await store.list('')).entries, replica.writes, provider.writes()]).toEqual(before)
    expect(await run()).toMatchObject({
      updated: { local: 1, remote: 1 },
      created: { remote: 1 },
      deleted: { local: 1 },
    })
  })

  it('stops at its limit', async () => {
    const { provider, engine } = createScene({ provider: { pageSize: 5 } })
    fill(provider, 50)
    const { actions, complete } = await engine().preview({ limit: 7 })
    expect([actions.length, complete]).toEqual([7, false])
  })
})
