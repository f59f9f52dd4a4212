import { memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { errorOf } from '@mcpclient/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { start } from './start.ts'

const store = memoryStore()
const { ada, clock } = start({ store })
const idsOf = async (search: Parameters<typeof ada.call<'list_tasks'>>[1]) =>
  (await ada.call('list_tasks', search)).tasks.map(({ id }) => id)

beforeAll(async () => {
  const tasks = [
    { id: 'a', title: 'Count HERONS', due: '2026-11-05', priority: 'low', tags: ['birds'] },
    { id: 'b', title: 'Mend the gate', notes: 'Near the herons', priority: 'high' },
    { id: 'c', title: 'Prune', due: '2026-11-03', tags: ['garden', 'birds'] },
    { id: 'd', title: 'Cafe\u0301 shift', due: '2026-11-05', priority: 'high' },
  ] as const
  // Created in another order than that of their ids.
  for (const task of tasks.toReversed()) {
    await ada.call('create_task', { ...task, tags: 'tags' in task ? [...task.tags] : [] })
    await clock.advance(1000)
  }
  await ada.call('complete_task', { id: 'c' })
})

describe('list_tasks', () => {
  it.each([
    [{}, ['a', 'b', 'c', 'd']],
    [{ status: 'open' }, ['a', 'b', 'd']],
    [{ status: 'done' }, ['c']],
    [{ priority: 'high' }, ['b', 'd']],
    [{ tag: 'birds' }, ['a', 'c']],
    [{ dueBefore: '2026-11-05' }, ['c']],
    [{ dueAfter: '2026-11-03' }, ['a', 'd']],
    [{ dueAfter: '2026-11-03', dueBefore: '2026-11-05' }, []],
    [{ search: 'herons' }, ['a', 'b']],
    [{ search: 'CAF\u00c9' }, ['d']],
    [{ search: 'herons', status: 'open', priority: 'high' }, ['b']],
    [{ orderBy: 'due' }, ['c', 'a', 'd', 'b']],
    [{ orderBy: 'priority' }, ['b', 'd', 'c', 'a']],
    [{ orderBy: 'created' }, ['d', 'c', 'b', 'a']],
    [{ orderBy: 'updated' }, ['c', 'a', 'b', 'd']],
  ] as const)('finds by %j the tasks %j', async (search, ids) => {
    expect(await idsOf(search)).toEqual(ids)
  })

  it.each(['id', 'due', 'priority', 'created', 'updated'] as const)('pages by %s without gaps', async (orderBy) => {
    const all = await idsOf({ orderBy })
    const paged: string[] = []
    let after: string | undefined
    do {
      const page = await ada.call('list_tasks', { orderBy, limit: 1, after })
      paged.push(...page.tasks.map(({ id }) => id))
      after = page.next
    } while (after !== undefined)
    expect(paged).toEqual(all)
  })

  it.each(['due::a', 'nonsense', 'id:', 'id::../x', ''])('rejects the place %j', async (after) => {
    const error = await errorOf(ada.call('list_tasks', { after }))
    expect(error).toMatchObject({ code: 'INVALID_INPUT', details: { issues: [{ path: 'after' }] } })
  })
})

describe('10,000 tasks', () => {
  const TASKS = 10_000
  const rows = memoryStore()
  const largest = { page: 0, lists: 0 }
  const watched: Store = {
    ...rows,
    async list(prefix, options) {
      const page = await rows.list(prefix, options)
      largest.page = Math.max(largest.page, page.entries.length)
      largest.lists++
      return page
    },
  }
  const { ada: many } = start({ store: watched })

  beforeAll(async () => {
    const at = '2026-11-05T08:00:00.000Z'
    const row = { title: 'Mend', priority: 'normal', tags: [], status: 'open', createdAt: at, updatedAt: at }
    for (let index = 0; index < TASKS; index++) {
      const due = index % 100 === 7 ? { due: `2026-11-${String(1 + (((index / 100) % 28) | 0)).padStart(2, '0')}` } : {}
      await rows.put(`todo/ada/default/t${String(index).padStart(5, '0')}`, JSON.stringify({ ...row, ...due }))
    }
  })

  it('are read in pages, each from where the previous one ended', async () => {
    const seen = new Set<string>()
    let after: string | undefined
    do {
      const page = await many.call('list_tasks', { limit: 200, after })
      for (const { id } of page.tasks) seen.add(id)
      after = page.next
    } while (after !== undefined)
    expect(seen.size).toBe(TASKS)
    expect(largest.page).toBeLessThanOrEqual(500)
    // One or two pages of the store for each page of the result, not the whole list.
    expect(largest.lists).toBeLessThanOrEqual((2 * TASKS) / 200)
  })

  it('are ordered without holding more than a page', async () => {
    const { tasks, next } = await many.call('list_tasks', { orderBy: 'due', limit: 3, dueAfter: '2026-11-02' })
    expect(tasks.map(({ id, due }) => [id, due])).toEqual([
      ['t00207', '2026-11-03'],
      ['t03007', '2026-11-03'],
      ['t05807', '2026-11-03'],
    ])
    expect(next).toBe('due:2026-11-03:t05807')
    expect(largest.page).toBeLessThanOrEqual(500)
  })
})
