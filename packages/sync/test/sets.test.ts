import { createMcpClient, memoryStore } from '@mcpclient/core'
import { bearer, defineConnector, errorTable, get, path, post, sync } from '@mcpclient/core/define'
import { vault } from '@mcpclient/core/vault'
import { syncs } from '@mcpclient/sync'
import { createFakeClock, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'
import { simulatedReplica } from './simulated-replica.ts'
import { SECRET } from './todo-scene.ts'

const Item = z.object({
  id: z.string(),
  etag: z.string().optional(),
  title: z.string().optional(),
  labels: z.array(z.string()).optional(),
})
const common = {
  item: Item,
  key: 'id',
  sets: ['labels'],
  codes: { conflict: ['changed'] },
  page: z.object({ items: z.array(z.unknown()), token: z.string() }).transform(({ items, token }) => ({
    changed: items,
    checkpoint: token,
  })),
  get: (id: string) => get(path`notes/${id}`),
} as const

/** Notes whose labels are added and removed one by one. */
const notes = defineConnector({
  id: 'notes',
  name: 'Notes',
  baseUrl: 'https://notes.example/',
  auth: bearer(),
  errors: errorTable({ code: 'code' }, {}),
  tools: {},
  syncs: {
    notes: sync({
      ...common,
      description: 'The notes.',
      pull: () => get('notes'),
      push: {
        update: (changes, { id, sets: { labels } }) =>
          post(path`notes/${id}`, { title: changes.title, add: labels?.added, remove: labels?.removed }),
      },
    }),
    versioned: sync({
      ...common,
      description: 'The notes, with etags.',
      version: 'etag',
      pull: () => get('notes'),
      push: {
        update: (changes, { id, version, sets: { labels } }) =>
          post(
            path`notes/${id}`,
            { title: changes.title, add: labels?.added, remove: labels?.removed },
            { headers: { 'if-match': version ?? '' } },
          ),
      },
    }),
  },
})

interface Note {
  readonly id: string
  readonly etag: string
  readonly title: string
  readonly labels: readonly string[]
}

async function setUp(name: 'notes' | 'versioned') {
  let note: Note = { id: 'n1', etag: 'e1', title: 'Egret', labels: ['inbox', 'unread'] }
  const sent: unknown[] = []
  /** Runs before the next write takes effect, after everything that the sync has read. */
  let before: (() => void) | undefined
  let isLost = false
  const edit = (changes: Partial<Note>): void => {
    note = { ...note, ...changes, etag: `${note.etag}+` }
  }
  const clock = createFakeClock()
  const replica = simulatedReplica()
  const mcp = createMcpClient({
    connectors: { notes: notes() },
    vault: vault({ store: memoryStore() }),
    capabilities: [syncs({ plans: [{ connector: 'notes', sync: name, replica: () => replica }], secret: SECRET })],
    clock,
    transport: scriptedTransport(({ method, url, json, headers }) => {
      if (method === 'GET') return { json: url.endsWith('/notes') ? { items: [note], token: note.etag } : note }
      before?.()
      before = undefined
      sent.push(json)
      if (name === 'versioned' && headers['if-match'] !== note.etag) return { status: 412, json: { code: 'changed' } }
      const {
        title = note.title,
        add = [],
        remove = [],
      } = json as { title?: string; add?: string[]; remove?: string[] }
      edit({ title, labels: [...new Set([...note.labels, ...add])].filter((label) => !remove.includes(label)) })
      if (!isLost) return { json: note }
      isLost = false
      return { status: 503, json: {} }
    }),
  })
  await mcp.as('ada').notes.connect({ token: 'a' })
  const both = () => clock.until(mcp.as('ada').notes.syncData(name, { direction: 'both', first: 'merge' }))
  await both()
  const row = () => replica.rows()[0]
  return {
    both,
    edit,
    sent,
    note: () => note,
    labels: () => row()?.item['labels'],
    relabel: (...labels: readonly string[]) => {
      replica.edit(row()?.id ?? '', { labels })
    },
    retitle: (title: string) => {
      replica.edit(row()?.id ?? '', { title })
    },
    meanwhile: (run: () => void) => {
      before = run
    },
    loseResponse: () => {
      isLost = true
    },
  }
}

describe.each(['notes', 'versioned'] as const)('a field that is a set, in %s', (name) => {
  it('is sent as the elements that it gains and loses', async () => {
    const { both, sent, note, relabel } = await setUp(name)
    relabel('inbox', 'starred')
    expect(await both()).toMatchObject({ success: true, updated: { remote: 1 } })
    expect(sent).toEqual([{ add: ['starred'], remove: ['unread'] }])
    expect(note().labels).toEqual(['inbox', 'starred'])
  })

  it('is sent relative to what the provider has, if both sides changed', async () => {
    const { both, sent, note, edit, labels, relabel } = await setUp(name)
    relabel('unread', 'starred')
    edit({ labels: ['inbox', 'unread', 'work'] })
    await both()
    expect(sent).toEqual([{ add: ['starred'], remove: ['inbox'] }])
    expect(new Set(note().labels)).toEqual(new Set(['unread', 'work', 'starred']))
    expect(new Set(labels() as readonly string[])).toEqual(new Set(note().labels))
  })

  it('is absent if only another field changed', async () => {
    const { both, sent, retitle } = await setUp(name)
    retitle('Great egret')
    await both()
    expect(sent).toEqual([{ title: 'Great egret' }])
  })

  it('loses no element that the provider gained between the read and the write', async () => {
    const { both, note, edit, labels, relabel, meanwhile } = await setUp(name)
    relabel('inbox')
    meanwhile(() => edit({ labels: ['inbox', 'unread', 'work'] }))
    await both()
    await both()
    expect(new Set(note().labels)).toEqual(new Set(['inbox', 'work']))
    expect(new Set(labels() as readonly string[])).toEqual(new Set(['inbox', 'work']))
  })

  it('counts the elements of a write whose response was lost as sent, whatever others changed since', async () => {
    const { both, note, edit, labels, relabel, loseResponse } = await setUp(name)
    relabel('inbox', 'unread', 'starred')
    loseResponse()
    await both()
    expect(note().labels).toEqual(['inbox', 'unread', 'starred'])
    edit({ labels: ['inbox', 'starred', 'work'] })
    relabel('inbox', 'unread')
    await both()
    await both()
    expect(new Set(note().labels)).toEqual(new Set(['inbox', 'work']))
    expect(new Set(labels() as readonly string[])).toEqual(new Set(['inbox', 'work']))
  })
})
