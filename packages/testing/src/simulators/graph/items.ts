import type { SimulatedRecord } from '../simulated-provider.ts'
import type { Collection, Writer } from './collection.ts'
import { preferencesOf } from './preferences.ts'
import type { GraphPreferences } from './preferences.ts'
import type { Fields } from './routes.ts'

/** The items of one folder, seen by a user: writes have no faults, and notify the subscriptions. Ids are immutable. */
export interface SimulatedItems {
  /** Creates an item and returns its id. */
  insert(item: Fields): Promise<string>
  patch(id: string, changes: Fields): Promise<void>
  remove(id: string): Promise<void>
  /** Returns every item as Graph shows it: times in UTC, bodies as text. */
  all(): readonly Fields[]
}

export interface ItemOperations {
  readonly collection: Collection
  create(item: Fields, by: Writer): Promise<SimulatedRecord>
  update(name: string, changes: Fields, by: Writer): Promise<SimulatedRecord>
  remove(name: string, by: Writer): Promise<void>
  shown(record: SimulatedRecord, preferences: GraphPreferences): Fields
}

const PREFERENCES = preferencesOf('IdType="ImmutableId", outlook.body-content-type="text"')

/** Creates the view of a user on a folder. */
export function createItems({ collection, create, update, remove, shown }: ItemOperations): SimulatedItems {
  const { asUser, provider } = collection
  return {
    async insert(item) {
      return collection.idOf((await create(item, asUser)).id, true)
    },
    async patch(id, changes) {
      await update(collection.nameOf(id), changes, asUser)
    },
    remove: (id) => remove(collection.nameOf(id), asUser),
    all: () => provider.records().map((record) => shown(record, PREFERENCES)),
  }
}
