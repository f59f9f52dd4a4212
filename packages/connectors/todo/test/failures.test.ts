import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { encrypted } from '@mcpclient/core/vault'
import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { start } from './start.ts'

const hang = () => new Promise<never>(() => undefined)
const fail = () => Promise.reject(new Error('ECONNRESET at db.internal'))

/** Returns a store in which the given methods of a working one are replaced. */
const broken = (replaced: Partial<Store>, rows = memoryStore()): Store => ({ ...rows, ...replaced })

describe('a store that fails', () => {
  it('fails a read after retries, with an error that names the store and hides its details', async () => {
    let gets = 0
    const store = broken({
      get: () => {
        gets++
        return fail()
      },
    })
    const { ada, clock } = start({ store })
    const error = await clock.until(errorOf(ada.call('get_task', { id: 'gate-1' })))
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { reason: 'store_unavailable' } })
    expect(error.message).toBe('The store of the tasks failed.')
    expect(error.advice).toContain('todo()')
    expect(gets).toBeGreaterThan(1)
  })

  it('leaves nothing unknown if it fails before the write', async () => {
    const rows = memoryStore()
    const { ada } = start({ store: rows })
    await ada.call('create_task', { id: 'gate-1', title: 'Mend' })
    const { ada: unlucky, clock } = start({ store: broken({ get: fail }, rows) })
    const error = await clock.until(errorOf(unlucky.call('update_task', { id: 'gate-1', title: 'Sell' })))
    expect(error).toMatchObject({ details: { outcome: 'not_processed' } })
    expect(await ada.call('get_task', { id: 'gate-1' })).toMatchObject({ title: 'Mend' })
  })

  it('leaves a create unknown if its write may have happened, and creates it once with the same id', async () => {
    const rows = memoryStore()
    let puts = 0
    const store = broken(
      {
        put: async (...write) => {
          const result = await rows.put(...write)
          return ++puts === 1 ? fail() : result
        },
      },
      rows,
    )
    const { ada, clock } = start({ store })
    const error = await clock.until(errorOf(ada.call('create_task', { id: 'gate-1', title: 'Mend' })))
    expect(error).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } })
    expect(error.advice).toContain('same id')
    expect(puts).toBe(1)
    expect(await ada.call('create_task', { id: 'gate-1', title: 'Mend' })).toMatchObject({ changed: false })
  })

  it('does not lose an update whose response was lost', async () => {
    const rows = memoryStore()
    let puts = 0
    const store = broken(
      {
        put: async (...write) => {
          const result = await rows.put(...write)
          return ++puts === 2 ? fail() : result
        },
      },
      rows,
    )
    const { ada, clock } = start({ store })
    await ada.call('create_task', { id: 'gate-1', title: 'Mend' })
    expect(await clock.until(ada.call('update_task', { id: 'gate-1', title: 'Sell' }))).toMatchObject({ title: 'Sell' })
    expect(puts).toBe(2)
  })

  it('deletes again after a lost response', async () => {
    const rows = memoryStore()
    let deletes = 0
    const store = broken(
      { delete: async (key) => ((await rows.delete(key)) && ++deletes === 1 ? fail() : false) },
      rows,
    )
    const { ada, clock } = start({ store })
    await ada.call('create_task', { id: 'gate-1', title: 'Mend' })
    expect(await clock.until(ada.call('delete_task', { id: 'gate-1' }))).toEqual({ deleted: false })
    expect((await rows.list('')).entries).toEqual([])
  })
})

describe('a store that hangs', () => {
  it('ends a read at the time limit of the call', async () => {
    const { ada, clock } = start({ store: broken({ list: hang }) })
    const error = await clock.until(errorOf(ada.call('list_tasks', {}, { timeoutMs: 1000 })))
    expect(error).toMatchObject({ code: 'TIMEOUT' })
  })

  it('leaves a write unknown only if the write itself hangs', async () => {
    const read = start({ store: broken({ get: hang }) })
    const input = { id: 'gate-1' }
    const before = await read.clock.until(errorOf(read.ada.call('complete_task', input, { timeoutMs: 1000 })))
    expect(before).toMatchObject({ code: 'TIMEOUT', details: { outcome: 'not_processed' } })
    const write = start({ store: broken({ put: hang }) })
    const during = await write.clock.until(
      errorOf(write.ada.call('create_task', { title: 'Mend' }, { timeoutMs: 1000 })),
    )
    expect(during).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown' } })
  })

  it('writes nothing after the call was cancelled', async () => {
    const rows = memoryStore()
    await start({ store: rows }).ada.call('create_task', { id: 'gate-1', title: 'Mend' })
    let release: () => void = () => undefined
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = broken({ get: (key) => gate.then(() => rows.get(key)) }, rows)
    const controller = new AbortController()
    const { ada } = start({ store })
    const failing = errorOf(ada.call('complete_task', { id: 'gate-1' }, { signal: controller.signal }))
    controller.abort()
    expect(await failing).toMatchObject({ code: 'CANCELLED', details: { outcome: 'not_processed' } })
    release()
    for (let turn = 0; turn < 50; turn++) await Promise.resolve()
    expect(await start({ store: rows }).ada.call('get_task', { id: 'gate-1' })).toMatchObject({ status: 'open' })
  })
})

describe('a row that cannot be read', () => {
  const rowsWith = async (value: string) => {
    const rows = memoryStore()
    await start({ store: rows }).ada.call('create_task', { id: 'gate-1', title: 'Mend' })
    await rows.put('todo/ada/default/bad', value)
    return rows
  }

  it.each(['', 'no JSON', '[]', '{"title":"x"}', 'null'])('does not hide the others: %j', async (value) => {
    const { ada } = start({ store: await rowsWith(value) })
    for (const orderBy of ['id', 'due'] as const) {
      const { tasks, unreadable } = await ada.call('list_tasks', { orderBy })
      expect({ ids: tasks.map(({ id }) => id), unreadable }).toEqual({ ids: ['gate-1'], unreadable: ['bad'] })
    }
  })

  it('is not overwritten, and can be deleted', async () => {
    const rows = await rowsWith('no JSON')
    const { ada } = start({ store: rows })
    const attempts = [
      ada.call('get_task', { id: 'bad' }),
      ada.call('update_task', { id: 'bad', title: 'Mend' }),
      ada.call('create_task', { id: 'bad', title: 'Mend' }),
    ]
    for (const attempt of attempts) {
      expect(await errorOf(attempt)).toMatchObject({
        code: 'DATA_TRANSFORMATION_ERROR',
        details: { reason: 'unreadable', hint: expect.stringContaining('delete_task') },
      })
    }
    expect((await rows.get('todo/ada/default/bad'))?.value).toBe('no JSON')
    expect(await ada.call('delete_task', { id: 'bad' })).toEqual({ deleted: true })
  })

  it('is reported by an encrypted store, which cannot decrypt it', async () => {
    const rows = await rowsWith('no ciphertext')
    const keys = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')
    const store = encrypted(rows, { keys })
    const { ada } = start({ store })
    await ada.call('create_task', { id: 'sealed', title: 'Mend' })
    const { tasks, unreadable } = await ada.call('list_tasks', {})
    expect({ ids: tasks.map(({ id }) => id), unreadable }).toEqual({ ids: ['sealed'], unreadable: ['bad', 'gate-1'] })
  })
})
