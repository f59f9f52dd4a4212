import { simulatedProvider } from '../simulated-provider.ts'
import type { SimulatedProvider, SimulatedRecord } from '../simulated-provider.ts'
import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { nameIn, spelledId } from './ids.ts'
import type { Fields } from './routes.ts'

export interface CollectionSettings {
  /** Distinguishes it from every other collection. */
  readonly name: string
  /** The number of the folder, which is part of the usual ids. */
  readonly folder: number
  /** The name of the type of its items, such as `event`. */
  readonly type: string
  /** The resources of subscriptions that it belongs to, such as `me/events`. */
  readonly resources: readonly string[]
  /** Whether ids may be immutable. @default true */
  readonly immutableIds?: boolean | undefined
}

/** The items of one folder. Names are ids within the simulator. */
export interface Collection {
  readonly settings: CollectionSettings
  readonly provider: SimulatedProvider
  idOf(name: string, isImmutable: boolean): string
  nameOf(id: string): string
  etagOf(record: SimulatedRecord): string
  /** Returns the current item, or fails as a request for it does. */
  current(name: string): SimulatedRecord
  /** Reads an item as a request does, with lag and failures. */
  read(name: string): Promise<SimulatedRecord>
  /** Returns the writer of a client of the API. Each write is based on the etag, if there is one. */
  asClient(ifMatch?: string | null): Writer
  /** The writer of a user in Outlook. */
  readonly asUser: Writer
  newName(): string
}

/** The writes of a client, with faults and conditions, or those of a user. */
export interface Writer {
  create(name: string, item: Fields): Promise<SimulatedRecord>
  update(name: string, changes: Fields): Promise<SimulatedRecord>
  remove(name: string): Promise<void>
  /** Throws unless the write is based on this record. */
  check(record: SimulatedRecord): void
}

/** Creates a collection. Each write sets `lastModifiedDateTime`, and notifies the subscriptions. */
export function createCollection(settings: CollectionSettings, context: GraphContext): Collection {
  const { now, random, faults, notify } = context
  const provider = simulatedProvider({
    now,
    random,
    creates: 'ids',
    etags: true,
    tombstones: true,
    revisions: false,
    ...faults,
    // A field that an update removes has no value.
    normalize: (item) => Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)),
  })
  let made = 0

  const etagOf = ({ version = '' }: SimulatedRecord): string => `W/"${changeKeyOf(version)}"`
  const current = (name: string): SimulatedRecord => {
    const record = provider.record(name)
    if (record === undefined) throw new GraphFailure('ErrorItemNotFound')
    return record
  }
  const changed = (name: string, changeType: 'created' | 'updated' | 'deleted'): void => {
    const record = provider.record(name)
    notify({
      resources: settings.resources,
      changeType,
      type: settings.type,
      idFor: (isImmutable) => idOf(name, isImmutable),
      etag: record && etagOf(record),
    })
  }
  /** Sends a write, and notifies even if its response is lost. */
  const write = async <Result>(
    name: string,
    changeType: 'created' | 'updated' | 'deleted',
    send: () => Promise<Result>,
  ): Promise<Exclude<Result, { readonly code: string }>> => {
    const before = provider.writes()
    const sending = send()
    if (provider.writes() > before) changed(name, changeType)
    const result = await sending
    if (typeof result === 'object' && result !== null && 'code' in result) throw new GraphFailure('ErrorItemNotFound')
    return result as Exclude<Result, { readonly code: string }>
  }
  const idOf = (name: string, isImmutable: boolean): string =>
    spelledId(name, settings.folder, isImmutable && (settings.immutableIds ?? true))
  const newName = (): string => `${settings.folder}n${++made}`
  const stamped = (item: Fields): Fields => ({ ...item, lastModifiedDateTime: new Date(now()).toISOString() })

  return {
    settings,
    provider,
    idOf,
    nameOf: (id) => nameIn(id, settings.folder),
    etagOf,
    current,
    async read(name) {
      const result = await provider.get(name)
      if ('code' in result) throw new GraphFailure('ErrorItemNotFound')
      return result
    },
    asClient(ifMatch = null) {
      const check = (record: SimulatedRecord): void => {
        if (ifMatch === null || ifMatch === '*' || ifMatch === etagOf(record)) return
        throw new GraphFailure('ErrorIrresolvableConflict')
      }
      return {
        check,
        create: (name, item) => write(name, 'created', () => provider.create(stamped(item), { id: name })),
        async update(name, changes) {
          check(current(name))
          return write(name, 'updated', () => provider.update(name, stamped(changes), {}))
        },
        async remove(name) {
          check(current(name))
          await write(name, 'deleted', () => provider.remove(name, {}))
        },
      }
    },
    asUser: {
      check: () => {},
      async create(name, item) {
        provider.put(name, stamped(item))
        changed(name, 'created')
        return current(name)
      },
      async update(name, changes) {
        provider.put(name, stamped(changes))
        changed(name, 'updated')
        return current(name)
      },
      async remove(name) {
        provider.drop(name)
        changed(name, 'deleted')
      },
    },
    newName,
  }
}

const changeKeyOf = (version: string): string => btoa(`key ${version.replaceAll('"', '').padStart(8, '0')}`)
