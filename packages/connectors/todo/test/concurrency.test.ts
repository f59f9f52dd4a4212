import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Store } from '@mcpclient/core'
import { sqliteStore } from '@mcpclient/sqlite'
import { errorOf, slowStore } from '@mcpclient/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { todo } from '../src/index.ts'

const folder = await mkdtemp(join(tmpdir(), 'todo-'))
const opened: Store[] = []
afterAll(async () => {
  for (const store of opened) await store.close?.()
  await rm(folder, { recursive: true })
})

let files = 0
/** Returns functions that open the same rows again, as another process does. */
const stores: Readonly<Record<string, () => () => Store>> = {
  memory() {
    const store = slowStore(memoryStore(), { turns: 5 })
    return () => store
  },
  sqlite() {
    const file = join(folder, `${files++}.db`)
    return () => {
      const store = sqliteStore({ file })
      opened.push(store)
      return store
    }
  },
}

/** Starts a client of its own, with the system's clock: the waits between attempts are a few milliseconds. */
const clientOf = (open: () => Store) =>
  createMcpClient({ connectors: { todo: todo({ store: open() }) } }).as('ada').todo

describe.each(Object.entries(stores))('processes that share a %s store', (_name, connect) => {
  it('both keep their edits of different fields of one task', async () => {
    const open = connect()
    const [one, two] = [clientOf(open), clientOf(open)]
    const { id } = await one.call('create_task', { title: 'Mend the gate' })
    for (let round = 0; round < 10; round++) {
      await Promise.all([
        one.call('update_task', { id, title: `Title ${round}` }),
        two.call('update_task', { id, notes: `Notes ${round}` }),
        one.call('update_task', { id, tags: [`tag-${round}`] }),
        two.call(round % 2 === 0 ? 'complete_task' : 'reopen_task', { id }),
      ])
      expect(await two.call('get_task', { id })).toMatchObject({
        title: `Title ${round}`,
        notes: `Notes ${round}`,
        tags: [`tag-${round}`],
        status: round % 2 === 0 ? 'done' : 'open',
      })
    }
  })

  it('leave one of the values if they edit the same field', async () => {
    const open = connect()
    const [one, two] = [clientOf(open), clientOf(open)]
    const { id } = await one.call('create_task', { title: 'Mend the gate' })
    const titles = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H']
    const results = await Promise.all(
      titles.map((title, index) => (index % 2 ? one : two).call('update_task', { id, title })),
    )
    expect(results.every(({ changed }) => changed)).toBe(true)
    // Each write followed another one: the previous titles and the last one are all titles there were.
    const { title } = await one.call('get_task', { id })
    expect(new Set([...results.map(({ previous }) => previous.title), title])).toEqual(
      new Set([...titles, 'Mend the gate']),
    )
  })

  it('create one task for an id of the client', async () => {
    const open = connect()
    const clients = Array.from({ length: 5 }, () => clientOf(open))
    const created = await Promise.all(
      clients.map((each, index) => each.call('create_task', { id: 'gate-1', title: `Mend ${index}` })),
    )
    expect(created.filter(({ changed }) => changed)).toHaveLength(1)
    expect(new Set(created.map(({ title }) => title)).size).toBe(1)
  })

  it('do not bring back a task that one of them deletes', async () => {
    const open = connect()
    const [one, two] = [clientOf(open), clientOf(open)]
    const { id } = await one.call('create_task', { title: 'Mend the gate' })
    const [, error] = await Promise.all([
      one.call('delete_task', { id }),
      two.call('update_task', { id, title: 'Mend' }).catch((failure: unknown) => failure),
    ])
    expect((await one.call('list_tasks', {})).tasks).toEqual([])
    expect(error).toSatisfy(
      (outcome: { changed?: boolean; details?: { status?: number } }) =>
        outcome.changed === true || outcome.details?.status === 404,
    )
  })
})

it('reports a write that loses every compare-and-swap as not processed', async () => {
  const rows = memoryStore()
  let puts = 0
  const store: Store = {
    ...rows,
    put: (key, value, options) => {
      puts++
      return typeof options?.ifVersion === 'string'
        ? Promise.resolve({ conflict: true })
        : rows.put(key, value, options)
    },
  }
  const clock = {
    now: Date.now,
    monotonic: () => performance.now(),
    schedule: (_ms: number, run: () => void) => defer(run),
  }
  const ada = createMcpClient({ connectors: { todo: todo({ store, clock }) } }).as('ada').todo
  const { id } = await ada.call('create_task', { title: 'Mend the gate' })
  const error = await errorOf(ada.call('complete_task', { id }))
  expect(error).toMatchObject({
    code: 'MCP_CLIENT_ERROR',
    details: { status: 409, reason: 'conflict', outcome: 'not_processed' },
  })
  expect(puts).toBe(21)
})

/** Runs at once, so that waits take no time. */
function defer(run: () => void): () => void {
  queueMicrotask(run)
  return () => undefined
}
