import { ConnectorError } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { SimulatedProvider } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'
import type { Fields, Remote, RemotePage, RemoteRecord, Replica, SyncResult } from '../src/index.ts'
import { isAnswer } from '../src/remote.ts'
import { createScene, fill, PREFIX } from './scene.ts'
import type { Scene, SceneOptions } from './scene.ts'

const MINUTE = 60_000
const NO_WRITES = {
  created: { local: 0, remote: 0 },
  updated: { local: 0, remote: 0 },
  deleted: { local: 0, remote: 0 },
}

const writesOf = ({ created, updated, deleted }: SyncResult) => ({ created, updated, deleted })

type Pulled = Awaited<ReturnType<Remote['pull']>>

/** Replaces the responses to `pull` where a test says so. */
function pulling(answer: (call: number, place: Parameters<Remote['pull']>[0]) => Pulled | Error | undefined) {
  let call = 0
  return (remote: Remote): Remote => ({
    ...remote,
    pull: async (place) => {
      const instead = answer(++call, place)
      if (instead instanceof Error) throw instead
      return instead ?? remote.pull(place)
    },
  })
}

/** Creates a scene whose feed is up to date, and whose single records come from a copy that is ten minutes old. */
function createLaggingScene({ provider, traits, ...others }: SceneOptions): Scene {
  let lag = 0
  return createScene({
    ...others,
    provider: { lagMs: 10 * MINUTE, random: () => lag, ...provider },
    traits: { settleMs: 10 * MINUTE, ...traits },
    remote: (port) => ({
      ...port,
      async get(id, call) {
        lag = 0.999
        const record = await port.get(id, call)
        lag = 0
        return record
      },
    }),
  })
}

const unreachable = () => new ConnectorError('MCP_CONNECTION_ERROR', 'The provider could not be reached.')

describe('reading from the provider', () => {
  it('S1: lists everything after an expired cursor, and removes what is absent', async () => {
    const { provider, replica, run } = createScene()
    fill(provider, 3)
    await run()
    provider.drop('r2')
    provider.expire()
    const result = await run()
    expect(result).toMatchObject({ recovered: 'expired_cursor', complete: true, deleted: { local: 1, remote: 0 } })
    expect(replica.rows().map(({ item }) => item['title'])).toEqual(['title 1', 'title 3'])
  })

  it('S4: follows the token of an empty page, and sweeps after the last page only', async () => {
    let isOn = false
    const { provider, titles, run } = createScene({
      provider: { pageSize: 2 },
      remote: (remote) => ({
        ...remote,
        pull: async ({ since, page }) => {
          if (!isOn) return remote.pull({ since, page })
          if (page === undefined) return { changed: [], page: 'next' }
          return remote.pull({ since, page: page === 'next' ? undefined : page })
        },
      }),
    })
    fill(provider, 7)
    await run()
    isOn = true
    provider.expire()
    expect(writesOf(await run())).toEqual(NO_WRITES)
    expect(titles().local).toHaveLength(7)
  })

  it('S6: applies no removal in a round that fails midway', async () => {
    let failAt = 0
    const { provider, replica, run } = createScene({
      provider: { pageSize: 2 },
      remote: pulling((call) => (call === failAt ? unreachable() : undefined)),
    })
    fill(provider, 9)
    await run()
    provider.drop('r1')
    provider.expire()
    failAt = 5 + 1 + 3
    const failed = await run()
    expect(failed).toMatchObject({ success: false, complete: false, deleted: { local: 0, remote: 0 } })
    expect(failed.errors).toMatchObject([{ code: 'MCP_CONNECTION_ERROR' }])
    expect(replica.rows()).toHaveLength(9)
    expect(await run()).toMatchObject({ success: true, deleted: { local: 1, remote: 0 } })
  })

  it('S8: brakes if the provider lists nothing for a while', async () => {
    let isEmpty = false
    const { provider, titles, run } = createScene({
      remote: pulling((_, { since }) => {
        if (!isEmpty) return undefined
        return since === undefined ? { changed: [], checkpoint: '0/0' } : { code: 'expired' }
      }),
    })
    fill(provider, 40)
    await run()
    isEmpty = true
    const braked = await run()
    expect(braked).toMatchObject({ success: false, braked: { side: 'local', removals: 40, of: 40 } })
    expect(writesOf(braked)).toEqual(NO_WRITES)
    expect(provider.requests.get).toBe(0)
    isEmpty = false
    expect(writesOf(await run())).toEqual(NO_WRITES)
    expect(titles().local).toHaveLength(40)
  })

  it('S8: applies many removals that are confirmed', async () => {
    const { provider, titles, run } = createScene()
    fill(provider, 40)
    await run()
    for (let each = 1; each <= 30; each++) provider.drop(`r${each}`)
    expect(await run()).toMatchObject({ braked: { side: 'local', removals: 30, of: 40 } })
    expect(await run({ confirmRemovals: true })).toMatchObject({ success: true, deleted: { local: 30 } })
    expect(titles().local).toHaveLength(10)
  })

  it.each([
    ['is unreachable', unreachable(), 'MCP_CONNECTION_ERROR'],
    ['answers with something else than a page', 'html', 'DATA_TRANSFORMATION_ERROR'],
  ] as const)('S9: fails and removes nothing if the provider %s', async (_, answer, code) => {
    let isDown = false
    const { provider, titles, run } = createScene({
      remote: pulling(() => {
        if (!isDown) return undefined
        return answer === 'html' ? (JSON.parse('{"html":"<html>"}') as RemotePage) : answer
      }),
    })
    fill(provider, 3)
    await run()
    isDown = true
    provider.expire()
    const result = await run()
    expect(result).toMatchObject({ success: false, complete: false, errors: [{ code }] })
    expect(titles().local).toHaveLength(3)
  })

  it('S11: parks an unreadable record, moves the cursor, and retries the record by itself', async () => {
    let isBroken = true
    const { provider, replica, engine, parked, run } = createScene({
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          if ('code' in page) return page
          const changed = page.changed.filter(({ id }) => !isBroken || id !== 'r2')
          const skipped = changed.length < page.changed.length ? [{ id: 'r2', reason: 'title: Required' }] : []
          return { ...page, changed, skipped }
        },
        get: async (id, call) => (isBroken && id === 'r2' ? { code: 'unreadable' } : remote.get(id, call)),
      }),
    })
    fill(provider, 3)
    expect(await run()).toMatchObject({ complete: true, skipped: 1, created: { local: 2 } })
    provider.put('r9', { title: 'later', place: 'there' })
    expect(await run()).toMatchObject({ complete: true, created: { local: 1 } })
    await run()
    expect(await parked()).toMatchObject([{ kind: 'unreadable', remoteId: 'r2' }])
    isBroken = false
    const [row] = await parked()
    await engine().resolve(row?.id ?? '', 'remote')
    expect(await run()).toMatchObject({ created: { local: 1 } })
    expect(replica.rows()).toHaveLength(4)
    expect(await parked()).toEqual([])
  })

  it('S11: continues if the host cannot write one row', async () => {
    let isBroken = true
    const cause = new Error('check constraint')
    const { provider, replica, run } = createScene({
      wrapReplica: (port) => ({
        ...port,
        changes: (since) => port.changes(since),
        put: async (record) => {
          if (isBroken && record.item['title'] === 'title 2') throw cause
          return port.put(record)
        },
      }),
    })
    fill(provider, 3)
    const first = await run()
    expect(first).toMatchObject({ success: true, complete: true, created: { local: 2 } })
    expect(first.errors).toMatchObject([{ remoteId: 'r2', code: 'API_INTERNAL_ERROR', cause }])
    expect(JSON.stringify(first)).not.toContain('check constraint')
    isBroken = false
    expect(await run()).toMatchObject({ errors: [], pages: 1 })
    expect(replica.rows()).toHaveLength(3)
  })

  it('S33: keeps a cursor for each set of parameters', async () => {
    const { provider, engine } = createScene()
    fill(provider, 3)
    const first = await engine({ prefix: 'sync/one' }).run({ first: 'merge' })
    const second = await engine({ prefix: 'sync/two', direction: 'pull' }).run()
    expect([first.created.local, second.created.local]).toEqual([3, 3])
    provider.put('r1', { title: 'changed' })
    expect(await engine({ prefix: 'sync/two', direction: 'pull' }).run()).toMatchObject({
      pages: 1,
      updated: { local: 1, remote: 0 },
    })
  })

  it('S33: lists everything if the fields changed, and says so', async () => {
    const { provider, engine, run } = createScene()
    fill(provider, 2)
    await run()
    provider.put('r1', { note: 'hello' })
    const traits = { fields: ['title', 'place', 'note'], conditionalWrites: true, removals: 'fed' } as const
    const wider = engine({ remote: { ...provider, traits } })
    expect(await wider.run()).toMatchObject({ recovered: 'changed_fields', updated: { local: 1, remote: 0 } })
  })

  it('S34: lists everything in each round if the provider gives no checkpoint, and warns after the second', async () => {
    const { provider, titles, run } = createScene({
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          return 'code' in page ? page : { ...page, checkpoint: undefined }
        },
      }),
    })
    fill(provider, 3)
    expect(await run()).toMatchObject({ complete: true, missingCheckpoint: false })
    provider.drop('r3')
    expect(await run()).toMatchObject({ complete: true, missingCheckpoint: true, deleted: { local: 1 } })
    expect(titles().local).toEqual(['title 1', 'title 2'])
  })
})

describe('hinted removals', () => {
  const hinted = (remote: Remote): Remote => ({ ...remote, traits: { ...remote.traits, removals: 'hinted' } })

  it('are confirmed, so a record that left the list is changed and kept', async () => {
    const { provider, titles, run } = createScene({
      remote: (remote) => {
        const pull: Remote['pull'] = async (place) => {
          const page = await remote.pull(place)
          if ('code' in page || place.since === undefined) return page
          return { ...page, changed: [], removed: page.changed.map(({ id }) => id) }
        }
        return hinted({ ...remote, pull })
      },
    })
    provider.put('r1', { title: 'one', place: 'here' })
    await run()
    provider.put('r1', { title: 'two' })
    expect(await run()).toMatchObject({ deleted: { local: 0 }, updated: { local: 1 } })
    expect(titles()).toEqual({ remote: ['two'], local: ['two'] })
  })

  it('remove a record that is gone', async () => {
    const { provider, titles, run } = createScene({ remote: hinted })
    provider.put('r1', { title: 'one', place: 'here' })
    await run()
    provider.drop('r1')
    expect(await run()).toMatchObject({ deleted: { local: 1 } })
    expect(titles()).toEqual({ remote: [], local: [] })
  })
})

describe('writing to the provider', () => {
  it.each([
    ['an id', { creates: 'ids' as const }, 0],
    ['an idempotency key', { creates: 'keys' as const }, 0],
    ['a marker', { creates: 'markers' as const }, 10 * MINUTE],
  ])('S7: finds the record of an interrupted create by %s', async (_, kind, waitMs) => {
    let isLost = true
    const { provider, replica, clock, titles, run } = createScene({
      provider: kind,
      remote: (remote) => ({
        ...remote,
        create: async (item, call) => {
          const created = await remote.create?.(item, call)
          if (isLost || created === undefined)
            throw new ConnectorError('OUTCOME_UNKNOWN', 'No response.', { outcome: 'unknown' })
          return created
        },
      }),
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    expect(await run()).toMatchObject({ created: { remote: 0 }, errors: [{ code: 'OUTCOME_UNKNOWN', localId: 'l1' }] })
    isLost = false
    await clock.advance(waitMs)
    expect(await run()).toMatchObject({ finished: 1, created: { remote: 0 } })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(provider.requests.create).toBe(kind.creates === 'markers' ? 1 : 2)
  })

  it('parks a create whose idempotency key belongs to another content', async () => {
    const { replica, run } = createScene({
      provider: { creates: 'keys' },
      remote: (remote) => ({ ...remote, create: () => Promise.resolve({ code: 'exists' as const }) }),
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    expect(await run()).toMatchObject({ created: { remote: 0 }, unknown: 1 })
  })

  it('S7: adopts a record by its marker if the run stopped after it had indexed the id', async () => {
    const { replica, store, titles, engine, run } = createScene({ provider: { creates: 'markers' } })
    let isKilled = false
    const killed: Store = {
      ...store,
      put: async (key, value, options) => {
        if (isKilled) throw new Error('The process was killed.')
        isKilled = key.startsWith(`${PREFIX}/r/`)
        return store.put(key, value, options)
      },
    }
    replica.edit('l1', { title: 'mine', place: 'here' })
    await engine({ store: killed }).run()
    expect(isKilled).toBe(true)
    // Continues the round. The next one pulls the record.
    await run()
    expect(await run()).toMatchObject({ finished: 1, created: { local: 0, remote: 0 } })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
  })

  describe('S7: a record with the marker of a pair that has another record', () => {
    /** Creates `s1` without a response. A user removes it, and the next run creates `s2`. */
    async function createTwice() {
      const old: RemoteRecord[] = []
      const lost: RemoteRecord[] = []
      const scene = createScene({
        provider: { creates: 'markers' },
        remote: (remote) => ({
          ...remote,
          create: async (item, call) => {
            const created = await remote.create?.(item, call)
            if (created === undefined || isAnswer(created) || lost.length > 0) return created ?? { code: 'exists' }
            lost.push(created)
            throw new ConnectorError('OUTCOME_UNKNOWN', 'No response.', { outcome: 'unknown' })
          },
          pull: async (place) => {
            const page = await remote.pull(place)
            if (isAnswer(page)) return page
            // The removal of the first one is not reported before an old page shows it.
            const removed = page.removed?.filter((id) => id !== lost[0]?.id)
            return { ...page, changed: [...old, ...page.changed], removed }
          },
        }),
      })
      scene.replica.edit('l1', { title: 'mine', place: 'here' })
      await scene.run()
      const [first] = lost
      if (first === undefined) throw new Error('Nothing was created.')
      scene.provider.drop(first.id)
      await scene.clock.advance(10 * MINUTE)
      expect(await scene.run()).toMatchObject({ created: { remote: 1 } })
      return { ...scene, old, first }
    }

    it('is ignored if an old page shows it', async () => {
      const { old, first, run, titles } = await createTwice()
      old.push(first)
      expect(await run()).toMatchObject({ created: { local: 0, remote: 0 }, success: true })
      expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    })

    it('is ignored if an old page shows it after both sides removed the other one', async () => {
      const { old, first, run, titles, provider, replica } = await createTwice()
      await run()
      for (const { id } of provider.records()) provider.drop(id)
      replica.drop('l1')
      await run()
      old.push(first)
      expect(await run()).toMatchObject({ created: { local: 0, remote: 0 }, success: true })
      expect(titles()).toEqual({ remote: [], local: [] })
    })

    it('gets a row of its own if a user copied it together with its marker', async () => {
      const { old, first, run, titles, provider } = await createTwice()
      provider.put('copy', { ...first.item, title: 'copied' })
      old.push({ ...first, id: 'copy' })
      expect(await run()).toMatchObject({ created: { local: 1, remote: 0 }, success: true })
      expect(await run()).toMatchObject({ created: { local: 0, remote: 0 }, success: true })
      expect(titles()).toEqual({ remote: ['copied', 'mine'], local: ['copied', 'mine'] })
    })
  })

  it('S7: parks a create with an unknown outcome if nothing can find it, and names the likely match', async () => {
    let isLost = true
    const { replica, titles, parked, run } = createScene({
      provider: { creates: 'neither', normalize: (item) => ({ ...item, title: String(item['title']).toUpperCase() }) },
      remote: (remote) => ({
        ...remote,
        create: async (item, call) => {
          const created = await remote.create?.(item, call)
          if (isLost || created === undefined)
            throw new ConnectorError('OUTCOME_UNKNOWN', 'No response.', { outcome: 'unknown' })
          return created
        },
      }),
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    isLost = false
    expect(await run()).toMatchObject({ unknown: 1, parked: 1, created: { remote: 0 } })
    const [row] = await parked()
    expect(row).toMatchObject({ kind: 'unknown', localId: 'l1', candidates: ['s1'] })
    expect(titles()).toEqual({ remote: ['MINE'], local: ['MINE', 'mine'] })
  })

  it('S7: recognizes what arrived by the fields that were sent, although the provider filled another one', async () => {
    let isLost = true
    const { replica, titles, parked, run } = createScene({
      provider: { creates: 'neither', normalize: (item) => ({ place: 'home', ...item }) },
      remote: (remote) => ({
        ...remote,
        create: async (item, call) => {
          const created = await remote.create?.(item, call)
          if (isLost || created === undefined)
            throw new ConnectorError('OUTCOME_UNKNOWN', 'No response.', { outcome: 'unknown' })
          return created
        },
      }),
    })
    replica.edit('l1', { title: 'mine', place: null })
    await run()
    isLost = false
    expect(await run()).toMatchObject({ unknown: 1, finished: 1, created: { local: 0, remote: 0 } })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(replica.rows()).toMatchObject([{ item: { place: 'home' } }])
    expect(await parked()).toEqual([])
  })

  it('S7: creates again what provably never arrived', async () => {
    let isLost = true
    const { replica, clock, titles, parked, run } = createScene({
      provider: { creates: 'neither' },
      remote: (remote) => ({
        ...remote,
        create: async (item, call) => {
          if (isLost) throw new ConnectorError('OUTCOME_UNKNOWN', 'No response.', { outcome: 'unknown' })
          return remote.create?.(item, call) ?? { code: 'exists' }
        },
      }),
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    isLost = false
    await clock.advance(1)
    expect(await run()).toMatchObject({ unknown: 1, created: { remote: 1 } })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(await parked()).toEqual([])
  })

  describe('S10: a row whose create was refused', () => {
    /** Runs once with a refusal. Afterwards, the provider accepts the row. */
    async function refusedRow() {
      const state = { isRefused: true, isBlank: false }
      const scene = createScene({
        engine: { brake: { share: 0, atLeast: 0 } },
        remote: (remote) => ({
          ...remote,
          create: async (item, call) => {
            if (state.isRefused) throw new ConnectorError('MCP_SERVER_ERROR', 'No.', { outcome: 'not_processed' })
            return remote.create?.(item, call) ?? { code: 'exists' }
          },
        }),
        wrapReplica: (port): Replica => ({
          ...port,
          get: async (id) => (state.isBlank ? undefined : port.get(id)),
          changes: (since) => (state.isBlank ? (async function* () {})() : port.changes(since)),
        }),
      })
      scene.replica.edit('l1', { title: 'mine', place: 'here' })
      await scene.run()
      state.isRefused = false
      return { ...scene, state }
    }

    it('is created once the host shows it again', async () => {
      const { state, titles, run } = await refusedRow()
      state.isBlank = true
      expect(await run()).toMatchObject({ braked: { side: 'remote', removals: 1 } })
      state.isBlank = false
      expect(await run()).toMatchObject({ success: true, created: { remote: 1 } })
      expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    })

    it('is forgotten if the host removed it', async () => {
      const { provider, replica, titles, run } = await refusedRow()
      replica.drop('l1')
      await run({ confirmRemovals: true })
      await run()
      expect(await run()).toMatchObject({ success: true, itemsProcessed: 0 })
      expect(provider.requests.create).toBe(0)
      expect(titles()).toEqual({ remote: [], local: [] })
    })
  })

  it('S10: brakes if the host reports no rows', async () => {
    let isBlank = false
    const { provider, titles, run } = createScene({
      wrapReplica: (port): Replica => ({
        ...port,
        get: async (id) => (isBlank ? undefined : port.get(id)),
        async *changes(since) {
          for await (const change of port.changes(isBlank ? undefined : since)) {
            yield isBlank ? { ...change, item: null } : change
          }
        },
      }),
    })
    fill(provider, 40)
    await run()
    isBlank = true
    const braked = await run()
    expect(braked).toMatchObject({ success: false, braked: { side: 'remote', removals: 40, of: 40 } })
    expect(writesOf(braked)).toEqual(NO_WRITES)
    isBlank = false
    expect(writesOf(await run())).toEqual(NO_WRITES)
    expect(titles().remote).toHaveLength(40)
  })

  it('S13: sends only the changed fields that are declared', async () => {
    const sent: Fields[] = []
    const { provider, replica, run } = createScene({
      remote: (remote) => ({
        ...remote,
        update: async (id, changes, call) => {
          sent.push(changes)
          return remote.update?.(id, changes, call) ?? { code: 'gone' }
        },
      }),
    })
    provider.put('r1', { title: 'lunch', place: 'here', attendees: ['ada', 'bob'] })
    await run()
    replica.edit('p1', { title: 'dinner', attendees: [], colour: 'red' })
    await run()
    expect(sent).toEqual([{ title: 'dinner' }])
    expect(provider.records()).toMatchObject([{ item: { title: 'dinner', place: 'here', attendees: ['ada', 'bob'] } }])
  })

  it('S14: distinguishes an absent field from an emptied one', async () => {
    let isPartial = false
    const { provider, replica, run } = createScene({
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          if ('code' in page || !isPartial) return page
          return { ...page, changed: page.changed.map((each) => ({ ...each, item: { title: each.item['title'] } })) }
        },
      }),
    })
    provider.put('r1', { title: 'lunch', place: 'here' })
    await run()
    isPartial = true
    provider.put('r1', { title: 'dinner' })
    await run()
    expect(replica.rows()).toMatchObject([{ item: { title: 'dinner', place: 'here' } }])
    isPartial = false
    provider.put('r1', { place: null })
    await run()
    expect(replica.rows()).toMatchObject([{ item: { title: 'dinner', place: null } }])
  })

  it('S23: takes the removal of what is gone for a success', async () => {
    const scene = createScene({
      remote: (remote) => ({
        ...remote,
        remove: async (id, call) => {
          scene.provider.drop(id)
          return remote.remove?.(id, call)
        },
      }),
    })
    const { provider, replica, run } = scene
    fill(provider, 1)
    await run()
    replica.drop('p1')
    expect(await run()).toMatchObject({ success: true, errors: [], deleted: { local: 0, remote: 0 } })
    expect(provider.requests.remove).toBe(1)
    expect(writesOf(await run())).toEqual(NO_WRITES)
  })

  it('S24: merges and retries once if the version is stale, on update and on removal', async () => {
    const changes = new Map<string, Fields>([
      ['r1', { place: 'there' }],
      ['r2', {}],
    ])
    const race = (id: string): void => {
      const change = changes.get(id)
      if (change !== undefined) scene.provider.put(id, change)
      changes.delete(id)
    }
    const scene = createScene({
      remote: (remote) => ({
        ...remote,
        update: async (id, fields, call) => {
          race(id)
          return remote.update?.(id, fields, call) ?? { code: 'gone' }
        },
        remove: async (id, call) => {
          race(id)
          return remote.remove?.(id, call)
        },
      }),
    })
    const { provider, replica, run } = scene
    fill(provider, 2)
    await run()
    replica.edit('p1', { title: 'mine' })
    replica.drop('p2')
    expect(await run()).toMatchObject({ success: true, deleted: { remote: 1 }, updated: { local: 1, remote: 1 } })
    expect(provider.records()).toMatchObject([{ id: 'r1', item: { title: 'mine', place: 'there' } }])
    expect(replica.rows()).toMatchObject([{ item: { title: 'mine', place: 'there' } }])
    expect(changes.size).toBe(0)
  })

  it('compares a record right before a removal that the provider does not check', async () => {
    const based: (string | undefined)[] = []
    const scene = createScene({
      traits: { conditionalRemovals: false },
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          // After the page was read: only a read right before the removal can show it.
          if (based.length === 0 && place.since !== undefined) scene.provider.put('r2', { title: 'edited' })
          return page
        },
        remove: async (id, call) => {
          based.push(call.version)
          return remote.remove?.(id, call)
        },
      }),
    })
    const { provider, replica, titles, run } = scene
    fill(provider, 3)
    await run()
    replica.drop('p1')
    replica.drop('p2')
    expect(await run()).toMatchObject({ deleted: { remote: 1 }, restored: 1, unconditional: 1 })
    expect(based).toEqual([undefined])
    expect(titles()).toEqual({ remote: ['edited', 'title 3'], local: ['edited', 'title 3'] })
  })

  it('S24: parks a record that changed during three runs in a row', async () => {
    let places = 0
    const { provider, replica, parked, run } = createScene({
      remote: (remote) => ({
        ...remote,
        update: async (id, changes, call) => {
          provider.put(id, { place: `place ${++places}` })
          return remote.update?.(id, changes, call) ?? { code: 'gone' }
        },
      }),
    })
    fill(provider, 1)
    await run()
    replica.edit('p1', { title: 'mine' })
    for (let each = 0; each < 3; each++) await run()
    expect(await parked()).toMatchObject([{ kind: 'failing', reason: expect.stringContaining('changed') as string }])
    const before = provider.requests.update
    await run()
    expect(provider.requests.update - before).toBeLessThanOrEqual(2)
  })

  it('S25: is bounded if the provider refuses the version that it has just returned', async () => {
    const { provider, replica, parked, run } = createScene({
      remote: (remote) => ({ ...remote, update: async () => ({ code: 'conflict' }) }),
    })
    fill(provider, 1)
    await run()
    replica.edit('p1', { title: 'mine' })
    const first = await run()
    expect(first).toMatchObject({ success: true, complete: true, errors: [{ code: 'MCP_CLIENT_ERROR' }] })
    expect(first.requests).toBeLessThanOrEqual(6)
    await run()
    await run()
    expect(await parked()).toMatchObject([{ kind: 'failing' }])
    expect((await run()).requests).toBe(1)
  })

  it('S26: neither creates, sweeps nor reverts while the provider shows the state before', async () => {
    const { provider, replica, clock, titles, run } = createScene({
      provider: { lagMs: 10 * MINUTE, random: () => 0.999, revisions: false },
      traits: { settleMs: 10 * MINUTE },
    })
    fill(provider, 1)
    await clock.advance(11 * MINUTE)
    await run()
    replica.edit('p1', { title: 'mine' })
    replica.edit('l1', { title: 'new', place: 'here' })
    await clock.advance(11 * MINUTE)
    await run()
    provider.expire()
    await clock.advance(MINUTE)
    expect(writesOf(await run())).toEqual(NO_WRITES)
    expect(titles()).toEqual({ remote: ['mine', 'new'], local: ['mine', 'new'] })
    await clock.advance(11 * MINUTE)
    expect(writesOf(await run())).toEqual(NO_WRITES)
    expect(titles()).toEqual({ remote: ['mine', 'new'], local: ['mine', 'new'] })
  })

  it.each([
    ['a removal', (provider: SimulatedProvider) => provider.drop('r1'), []],
    ['a change', (provider: SimulatedProvider) => provider.put('r1', { title: 'theirs' }), ['theirs']],
  ])('keeps %s that later reads do not show yet', async (_, edit, shown) => {
    const { provider, clock, titles, run } = createLaggingScene({ provider: { revisions: false } })
    fill(provider, 1)
    await run()
    await clock.advance(9 * MINUTE)
    edit(provider)
    await run()
    await clock.advance(2 * MINUTE)
    await run()
    expect(titles().local).toEqual(['title 1'])
    await clock.advance(9 * MINUTE)
    await run()
    expect(titles().local).toEqual(shown)
  })

  it('reads a restored record again if a list did not contain it', async () => {
    const { provider, replica, clock, titles, run } = createLaggingScene({
      provider: { pageSize: 1, isListed: ({ title }) => title !== 'left' },
      traits: { removals: 'hinted' },
    })
    fill(provider, 2)
    await run()
    await clock.advance(20 * MINUTE)
    replica.drop('p1')
    provider.put('r1', { title: 'edited' })
    provider.put('r2', { place: 'there' })
    await clock.advance(9 * MINUTE)
    await run({ maxPages: 1 })
    provider.put('r1', { title: 'left' })
    provider.expire()
    await clock.advance(2 * MINUTE)
    await run()
    expect(titles().local).toEqual(['edited', 'title 2'])
    await clock.advance(11 * MINUTE)
    await run()
    expect(titles().local).toEqual(['left', 'title 2'])
  })

  it('does not create a row again that both sides removed, if a later read still shows a parked value', async () => {
    const { provider, replica, clock, titles, run } = createLaggingScene({ engine: { policy: 'park' } })
    fill(provider, 1)
    await run()
    await clock.advance(11 * MINUTE)
    provider.put('r1', { title: 'theirs' })
    replica.edit('p1', { title: 'mine' })
    await run()
    await clock.advance(11 * MINUTE)
    provider.drop('r1')
    replica.drop('p1')
    expect(await run()).toMatchObject({ created: { local: 0 } })
    expect(titles()).toEqual({ remote: [], local: [] })
  })

  it('S27: writes nothing for the echo of its own writes', async () => {
    const { provider, replica, run } = createScene({
      provider: { normalize: (item) => ({ ...item, title: String(item['title']).toUpperCase() }) },
    })
    fill(provider, 2)
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    for (let each = 0; each < 3; each++) {
      const result = await run()
      expect(writesOf(result)).toEqual(NO_WRITES)
      expect(result.requests).toBe(1)
    }
    expect(replica.rows().find(({ id }) => id === 'l1')?.item['title']).toBe('mine')
  })
})

describe('deciding between the sides', () => {
  it.each([
    ['of one clock', 'server', 'server', 'local'],
    ['of two clocks', 'server', 'phone', 'park'],
  ])('S28: compares times %s', async (_, remoteClock, localClock, winner) => {
    const scene = createScene({
      engine: { policy: 'newest' },
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          if ('code' in page) return page
          const changed = page.changed.map((each) => ({ ...each, changed: { at: 1000, clock: remoteClock } }))
          return { ...page, changed }
        },
      }),
      wrapReplica: (port) => ({
        ...port,
        changes: (since) => port.changes(since),
        get: async (id) => {
          const row = await port.get(id)
          return row && { ...row, changed: { at: 2000, clock: localClock } }
        },
      }),
    })
    const { provider, replica, parked, titles, run } = scene
    fill(provider, 1)
    await run()
    provider.put('r1', { title: 'theirs' })
    replica.edit('p1', { title: 'mine' })
    await run()
    if (winner === 'local') {
      expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
      expect(await parked()).toMatchObject([{ kind: 'overwritten', fields: { title: { remote: 'theirs' } } }])
    } else {
      expect(titles()).toEqual({ remote: ['theirs'], local: ['mine'] })
      expect(await parked()).toMatchObject([
        { kind: 'conflict', fields: { title: { remote: 'theirs', local: 'mine' } } },
      ])
    }
  })

  it('S29: stops a run whose state another one has written', async () => {
    let release: (() => void) | undefined
    let isHeld = true
    const { provider, replica, titles, engine } = createScene({
      remote: (remote) => ({
        ...remote,
        create: async (item, call) => {
          if (isHeld) {
            isHeld = false
            await new Promise<void>((resolve) => {
              release = resolve
            })
          }
          return remote.create?.(item, call) ?? { code: 'exists' }
        },
      }),
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    const stale = engine().run({ first: 'merge' })
    await expect.poll(() => release).toBeDefined()
    expect(await engine().run({ first: 'merge' })).toMatchObject({ complete: true })
    release?.()
    expect(await stale).toMatchObject({ superseded: true, complete: false, success: true })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(provider.records()).toHaveLength(1)
  })

  it('S30: keeps a row away that the host removed from a one-way sync', async () => {
    const { provider, replica, titles, run } = createScene({ engine: { direction: 'pull' } })
    fill(provider, 2)
    await run()
    replica.drop('p1')
    await run()
    provider.put('r1', { title: 'changed' })
    expect(await run()).toMatchObject({ restored: 0, success: true })
    expect(titles().local).toEqual(['title 2'])
    expect(provider.records()).toHaveLength(2)
  })

  it('S30: creates it again if the plan says so, and says so', async () => {
    const { provider, replica, titles, run } = createScene({ engine: { direction: 'pull', away: 'restore' } })
    fill(provider, 2)
    await run()
    replica.drop('p1')
    expect(await run()).toMatchObject({ restored: 1, created: { local: 1 } })
    expect(titles().local).toEqual(['title 1', 'title 2'])
  })

  it('pulls one way without a write to the provider', async () => {
    const { provider, replica, titles, run } = createScene({ engine: { direction: 'pull' } })
    fill(provider, 1)
    await run()
    replica.edit('p1', { title: 'mine' })
    replica.edit('l2', { title: 'new', place: 'here' })
    await run()
    provider.put('r1', { place: 'there' })
    await run()
    const { create, update, remove } = provider.requests
    expect([create, update, remove]).toEqual([0, 0, 0])
    expect(titles()).toEqual({ remote: ['title 1'], local: ['mine', 'new'] })
  })

  it('pushes one way without a write to the host', async () => {
    const { provider, replica, titles, run } = createScene({ engine: { direction: 'push' } })
    fill(provider, 1)
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    const writes = replica.writes
    const pushed = provider.records().find(({ id }) => id !== 'r1')
    provider.put(pushed?.id ?? '', { place: 'there' })
    replica.edit('l1', { title: 'changed' })
    await run()
    expect(replica.writes).toBe(writes)
    expect(titles()).toEqual({ remote: ['changed', 'title 1'], local: ['changed'] })
    replica.drop('l1')
    expect(await run()).toMatchObject({ deleted: { remote: 1 } })
    expect(titles().remote).toEqual(['title 1'])
  })

  describe('S31: one side removed what the other changed', () => {
    it('keeps the edit of the host, and counts it', async () => {
      const { provider, replica, titles, run } = createScene()
      fill(provider, 1)
      await run()
      provider.drop('r1')
      replica.edit('p1', { title: 'mine' })
      expect(await run()).toMatchObject({ conflicts: 1, restored: 1, created: { remote: 1 } })
      expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    })

    it('keeps the edit of the provider, and counts it', async () => {
      const { provider, replica, titles, run } = createScene()
      fill(provider, 1)
      await run()
      provider.put('r1', { title: 'theirs' })
      replica.drop('p1')
      expect(await run()).toMatchObject({ conflicts: 1, restored: 1, created: { local: 1 } })
      expect(titles()).toEqual({ remote: ['theirs'], local: ['theirs'] })
    })

    it('keeps the lost edit if removals win', async () => {
      const { provider, replica, titles, parked, run } = createScene({ engine: { removals: 'removal' } })
      fill(provider, 2)
      await run()
      provider.drop('r1')
      replica.edit('p1', { title: 'mine' })
      provider.put('r2', { title: 'theirs' })
      replica.drop('p2')
      expect(await run()).toMatchObject({ conflicts: 2, overwritten: 2, deleted: { local: 1, remote: 1 } })
      expect(titles()).toEqual({ remote: [], local: [] })
      const kept = (await parked()).map(({ kind, fields }) => [kind, fields['*']])
      expect(kept).toEqual(
        expect.arrayContaining([
          ['overwritten', { local: { title: 'mine', place: 'here' } }],
          ['overwritten', { remote: { title: 'theirs', place: 'here' } }],
        ]),
      )
    })

    it.each([
      ['remote', [], []],
      ['local', ['mine'], ['mine']],
    ] as const)('parks it, and applies the %s side when that is decided', async (choice, remote, local) => {
      const { provider, replica, titles, parked, engine, run } = createScene({ engine: { removals: 'park' } })
      fill(provider, 1)
      await run()
      provider.drop('r1')
      replica.edit('p1', { title: 'mine' })
      expect(await run()).toMatchObject({ parked: 1, deleted: { local: 0 } })
      const [row] = await parked()
      expect(row).toMatchObject({ kind: 'removed', fields: { '*': { local: { title: 'mine', place: 'here' } } } })
      await engine().resolve(row?.id ?? '', choice)
      await run()
      expect(titles()).toEqual({ remote, local })
      expect((await parked()).filter(({ kind }) => kind === 'removed')).toEqual([])
    })
  })

  it('S32: only counts in the first run of two full sides', async () => {
    const { provider, replica, engine, titles } = createScene()
    fill(provider, 3)
    replica.edit('l1', { title: 'mine', place: 'here' })
    const result = await engine().run()
    expect(result).toMatchObject({ preview: true, success: true, complete: false })
    expect(writesOf(result)).toEqual(NO_WRITES)
    expect(titles().local).toEqual(['mine'])
  })

  it('S32: matches 500 equal records of both sides without a create', async () => {
    const { provider, replica, engine } = createScene({
      provider: { pageSize: 100 },
      engine: { match: (item) => String(item['title']).toLowerCase() },
    })
    fill(provider, 500)
    for (let each = 1; each <= 500; each++) replica.edit(`l${each}`, { title: `title ${each}`, place: 'here' })
    provider.put('r7', { place: 'there' })
    const preview = await engine().preview()
    expect(preview).toMatchObject({ complete: true, actions: [{ kind: 'update', side: 'local', id: 'l7' }] })
    expect(replica.writes).toBe(0)
    const result = await engine().run({ first: 'merge' })
    expect(result).toMatchObject({ created: { local: 0, remote: 0 }, updated: { local: 1, remote: 0 }, conflicts: 1 })
    expect(replica.rows()).toHaveLength(500)
    expect(writesOf(await engine().run())).toEqual(NO_WRITES)
  })
})

describe('records that belong to others', () => {
  const series = {
    traits: {
      fields: ['title', 'place', 'seriesId'],
      readOnly: ['seriesId'],
      parent: ({ seriesId }: Fields) => (typeof seriesId === 'string' ? seriesId : undefined),
    },
  }

  it('S16: removes an exception alone, and a series with its exceptions', async () => {
    const { provider, titles, run } = createScene(series)
    provider.put('r1', { title: 'series', place: 'here', seriesId: null })
    provider.put('r2', { title: 'one', place: 'here', seriesId: 'r1' })
    provider.put('r3', { title: 'two', place: 'there', seriesId: 'r1' })
    await run()
    provider.drop('r2')
    await run()
    expect(titles().local).toEqual(['series', 'two'])
    provider.drop('r1')
    provider.drop('r3')
    await run()
    expect(titles().local).toEqual([])
  })

  it('S16: removes the exceptions of a series that the provider does not report', async () => {
    let isSilent = false
    const { provider, titles, run } = createScene({
      ...series,
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          return 'code' in page || !isSilent ? page : { ...page, removed: page.removed?.filter((id) => id === 'r1') }
        },
      }),
    })
    provider.put('r1', { title: 'series', place: 'here', seriesId: null })
    provider.put('r2', { title: 'one', place: 'here', seriesId: 'r1' })
    await run()
    isSilent = true
    provider.drop('r1')
    provider.drop('r2')
    await run()
    expect(titles().local).toEqual([])
  })

  it('S18: keeps one row for an exception that is listed before and after its series', async () => {
    const { provider, replica, titles, run } = createScene({
      ...series,
      remote: (remote) => ({
        ...remote,
        pull: async (place) => {
          const page = await remote.pull(place)
          return 'code' in page ? page : { ...page, changed: [...page.changed.toReversed(), ...page.changed] }
        },
      }),
    })
    provider.put('r1', { title: 'series', place: 'here', seriesId: null })
    provider.put('r2', { title: 'one', place: 'here', seriesId: 'r1' })
    await run()
    expect(titles().local).toEqual(['one', 'series'])
    // The series was written first.
    expect(replica.rows().map(({ item }) => item['title'])).toEqual(['series', 'one'])
    expect(writesOf(await run())).toEqual(NO_WRITES)
  })

  it('restores a read-only field that the host changed', async () => {
    const { provider, replica, run } = createScene(series)
    provider.put('r1', { title: 'series', place: 'here', seriesId: null })
    provider.put('r2', { title: 'one', place: 'here', seriesId: 'r1' })
    await run()
    replica.edit('p2', { seriesId: 'r9', title: 'mine' })
    await run()
    expect(replica.rows()[1]?.item).toEqual({ title: 'mine', place: 'here', seriesId: 'r1' })
    expect(provider.records()[1]?.item).toEqual({ title: 'mine', place: 'here', seriesId: 'r1' })
  })
})
