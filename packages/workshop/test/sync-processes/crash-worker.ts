import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import process from 'node:process'
import type { Store, StoreWrite } from '@mcpclient/core'
import { createSyncEngine, syncKeys } from '@mcpclient/sync'
import type { Replica, SyncResult } from '@mcpclient/sync'
import type { StoreAddress } from '../processes/open-store.ts'
import { openHostDatabase, storedTable } from './host-table.ts'
import { labelOfWrite, shareOf } from './labels.ts'
import type { Fate } from './provider-server.ts'
import { remoteOverHttp } from './remote-over-http.ts'

/** One run of a sync in a process that kills itself at durable writes. */
export interface CrashSettings {
  readonly store: StoreAddress
  readonly provider: string
  /** The file with the kills so far, one label a line. */
  readonly kills: string
  /** The share of the writes at which the process is killed: one of so many. 0 is none. */
  readonly oneOf: number
  /** Whether the host has a table, or keeps its rows in the store. */
  readonly rows: 'table' | 'store'
}

export type CrashReport = { readonly killMe: true } | { readonly result: SyncResult }

/** The moments of the first, second and third kill at one write. */
const MOMENTS = ['before', 'during', 'after'] as const
const FATES: readonly Fate[] = ['lost', 'applied', 'late']

const settings = JSON.parse(process.argv[2] ?? '') as CrashSettings
const killed = new Map<string, number>()
if (existsSync(settings.kills)) {
  for (const label of readFileSync(settings.kills, 'utf8').split('\n')) killed.set(label, (killed.get(label) ?? 0) + 1)
}

/** Returns the next kill at a write, if there is one. */
function nextKill<Kind>(label: string, kinds: readonly Kind[]): Kind | undefined {
  if (settings.oneOf === 0 || shareOf(label) % settings.oneOf !== 0) return undefined
  return kinds[killed.get(label) ?? 0]
}

const note = (label: string): void => {
  killed.set(label, (killed.get(label) ?? 0) + 1)
  appendFileSync(settings.kills, `${label}\n`)
}

/** Performs a durable write, and kills this process before, during or after it. */
async function crashing<Value>(label: string, write: () => Promise<Value>): Promise<Value> {
  const moment = nextKill(label, MOMENTS)
  if (moment === undefined) return write()
  note(label)
  if (moment === 'before') process.kill(process.pid, 'SIGKILL')
  if (moment === 'during') process.send?.({ killMe: true })
  const value = await write()
  if (moment === 'after') process.kill(process.pid, 'SIGKILL')
  return value
}

const crashingStore = ({ get, put, list, delete: remove, batch }: Store): Store => ({
  get,
  list,
  put: (key, value, options) => crashing(labelOfWrite({ key, value }), () => put(key, value, options)),
  delete: (key, options) => crashing(labelOfWrite({ key, delete: true }), () => remove(key, options)),
  ...(batch && {
    batch: (writes: readonly StoreWrite[]) => {
      const [first = { key: '', value: '' }] = writes
      return crashing(`batch ${labelOfWrite(first)}`, () => batch(writes))
    },
  }),
})

const crashingReplica = (table: Replica): Replica => ({
  changes: (since) => table.changes(since),
  get: (id) => table.get(id),
  put: (record) => crashing(`row ${record.id ?? record.key} put`, () => table.put(record)),
  remove: (id, ifVersion) => crashing(`row ${id} remove`, () => table.remove(id, ifVersion)),
})

const remote = remoteOverHttp(settings.provider, (call) => {
  if (call.method === 'pull' || call.method === 'get') return call
  const [first, second] = call.parameters
  const label = `remote ${call.method} ${typeof first === 'string' ? first : (second as { id: string }).id}`
  const fate = nextKill(label, FATES)
  if (fate === undefined) return call
  note(label)
  return { ...call, crash: { pid: process.pid, fate } }
})

const { store, table } = await openHostDatabase(settings.store, false)
const state = crashingStore(store)
const engine = createSyncEngine({
  remote,
  replica: settings.rows === 'table' ? crashingReplica(table) : storedTable(state),
  store: state,
  prefix: 'sync/ada/calendar',
  keys: await syncKeys(new TextEncoder().encode('0123456789abcdef0123456789abcdef'), 'ada'),
})
const result = await engine.run({ first: 'merge' })
process.send?.({ result }, undefined, undefined, () => process.exit(0))
