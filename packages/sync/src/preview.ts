import type { ListedEntry, Store, Stored } from '@mcpclient/core'
import { runSync } from './engine.ts'
import type { SyncEngineOptions } from './options.ts'
import { intercept, isAnswer } from './remote.ts'
import type { Remote, RemoteRecord } from './remote.ts'
import type { Replica, ReplicaRecord } from './replica.ts'
import type { SyncResult } from './result.ts'

/** A write that the next run would make. */
export interface PreviewAction {
  readonly kind: 'create' | 'update' | 'remove'
  readonly side: 'remote' | 'local'
  /** Absent for a record that would be created. */
  readonly id?: string | undefined
  /** The fields that would be written. */
  readonly fields?: readonly string[] | undefined
}

export interface SyncPreview {
  readonly actions: readonly PreviewAction[]
  /** The result that the run would have. */
  readonly result: SyncResult
  /** False if there is more than the limit allowed. */
  readonly complete: boolean
}

export interface PreviewOptions {
  /**
   * Maximum number of actions. Bounds the memory, too.
   * @default 1000
   */
  readonly limit?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** State that a preview may hold for each action, such as pairs that match without a write. */
const STATE_PER_ACTION = 20

/**
 * Runs one round over ports that read and do not write, so a preview decides exactly as a run does. Nothing is written:
 * neither to the provider, nor to the host, nor to the state.
 */
export async function previewSync(options: SyncEngineOptions, limits: PreviewOptions = {}): Promise<SyncPreview> {
  const { limit = 1000, signal } = limits
  const actions: PreviewAction[] = []
  const full = new AbortController()
  const stop = (): void => {
    full.abort()
  }
  const note = (action: PreviewAction): void => {
    if (actions.length < limit) actions.push(action)
    else stop()
  }
  const dry: SyncEngineOptions = {
    ...options,
    remote: dryRemote(options.remote, note),
    replica: dryReplica(options.replica, note),
    store: overlayStore(options.store, limit * STATE_PER_ACTION, stop),
  }
  const all = signal === undefined ? full.signal : AbortSignal.any([signal, full.signal])
  const result = await runSync(dry, { first: 'merge', confirmRemovals: true, signal: all })
  return { actions, result, complete: result.complete && !full.signal.aborted }
}

function dryRemote(remote: Remote, note: (action: PreviewAction) => void): Remote {
  const written = new Map<string, RemoteRecord | undefined>()
  let created = 0
  const dry: Pick<Remote, 'get' | 'create' | 'update' | 'remove'> = {
    get: async (id, call) => (written.has(id) ? (written.get(id) ?? { code: 'gone' }) : remote.get(id, call)),
    async create(item, { id = `preview-${++created}` }) {
      note({ kind: 'create', side: 'remote', fields: Object.keys(item) })
      written.set(id, { id, item })
      return { id, item }
    },
    async update(id, changes, call) {
      note({ kind: 'update', side: 'remote', id, fields: Object.keys(changes) })
      const before = written.get(id) ?? (await remote.get(id, call))
      const record = { id, item: { ...(isAnswer(before) ? {} : before.item), ...changes } }
      written.set(id, record)
      return record
    },
    async remove(id) {
      note({ kind: 'remove', side: 'remote', id })
      written.set(id, undefined)
      return undefined
    },
  }
  // What the provider cannot do, a preview cannot do either.
  return intercept(remote, (name, call, parameters) => {
    const instead: unknown = Reflect.get(dry, name)
    return typeof instead === 'function' ? (Reflect.apply(instead, dry, parameters) as unknown) : call()
  })
}

function dryReplica(replica: Replica, note: (action: PreviewAction) => void): Replica {
  const written = new Map<string, ReplicaRecord | undefined>()
  let version = 0
  return {
    changes: (since) => replica.changes(since),
    get: async (id) => (written.has(id) ? written.get(id) : replica.get(id)),
    async put({ id, item, ifVersion }) {
      const chosen = id ?? `preview-${++version}`
      if (ifVersion === null) note({ kind: 'create', side: 'local', fields: Object.keys(item) })
      else note({ kind: 'update', side: 'local', id: chosen, fields: Object.keys(item) })
      written.set(chosen, { item, version: `preview-${++version}` })
      return { id: chosen, version: `preview-${version}` }
    },
    async remove(id) {
      note({ kind: 'remove', side: 'local', id })
      written.set(id, undefined)
      return { removed: true }
    },
  }
}

/** Reads a store, and keeps what is written to itself. */
function overlayStore(store: Store, limit: number, onFull: () => void): Store {
  const written = new Map<string, Stored | undefined>()
  let last = 0
  const read = async (key: string): Promise<Stored | undefined> =>
    written.has(key) ? written.get(key) : store.get(key)
  const write = (key: string, row: Stored | undefined): void => {
    written.set(key, row)
    if (written.size > limit) onFull()
  }
  return {
    get: read,
    async put(key, value, { ifVersion } = {}) {
      if (ifVersion !== undefined && ((await read(key))?.version ?? null) !== ifVersion) return { conflict: true }
      const version = `preview-${++last}`
      write(key, { value, version })
      return { version }
    },
    async delete(key, { ifVersion } = {}) {
      const row = await read(key)
      if (row === undefined || (ifVersion !== undefined && row.version !== ifVersion)) return false
      write(key, undefined)
      return true
    },
    async list(prefix, { after, limit: most, ...others } = {}) {
      const page = await store.list(prefix, { after, limit: most, ...others })
      const own = [...written].flatMap(([key, row]): readonly ListedEntry[] => {
        const isInPage = key.startsWith(prefix) && (after === undefined || key > after)
        return row !== undefined && isInPage && (page.next === undefined || key <= page.next) ? [{ key, ...row }] : []
      })
      const entries = [...page.entries.filter(({ key }) => !written.has(key)), ...own]
      return { entries: entries.toSorted((one, other) => (one.key < other.key ? -1 : 1)), next: page.next }
    },
  }
}
