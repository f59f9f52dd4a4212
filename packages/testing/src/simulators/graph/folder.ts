import type { SimulatedRecord } from '../simulated-provider.ts'
import { createCollection } from './collection.ts'
import type { Collection, CollectionSettings } from './collection.ts'
import type { GraphContext } from './context.ts'
import { delta } from './delta.ts'
import type { ItemOperations } from './items.ts'
import { listResponse } from './list.ts'
import type { GraphPreferences } from './preferences.ts'
import type { Fields, GraphCall, GraphResource, GraphRoute } from './routes.ts'

export interface FolderSettings extends CollectionSettings {
  /** The path of its items, such as `me/contacts`. */
  readonly path: string
  /** The name of its operations, such as `contacts` in `contacts.create`. */
  readonly operations: string
  /** Returns the content of a new item. Throws if Graph refuses it. */
  readonly contentOf: (body: Fields) => Fields
  /** Returns the content of an item after a change. @default the fields of the body replace those of the item */
  readonly changesOf?: ((item: Fields, body: Fields) => Fields) | undefined
  /** Returns the fields that a response shows. @default those of the item */
  readonly shown?: ((item: Fields, preferences: GraphPreferences) => Fields) | undefined
}

/** A folder of items of one kind: list, create, get, update, delete and delta. */
export interface Folder extends GraphResource, ItemOperations {
  readonly collection: Collection
}

/** Fields that Graph sets. */
const READ_ONLY: ReadonlySet<string> = new Set([
  'id',
  '@odata.etag',
  '@odata.context',
  'changeKey',
  'createdDateTime',
  'lastModifiedDateTime',
])

const writable = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !READ_ONLY.has(name)))

/** Creates a folder. A resource adds routes of its own to those that every folder has. */
export function createFolder(settings: FolderSettings, context: GraphContext): Folder {
  const { path, operations, contentOf, changesOf = (item, body) => ({ ...item, ...body }) } = settings
  const collection = createCollection(settings, context)
  const { provider } = collection

  const shown: Folder['shown'] = (record, preferences) => {
    const etag = collection.etagOf(record)
    return {
      '@odata.etag': etag,
      ...(settings.shown?.(record.item, preferences) ?? record.item),
      id: collection.idOf(record.id, preferences.immutableIds),
      changeKey: etag.slice(3, -1),
    }
  }
  const entity = (record: SimulatedRecord, call: GraphCall): Fields => ({
    '@odata.context': `${call.url.origin}/v1.0/$metadata#${operations}/$entity`,
    ...shown(record, call.preferences),
  })
  const create: Folder['create'] = (body, by) =>
    by.create(collection.newName(), {
      createdDateTime: new Date(context.now()).toISOString(),
      ...contentOf(writable(body)),
    })
  const update: Folder['update'] = async (name, body, by) =>
    by.update(name, changesOf(collection.current(name).item, writable(body)))
  const remove: Folder['remove'] = (name, by) => by.remove(name)
  const nameIn = ({ ids }: GraphCall): string => collection.nameOf(ids[0] ?? '')

  const all = new RegExp(`^${path}$`)
  const one = new RegExp(`^${path}/([^/]+)$`)
  const routes: readonly GraphRoute[] = [
    {
      operation: `${operations}.delta`,
      method: 'GET',
      path: new RegExp(`^${path}/(?:microsoft\\.graph\\.)?delta(?:\\(\\))?$`),
      run: (call) =>
        delta(collection, call, context, { shown: (record) => [shown(record, call.preferences)], fixed: ['$select'] }),
    },
    {
      operation: `${operations}.list`,
      method: 'GET',
      path: all,
      run(call) {
        const items = provider.records().map((record) => shown(record, call.preferences))
        return listResponse(call, context, items)
      },
    },
    {
      operation: `${operations}.create`,
      method: 'POST',
      path: all,
      async run(call) {
        const record = await create(await call.body(), collection.asClient())
        return Response.json(entity(record, call), { status: 201 })
      },
    },
    {
      operation: `${operations}.get`,
      method: 'GET',
      path: one,
      run: async (call) => Response.json(entity(await collection.read(nameIn(call)), call)),
    },
    {
      operation: `${operations}.update`,
      method: 'PATCH',
      path: one,
      async run(call) {
        const record = await update(nameIn(call), await call.body(), collection.asClient(call.ifMatch))
        return Response.json(entity(record, call))
      },
    },
    {
      operation: `${operations}.delete`,
      method: 'DELETE',
      path: one,
      async run(call) {
        await remove(nameIn(call), collection.asClient(call.ifMatch))
        return new Response(null, { status: 204 })
      },
    },
  ]
  return {
    collection,
    routes,
    create,
    update,
    remove,
    shown,
    behave: () => provider.behave(),
    writes: () => provider.writes(),
  }
}
