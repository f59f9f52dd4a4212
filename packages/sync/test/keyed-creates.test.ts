import { ConnectorError, writeAll } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import type { SimulatedProviderOptions } from '@mcpclient/testing/simulators'
import { describe, expect, it } from 'vitest'
import type {
  Parked,
  Remote,
  RemotePage,
  RemoteRecord,
  RemoteTraits,
  Replica,
  SyncEngineOptions,
} from '../src/index.ts'
import { createScene, PREFIX } from './scene.ts'

const HOUR = 3_600_000

const lost = (): ConnectorError =>
  new ConnectorError('OUTCOME_UNKNOWN', 'The simulated response was lost.', { outcome: 'unknown' })

interface KeyedOptions {
  /** The responses of creates: it arrives, is lost after the effect, or the request fails before it. */
  readonly creates?: readonly ('ok' | 'lost' | 'failed')[]
  readonly provider?: Partial<SimulatedProviderOptions>
  readonly traits?: Partial<RemoteTraits>
  readonly engine?: Partial<SyncEngineOptions>
  readonly remote?: (remote: Remote) => Remote
  readonly wrapReplica?: (replica: Replica) => Replica
}

/** Creates a scene whose provider has idempotency keys alone, and loses the responses that a test says. */
function keyed({ creates = ['lost', 'failed'], provider, remote = (port) => port, ...others }: KeyedOptions = {}) {
  const left = [...creates]
  const scene = createScene({
    ...others,
    provider: { creates: 'keys', ...provider },
    remote: (port) =>
      remote({
        ...port,
        async create(item, call) {
          const next = left.shift() ?? 'ok'
          if (next === 'failed') throw lost()
          const created = await port.create?.(item, call)
          if (next === 'lost' || created === undefined) throw lost()
          return created
        },
      }),
  })
  const rows = (): readonly string[] => scene.replica.rows().map(({ id }) => id)
  /** Creates a row whose record is listed before its create can be repeated. */
  const listBefore = async () => {
    scene.replica.edit('l1', { title: 'mine', place: 'here' })
    await scene.run()
    return scene.run()
  }
  const settle = async () => {
    for (let round = 0; round < 3; round++) {
      await scene.clock.advance(HOUR * 25)
      await scene.run()
    }
  }
  return { ...scene, rows, listBefore, settle }
}

const kindsOf = (parked: readonly Parked[]): readonly string[] => parked.map(({ kind }) => kind)

describe('a record that is listed before its create is repeated', () => {
  it('waits for the create, and is paired with the row', async () => {
    const { listBefore, run, rows, titles, parked, replica } = keyed()
    expect(await listBefore()).toMatchObject({ created: { local: 0 }, deferred: 1 })
    expect(rows()).toEqual(['l1'])
    expect(await run()).toMatchObject({ finished: 1 })
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    replica.edit('l1', { title: 'edited' })
    await run()
    expect(titles()).toEqual({ remote: ['edited'], local: ['edited'] })
    expect(await parked()).toEqual([])
  })

  it.each(['record', 'response'] as const)('is read, whether a key returns the %s', async (repeatedKeys) => {
    const { listBefore, run, provider, replica, rows, settle } = keyed({ provider: { repeatedKeys } })
    await listBefore()
    provider.put('s1', { place: 'there' })
    replica.edit('l1', { title: 'edited' })
    await run()
    await settle()
    expect(rows()).toEqual(['l1'])
    expect(provider.records().map(({ item }) => item)).toEqual([{ title: 'edited', place: 'there' }])
    expect(replica.rows().map(({ item }) => item)).toEqual([{ title: 'edited', place: 'there' }])
  })

  it('belongs to its own row if two rows are equal', async () => {
    const { run, rows, provider, replica, settle, parked } = keyed({
      creates: ['lost', 'lost', 'failed', 'failed'],
    })
    replica.edit('l1', { title: 'same', place: 'here' })
    replica.edit('l2', { title: 'same', place: 'here' })
    for (let round = 0; round < 3; round++) await run()
    replica.edit('l2', { title: 'second' })
    await settle()
    expect(rows()).toEqual(['l1', 'l2'])
    expect(provider.records().map(({ id, item }) => [id, item['title']])).toEqual([
      ['s1', 'same'],
      ['s2', 'second'],
    ])
    expect(await parked()).toEqual([])
  })

  it('is removed with its row if the row was removed meanwhile', async () => {
    const { listBefore, replica, settle, rows, titles } = keyed()
    await listBefore()
    replica.drop('l1')
    await settle()
    expect([rows(), titles().remote]).toEqual([[], []])
  })
})

describe('a record that is removed before its create is repeated', () => {
  /** Removes the record, and pulls its removal before the create is repeated. */
  async function removeBefore(options: KeyedOptions = {}) {
    const scene = keyed({
      creates: ['lost', 'failed', 'failed'],
      provider: { repeatedKeys: 'response' },
      ...options,
    })
    await scene.listBefore()
    scene.provider.drop('s1')
    await scene.run()
    return scene
  }

  it('is removed with the row', async () => {
    const { rows, titles, settle, parked } = await removeBefore()
    await settle()
    expect([rows(), titles().remote]).toEqual([[], []])
    expect(await parked()).toEqual([])
  })

  it('is created again if the row was edited', async () => {
    const { replica, provider, rows, titles, settle } = await removeBefore()
    replica.edit('l1', { title: 'edited' })
    await settle()
    expect(rows()).toEqual(['l1'])
    expect(titles()).toEqual({ remote: ['edited'], local: ['edited'] })
    expect(provider.record('s1')).toBeUndefined()
  })
})

describe('a removed record whose create is repeated', () => {
  const SETTLE_MS = 5 * 60_000

  /**
   * Creates a row and loses the response, and a user removes the record. The provider has forgotten the key then.
   * @param shown what the last read of the record showed
   */
  async function removeFirst(shown: (page: RemotePage) => RemotePage, options: KeyedOptions = {}) {
    let oldPage: RemotePage | undefined
    let oldRecords: RemotePage['changed'] = []
    let lagsUntil = 0
    const ports: Remote[] = []
    const scene = keyed({
      creates: ['lost'],
      ...options,
      remote(port) {
        ports.push(port)
        return {
          ...port,
          async pull(place) {
            const page = oldPage ?? (await port.pull(place))
            oldPage = undefined
            return page
          },
          async get(id, call) {
            const [record] = oldRecords
            return record?.id === id && scene.clock.now() < lagsUntil ? record : port.get(id, call)
          },
        }
      },
    })
    scene.replica.edit('l1', { title: 'mine', place: 'here' })
    await scene.run()
    const page = shown({ changed: scene.provider.records(), checkpoint: '1/0' })
    oldRecords = page.changed
    scene.provider.drop('s1')
    return {
      ...scene,
      page,
      ports,
      /** Shows the state before the removal on the next page, and in reads for a while. */
      showOld(lagMs = 0) {
        oldPage = page
        lagsUntil = scene.clock.now() + lagMs
      },
    }
  }

  const asCreated = (page: RemotePage): RemotePage => page
  const asEdited = ({ changed, ...page }: RemotePage): RemotePage => ({
    ...page,
    changed: changed.map(({ item, ...record }) => ({ ...record, item: { ...item, title: 'edited there' } })),
  })

  it.each([
    ['as it was created', asCreated],
    ['as a user had edited it', asEdited],
  ])('gets no second row if an old page shows it %s', async (_, shown) => {
    const { run, showOld, rows, titles, settle, provider, parked } = await removeFirst(shown)
    showOld()
    expect(await run()).toMatchObject({ finished: 1, created: { local: 0 } })
    expect(rows()).toEqual(['l1'])
    await settle()
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(provider.records().map(({ id }) => id)).toEqual(['s2'])
    expect(await parked()).toEqual([])
  })

  it('gets no second row if a later run pulls the old page, and a full list hid the removal', async () => {
    const { run, showOld, rows, clock, provider } = await removeFirst(asCreated)
    provider.expire()
    expect(await run()).toMatchObject({ finished: 1, recovered: 'expired_cursor' })
    await clock.advance(HOUR)
    showOld()
    expect(await run()).toMatchObject({ created: { local: 0 } })
    expect(rows()).toEqual(['l1'])
  })

  it('is read once the provider shows its removal', async () => {
    const { run, showOld, rows, titles, clock, settle } = await removeFirst(asCreated, {
      traits: { settleMs: SETTLE_MS },
    })
    showOld(SETTLE_MS)
    expect(await run()).toMatchObject({ created: { local: 0 }, deferred: 1 })
    await clock.advance(SETTLE_MS / 2)
    await run()
    expect(rows()).toEqual(['l1'])
    await settle()
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
  })

  it('gets no second row if it waited for the create, and the next read is an old one', async () => {
    const { run, showOld, rows, titles, settle } = await removeFirst(asCreated, {
      creates: ['lost', 'failed'],
      traits: { settleMs: SETTLE_MS },
    })
    showOld(SETTLE_MS)
    expect(await run()).toMatchObject({ created: { local: 0 }, errors: [{}] })
    expect(await run()).toMatchObject({ created: { local: 0 }, finished: 1 })
    expect(rows()).toEqual(['l1'])
    await settle()
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
  })

  it('gets no second row if another run repeats the create after the page was read', async () => {
    const { engine, run, page, rows, ports, provider } = await removeFirst(asCreated, { creates: ['lost', 'failed'] })
    const [port] = ports
    if (port === undefined) throw new Error('The scene has no remote.')
    provider.expire()
    let isRepeated = false
    const listing: Remote = {
      ...port,
      async pull() {
        if (!isRepeated) expect(await run()).toMatchObject({ finished: 1 })
        isRepeated = true
        return page
      },
    }
    await engine({ remote: listing }).run()
    expect(isRepeated).toBe(true)
    expect(rows()).toEqual(['l1'])
  })

  it('gets no second row if its response arrives after another run repeated the create', async () => {
    let old: RemoteRecord | undefined
    let isShown = false
    let lagsUntil = 0
    const scene = keyed({
      creates: [],
      traits: { settleMs: SETTLE_MS },
      remote: (port) => ({
        ...port,
        async create(item, call) {
          const created = (await port.create?.(item, call)) ?? { code: 'exists' }
          if ('code' in created) return created
          old = created
          scene.provider.drop(created.id)
          await scene.engine({ remote: port }).run()
          return created
        },
        async pull(place) {
          if (!isShown || old === undefined) return port.pull(place)
          isShown = false
          return { changed: [old], checkpoint: '1/0' }
        },
        get: async (id, call) => (id === old?.id && scene.clock.now() < lagsUntil ? old : port.get(id, call)),
      }),
    })
    scene.replica.edit('l1', { title: 'mine', place: 'here' })
    expect(await scene.run()).toMatchObject({ superseded: true })
    expect(scene.provider.records().map(({ id }) => id)).toEqual(['s2'])
    isShown = true
    lagsUntil = scene.clock.now() + SETTLE_MS
    expect(await scene.run()).toMatchObject({ created: { local: 0 } })
    expect(scene.rows()).toEqual(['l1'])
    await scene.settle()
    expect(scene.titles()).toEqual({ remote: ['mine'], local: ['mine'] })
  })

  it('delays no other record that has one of its values', async () => {
    const { run, provider, titles } = await removeFirst(asCreated)
    provider.put('r1', { title: 'other', place: 'here' })
    expect(await run()).toMatchObject({ finished: 1, created: { local: 1 } })
    expect(titles()).toEqual({ remote: ['mine', 'other'], local: ['mine', 'other'] })
  })
})

it('brings in a record that waited for an open create, after a crash at any write', async () => {
  for (let at = 1; ; at++) {
    const { replica, provider, store, run, engine, settle, titles } = keyed({ creates: ['failed', 'failed'] })
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    provider.put('r1', { title: 'other', place: 'there' })
    await run()
    let count = 0
    const dying: Store = {
      ...store,
      put: (...call) => (++count > at ? Promise.reject(new Error('The process was killed.')) : store.put(...call)),
    }
    await engine({ store: dying }).run()
    await settle()
    expect(titles(), `write ${at}`).toEqual({ remote: ['mine', 'other'], local: ['mine', 'other'] })
    if (count <= at) return expect(at).toBeGreaterThan(5)
  }
})

describe('a create that failed three times', () => {
  const FAILED = ['lost', 'failed', 'failed', 'failed'] as const

  /** Fails three times, so the record gets a row of its own: others must not wait for a create that may never succeed. */
  async function listTwice(options: KeyedOptions = {}) {
    const scene = keyed({ creates: FAILED, ...options })
    await scene.listBefore()
    await scene.run()
    expect(kindsOf(await scene.parked())).toEqual(['failing'])
    await scene.run()
    expect(scene.rows()).toHaveLength(2)
    const [copy = ''] = scene.rows().filter((id) => id !== 'l1')
    return { ...scene, copy }
  }

  it('holds no other record back', async () => {
    const { provider, run, titles } = await listTwice()
    provider.put('r1', { title: 'other', place: 'there' })
    expect(await run()).toMatchObject({ created: { local: 1 } })
    expect(titles().local).toContain('other')
  })

  it('removes the second row, with the edits that were made in it', async () => {
    const { replica, copy, settle, rows, provider, parked, run } = await listTwice()
    replica.edit(copy, { place: 'in the copy' })
    replica.edit('l1', { title: 'in the row' })
    await settle()
    expect(rows()).toEqual(['l1'])
    expect(provider.records().map(({ item }) => item)).toEqual([{ title: 'in the row', place: 'in the copy' }])
    expect(replica.rows().map(({ item }) => item)).toEqual([{ title: 'in the row', place: 'in the copy' }])
    expect(await parked()).toEqual([])
    const writes = [replica.writes, provider.writes()]
    await run()
    expect([replica.writes, provider.writes()]).toEqual(writes)
  })

  it('keeps the value of a field that was edited in both rows', async () => {
    const { clock, replica, copy, engine, rows, titles, parked } = await listTwice()
    await clock.advance(25 * HOUR)
    // Edited after the last run, so the copy has sent nothing.
    replica.edit(copy, { title: 'in the copy' })
    replica.edit('l1', { title: 'in the row' })
    await engine().run()
    await engine().run()
    expect(rows()).toEqual(['l1'])
    expect(titles()).toEqual({ remote: ['in the row'], local: ['in the row'] })
    expect(await parked()).toMatchObject([{ kind: 'overwritten', fields: { title: { local: 'in the copy' } } }])
  })

  it.each(['record', 'response'] as const)(
    'creates the row again if a user removed the second one, and a key returns the %s',
    async (repeatedKeys) => {
      const { replica, copy, settle, rows, titles, run } = await listTwice({ provider: { repeatedKeys } })
      replica.drop(copy)
      await settle()
      expect(rows()).toEqual(['l1'])
      expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
      replica.edit('l1', { title: 'edited' })
      expect(await run()).toMatchObject({ complete: true, superseded: false })
      expect(titles()).toEqual({ remote: ['edited'], local: ['edited'] })
    },
  )

  it('keeps the second row if a user removed the first one', async () => {
    const { replica, copy, settle, rows, titles, parked } = await listTwice()
    replica.drop('l1')
    await settle()
    expect(rows()).toEqual([copy])
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(await parked()).toEqual([])
  })

  it('is not repeated once a user removed its row', async () => {
    const { provider, replica, copy, settle, rows, parked } = await listTwice({
      provider: { normalize: ({ title, ...item }) => ({ ...item, title: String(title).toUpperCase() }) },
    })
    replica.drop('l1')
    // The key is forgotten with the record, so a repeated create would make another one.
    provider.drop('s1')
    replica.edit(copy, { title: 'in the copy' })
    await settle()
    expect(rows()).toEqual([copy])
    expect(provider.records().map(({ item }) => item)).toEqual([{ title: 'IN THE COPY', place: 'here' }])
    expect(await parked()).toEqual([])
  })

  /** Begins to absorb the second row, and dies at a write. `count` is how many writes there were. */
  async function dieAt(at: number) {
    const scene = await listTwice()
    const { clock, store, replica, copy, engine } = scene
    await clock.advance(25 * HOUR)
    replica.edit(copy, { place: 'in the copy' })
    let count = 0
    const killed = <Result>(write: () => Promise<Result>): Promise<Result> =>
      ++count > at ? Promise.reject(new Error('The process was killed.')) : write()
    const dying: Store = {
      ...store,
      put: (...call) => killed(() => store.put(...call)),
      delete: (...call) => killed(() => store.delete(...call)),
      batch: (writes) => killed(() => writeAll(store, writes)),
    }
    const dyingReplica: Replica = {
      ...replica,
      put: (record) => killed(() => replica.put(record)),
      remove: (...call) => killed(() => replica.remove(...call)),
    }
    await engine({ store: dying, replica: dyingReplica }).run()
    return { ...scene, count }
  }

  it('is finished after a crash at any write', async () => {
    for (let at = 1; ; at++) {
      const { replica, copy, settle, rows, provider, count } = await dieAt(at)
      if (count <= at) return expect(at).toBeGreaterThan(15)
      // An edit of the row that is about to be removed is not lost either.
      if (replica.rows().some(({ id }) => id === copy)) replica.edit(copy, { title: `after ${at}` })
      await settle()
      const { item } = replica.rows().find(({ id }) => id === 'l1') ?? {}
      expect(rows(), `write ${at}`).toEqual(['l1'])
      expect(provider.records().map((record) => record.item)).toEqual([item])
      expect(item?.['place']).toBe('in the copy')
    }
  })

  it('keeps the second row, if it is left, when a user removes the first one after a crash at any write', async () => {
    const seen = new Set<string>()
    for (let at = 1; ; at++) {
      const { replica, copy, settle, rows, provider, count } = await dieAt(at)
      if (count <= at) break
      const left = rows().filter((id) => id === copy)
      replica.drop('l1')
      await settle()
      expect(rows(), `write ${at}`).toEqual(left)
      for (const id of left) replica.edit(id, { title: 'edited' })
      await settle()
      const items = replica.rows().map(({ item }) => item)
      expect(
        provider.records().map(({ item }) => item),
        `write ${at}`,
      ).toEqual(items)
      expect(items.every(({ title }) => title === 'edited')).toBe(true)
      seen.add(left.join())
    }
    expect([...seen].toSorted()).toEqual(['', expect.any(String)])
  })
})

describe('a key that belongs to another content', () => {
  it('is replaced once every page shows no record of it', async () => {
    let refused = 0
    const { run, clock, replica, titles, parked } = keyed({
      creates: [],
      remote: (port) => {
        const used = new Set<string | undefined>()
        return {
          ...port,
          create: async (item, call) => {
            if (used.size === 0) used.add(call.idempotencyKey)
            if (used.has(call.idempotencyKey)) {
              refused++
              return { code: 'exists' }
            }
            return (await port.create?.(item, call)) ?? { code: 'exists' }
          },
        }
      },
    })
    replica.edit('l1', { title: 'mine', place: 'here' })
    expect(await run()).toMatchObject({ unknown: 1 })
    await clock.advance(HOUR)
    await run()
    expect(titles()).toEqual({ remote: ['mine'], local: ['mine'] })
    expect(await parked()).toEqual([])
    expect(refused).toBeLessThanOrEqual(2)
  })

  it('keeps the row of a later item, if another run created the record with an earlier one and died', async () => {
    let tries = 0
    let isCreated = false
    const { run, engine, store, settle, replica, provider, titles, parked } = keyed({
      creates: [],
      remote: (port) => ({
        ...port,
        async create(item, call) {
          if (++tries === 1) {
            await engine({ store: dying }).run()
            throw new ConnectorError('MCP_CLIENT_ERROR', 'Refused.', { outcome: 'not_processed' })
          }
          const created = await port.create?.(item, call)
          isCreated = true
          return created ?? { code: 'exists' }
        },
      }),
    })
    const dying: Store = {
      ...store,
      async put(key, ...others) {
        if (isCreated && key.startsWith(`${PREFIX}/m/`)) throw new Error('The process was killed.')
        return store.put(key, ...others)
      },
    }
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    replica.edit('l1', { title: 'later' })
    const [record] = provider.records()
    provider.put(record?.id ?? '', { title: 'theirs' })
    await settle()
    expect(titles()).toEqual({ remote: ['theirs'], local: ['theirs'] })
    expect(await parked()).toMatchObject([{ kind: 'overwritten', fields: { title: { local: 'later' } } }])
  })
})

describe('a page of one run with a record that another run is creating', () => {
  /** Runs `creating` when the other run pulls its page, which waits until `isCreated`. */
  async function listDuring(
    scene: ReturnType<typeof keyed>,
    port: Remote | undefined,
    creating: () => Promise<unknown>,
    isCreated: Promise<unknown>,
    listed: () => void = () => {},
  ): Promise<void> {
    if (port === undefined) throw new Error('The scene has no remote.')
    const { pull } = port
    let running: Promise<unknown> | undefined
    const listing: Remote = {
      ...port,
      async pull(place) {
        running ??= creating()
        await Promise.race([isCreated, running])
        return pull(place)
      },
    }
    await scene.engine({ remote: listing }).run({ first: 'merge' })
    listed()
    await running
  }

  it.each(['keys', 'neither'] as const)(
    'leaves one row at a provider with %s, and the response arrives late',
    async (creates) => {
      const isCreated = Promise.withResolvers<void>()
      const isListed = Promise.withResolvers<void>()
      let port: Remote | undefined
      const scene = keyed({
        creates: [],
        provider: { creates },
        remote(original) {
          port = original
          return {
            ...original,
            async create(item, call) {
              const created = await original.create?.(item, call)
              isCreated.resolve()
              await isListed.promise
              return created ?? { code: 'exists' }
            },
          }
        },
      })
      scene.replica.edit('l1', { title: 'mine', place: 'here' })
      await listDuring(scene, port, () => scene.run(), isCreated.promise, isListed.resolve)
      await scene.settle()
      expect(scene.rows()).toEqual(['l1'])
      scene.replica.edit('l1', { title: 'edited' })
      await scene.run()
      expect(scene.titles()).toEqual({ remote: ['edited'], local: ['edited'] })
      expect(await scene.parked()).toEqual([])
    },
  )

  it.each(['keys', 'neither'] as const)(
    'leaves one row at a provider with %s if the other run stops after the index',
    async (creates) => {
      let port: Remote | undefined
      const scene = keyed({
        creates: [],
        provider: { creates },
        remote: (original) => {
          port = original
          return original
        },
      })
      let isKilled = false
      const killed: Store = {
        ...scene.store,
        put: async (key, value, options) => {
          if (isKilled) throw new Error('The process was killed.')
          isKilled = key.startsWith(`${PREFIX}/r/`)
          return scene.store.put(key, value, options)
        },
      }
      scene.replica.edit('l1', { title: 'mine', place: 'here' })
      await listDuring(scene, port, () => scene.engine({ store: killed }).run(), new Promise(() => {}))
      expect(isKilled).toBe(true)
      await scene.settle()
      expect(scene.rows()).toEqual(['l1'])
      expect(scene.titles()).toEqual({ remote: ['mine'], local: ['mine'] })
      expect(await scene.parked()).toEqual([])
    },
  )
})

describe('the state of a sync that was removed', () => {
  it.each(['ids', 'keys'] as const)('leaves no row twice at a provider with %s', async (creates) => {
    const { replica, engine, run, rows, titles, parked } = keyed({ creates: [], provider: { creates } })
    replica.edit('l1', { title: 'mine', place: 'here' })
    await run()
    await engine().forget()
    await run()
    await run()
    expect(rows()).toEqual(['l1'])
    replica.edit('l1', { title: 'edited' })
    await run()
    expect(titles()).toEqual({ remote: ['edited'], local: ['edited'] })
    expect(await parked()).toEqual([])
  })
})
