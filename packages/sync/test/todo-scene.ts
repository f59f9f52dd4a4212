import { createMcpClient, memoryStore } from '@mcpclient/core'
import type { Capability } from '@mcpclient/core'
import { bearer, defineConnector, del, errorTable, get, patch, path, post, sync } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import type { SyncPlan } from '@mcpclient/sync'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import * as z from 'zod'
import { simulatedReplica } from './simulated-replica.ts'

const Task = z.object({ id: z.string(), etag: z.string(), title: z.string().optional(), note: z.string().optional() })
const Page = z
  .object({ items: z.array(z.unknown()), next: z.string().optional(), token: z.string().optional() })
  .transform(({ items, next, token }) => {
    const isRemoved = (item: unknown): item is { id: string } => (item as { deleted?: boolean }).deleted === true
    return {
      changed: items.filter((item) => !isRemoved(item)),
      removed: items.filter(isRemoved).map(({ id }) => id),
      page: next,
      checkpoint: token,
    }
  })
export const tasks = sync({
  description: 'The tasks of a list.',
  params: z.object({ list: z.string().default('inbox') }),
  item: Task,
  key: 'id',
  version: 'etag',
  codes: { expired: ['token_expired'], conflict: ['changed'], gone: ['deleted'], exists: ['duplicate'] },
  page: Page,
  pull: ({ params, since, page }) => get(path`lists/${params.list}`, { since, page }),
  get: (id) => get(path`tasks/${id}`),
  push: {
    id: (seed) => seed,
    create: (item, { id }) => post('tasks', { ...item, id }),
    update: (changes, { id, version = '' }) => patch(path`tasks/${id}`, changes, { headers: { 'if-match': version } }),
    remove: ({ id, version = '' }) => del(path`tasks/${id}`, undefined, { headers: { 'if-match': version } }),
  },
})
export const todo = defineConnector({
  id: 'todo',
  name: 'Todo',
  baseUrl: 'https://todo.example/',
  auth: bearer(),
  errors: errorTable({ code: 'code' }, {}),
  tools: {},
  syncs: { tasks },
})

interface Row {
  readonly id: string
  readonly etag: string
  readonly title?: string
  readonly note?: string
  readonly deleted?: boolean
}

/** Creates a provider in memory: two items in a page, sync tokens, etags, ids from the client, removed items in the feed. */
export function provider() {
  const rows = new Map<string, Row>()
  const log: string[] = []
  let floor = 0
  const write = (id: string, fields: Partial<Row>): Row => {
    const row = { ...rows.get(id), ...fields, id, etag: `e${log.push(id)}` }
    for (const [name, value] of Object.entries(row)) if (value === null) Reflect.deleteProperty(row, name)
    rows.set(id, row)
    return row
  }
  const fail = (status: number, code: string) => ({ status, json: { code } })
  const transport = scriptedTransport(({ method, url, json, headers }) => {
    const { pathname, searchParams } = new URL(url)
    const id = pathname.split('/').at(-1) ?? ''
    if (method === 'POST') {
      const fields = json as Row
      if (fields.title === 'refused') return fail(400, 'title_not_allowed')
      return rows.has(fields.id) ? fail(409, 'duplicate') : { json: write(fields.id, fields) }
    }
    if (pathname.startsWith('/lists/')) {
      const since = searchParams.get('since')
      if (since !== null && Number(since) < floor) return fail(410, 'token_expired')
      const ids = [...new Set(since === null ? rows.keys() : log.slice(Number(since)))]
      const start = Number(searchParams.get('page') ?? 0)
      const items = ids.slice(start, start + 2).flatMap((each) => rows.get(each) ?? [])
      const isLast = start + 2 >= ids.length
      return {
        json: {
          items: since === null ? items.filter(({ deleted }) => deleted !== true) : items,
          ...(isLast ? { token: String(log.length) } : { next: String(start + 2) }),
        },
      }
    }
    const row = rows.get(id)
    if (row === undefined || row.deleted === true) return fail(410, 'deleted')
    if (method === 'GET') return { json: row }
    if (headers['if-match'] !== row.etag) return fail(412, 'changed')
    return { json: write(id, method === 'DELETE' ? { deleted: true } : (json as Partial<Row>)) }
  })
  return {
    transport,
    write,
    expireTokens: () => {
      floor = log.length + 1
    },
    rows: () => [...rows.values()].filter(({ deleted }) => deleted !== true),
    titles: () => [...rows.values()].filter(({ deleted }) => deleted !== true).map(({ title }) => title),
  }
}

export const SECRET = 'a-secret-of-at-least-32-characters'

/** Composes a client with one sync over a simulated provider and table. */
export async function setUp(plan: Partial<SyncPlan> = {}, more: readonly Capability[] = []) {
  const clock = createFakeClock()
  const remote = provider()
  const replica = simulatedReplica()
  const targets: unknown[] = []
  const state = memoryStore()
  const plans: readonly SyncPlan[] = [
    {
      connector: 'todo',
      sync: 'tasks',
      replica: (target) => {
        targets.push(target)
        return replica
      },
      ...plan,
    },
  ]
  const capability = syncs({ plans, secret: SECRET })
  const mcp = createMcpClient({
    connectors: { todo: todo() },
    vault: vault({ store: memoryStore() }),
    capabilities: [capability, ...more],
    ...(more.length > 0 && { clock }),
    transport: remote.transport,
    state,
  })
  await mcp.as('ada').todo.connect({ token: 'token-of-ada' })
  const ada = mcp.as('ada').todo
  const both = () => ada.syncData('tasks', { direction: 'both' })
  return { remote, replica, targets, state, capability, ada, both, mcp, clock }
}
