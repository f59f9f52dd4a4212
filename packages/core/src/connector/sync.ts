import type { RequestSpec } from './request.ts'
import type { Input, Output, Schema } from './schema.ts'
import type { Run } from './steps.ts'

/** The position of a round in the provider's list. */
export interface SyncPlace<Params> {
  readonly params: Params
  /** The checkpoint of the previous round. Absent: list everything. */
  readonly since?: string | undefined
  /** The token of the next page of this round. Absent: the first page. */
  readonly page?: string | undefined
}

/** One page of a round. */
export interface SyncPage {
  /** The items as the provider sent them. Each is parsed by `item`; one that does not fit is parked, and the rest proceeds. */
  readonly changed: readonly unknown[]
  /** Ids of items that no longer exist. */
  readonly removed?: readonly string[] | undefined
  /** The token of the next page. Absent: this is the last page. */
  readonly page?: string | undefined
  /** The start of the next round. The first one that a round returns is committed, together with its last page. */
  readonly checkpoint?: string | undefined
}

/** The provider's error codes (`providerCode`) that are part of the protocol of a sync. */
export interface SyncCodes {
  /** The checkpoint or page token is no longer known: everything is listed again. */
  readonly expired?: readonly string[] | undefined
  /** The item was changed since the version that a write is based on. */
  readonly conflict?: readonly string[] | undefined
  /** The item no longer exists: a removal has succeeded. */
  readonly gone?: readonly string[] | undefined
  /** An item with this id exists: an earlier create arrived. */
  readonly exists?: readonly string[] | undefined
}

/** Changes of an item. Null empties a field. */
export type SyncChanges<Item> = { readonly [K in keyof Item]?: Item[K] | null }

/** The elements that a field of `sets` gains and loses. */
export interface SetChange<Element = unknown> {
  readonly added: readonly Element[]
  readonly removed: readonly Element[]
}

/** The changed fields of `sets`, by element: for a provider that adds and removes elements. */
export type SetChanges<Item> = {
  readonly [K in keyof Item]?: Item[K] extends readonly (infer Element)[] | null | undefined
    ? SetChange<Element>
    : SetChange
}

interface At<Params> {
  readonly params: Params
  readonly id: string
}

/** The requests that write items at the provider. An operation that is absent is not available there. */
export interface SyncPush<Item, Params> {
  /**
   * Makes the id of a new item from 32 hexadecimal digits, which are the same in every retry. With it a repeated create
   * cannot duplicate. Absent: the provider chooses ids.
   */
  readonly id?: ((seed: string) => string) | undefined
  /**
   * Makes an idempotency key from 32 hexadecimal digits, which are the same in every retry. The provider creates one item for
   * a key, and returns it when the same create is repeated. Absent: it has no such keys.
   */
  readonly idempotencyKey?: ((seed: string) => string) | undefined
  /** Creates an item. The response is the item. `idempotencyKey` is empty if the sync makes none. */
  readonly create?:
    | ((item: Partial<Item>, at: At<Params> & { readonly idempotencyKey: string }) => RequestSpec)
    | undefined
  /**
   * Sends only the fields that changed. The response is the item. `sets` has the elements that a changed field of `sets`
   * gains and loses at the provider, which is read right before the write.
   */
  readonly update?:
    | ((
        changes: SyncChanges<Item>,
        at: At<Params> & { readonly version: string | undefined; readonly sets: SetChanges<Item> },
      ) => RequestSpec)
    | undefined
  readonly remove?: ((at: At<Params> & { readonly version: string | undefined }) => RequestSpec) | undefined
}

type Field<Item> = keyof Item & string

/** A collection of a service that can be kept equal to a table of the host: `sync({ ... })`. */
export interface Sync<Item extends Schema = Schema, Params extends Schema = Schema> {
  readonly description: string
  /** The parameters that choose a collection, such as a calendar or a folder. Absent: there is only one. */
  readonly params?: Params | undefined
  /** The fields that are compared, merged and sent. A field that it does not name is never sent and never lost. */
  readonly item: Item
  /** The field that holds the id. */
  readonly key: Field<Output<Item>>
  /** The field that holds the etag that conditional writes send back. Absent: writes cannot be conditional. */
  readonly version?: Field<Output<Item>> | undefined
  /** Returns a number that grows with each change of an item, so that a stale page is recognized. */
  readonly revision?: ((item: Output<Item>) => number | undefined) | undefined
  /** Fields that are pulled and never sent. */
  readonly readOnly?: readonly Field<Output<Item>>[] | undefined
  /** Array fields that are merged by element, such as labels. */
  readonly sets?: readonly Field<Output<Item>>[] | undefined
  /** Returns the id of the item that this one belongs to. It is written after that one, and removed before it. */
  readonly parent?: ((item: Output<Item>) => string | undefined) | undefined
  readonly codes: SyncCodes
  /** Scopes that a grant must have. The connector asks for them as for those of its tools. */
  readonly scopes?: readonly string[] | undefined
  /** Milliseconds for which reads may miss a write. @default 0 */
  readonly settleMs?: number | undefined
  /**
   * `fed`: removals come with changes. `hinted`: what comes as a removal may also be a change that the list does not show, so
   * each is confirmed with `get`. `listed`: only a full list shows removals.
   * @default 'fed'
   */
  readonly removals?: 'fed' | 'hinted' | 'listed' | undefined
  /** Whether `push.remove` sends the version, so that a changed item is not removed. @default whether there is a `version` */
  readonly conditionalRemovals?: boolean | undefined
  /** Whether a full list has every item. If not, absence proves nothing. @default true */
  readonly completeList?: boolean | undefined
  /** Whether an absent field is unknown, not empty: pages may leave out fields that have a value. @default false */
  readonly sparse?: boolean | undefined
  /** Turns the response of `pull` into a page. Not needed if `pull` is a generator, which returns the page. */
  readonly page?: Schema<SyncPage> | undefined
  /** Returns the request for one page, or a generator of several requests. */
  readonly pull: (place: SyncPlace<Output<Params>>) => RequestSpec | Run<SyncPage>
  /**
   * Reads one item: to confirm that it is gone, and to merge after a conflict. The response is the item. A generator of
   * several requests returns it, or throws an error with a code of `gone` if the item is no longer in this collection.
   */
  readonly get: (id: string, at: { readonly params: Output<Params> }) => RequestSpec | Run<unknown>
  readonly push?: SyncPush<Output<Item>, Output<Params>> | undefined
}

/** A sync with its types erased. */
export interface AnySync extends Omit<
  Sync,
  'key' | 'version' | 'revision' | 'readOnly' | 'sets' | 'parent' | 'pull' | 'get' | 'push'
> {
  readonly key: string
  readonly version?: string | undefined
  readonly revision?: ((item: never) => number | undefined) | undefined
  readonly readOnly?: readonly string[] | undefined
  readonly sets?: readonly string[] | undefined
  readonly parent?: ((item: never) => string | undefined) | undefined
  readonly pull: (place: SyncPlace<never>) => RequestSpec | Run<SyncPage>
  readonly get: (id: string, at: never) => RequestSpec | Run<unknown>
  readonly push?:
    | {
        readonly id?: ((seed: string) => string) | undefined
        readonly idempotencyKey?: ((seed: string) => string) | undefined
        readonly create?: ((item: never, at: never) => RequestSpec) | undefined
        readonly update?: ((changes: never, at: never) => RequestSpec) | undefined
        readonly remove?: ((at: never) => RequestSpec) | undefined
      }
    | undefined
}

/** Describes a collection that can be synced. It is data: `@mcpclient/sync` runs it. */
export const sync = <Item extends Schema, Params extends Schema<object> = Schema<{}, {}>>(
  definition: Sync<Item, Params>,
): Sync<Item, Params> => definition

/** The types of a connector's syncs. */
export type TypesOfSyncs<Syncs> = {
  readonly [K in keyof Syncs]: Syncs[K] extends Sync<infer Item, infer Params>
    ? { readonly params: Input<Params>; readonly item: Output<Item> }
    : never
}

/** The side that receives changes, seen from the host: `pull` the host, `push` the provider. */
export type SyncDirection = 'pull' | 'push' | 'both'

export interface SyncOptions<Params = unknown> {
  readonly direction: SyncDirection
  readonly params?: Params | undefined
  readonly signal?: AbortSignal | undefined
  /** Writes nothing: the result counts what the run would do. @default false */
  readonly preview?: boolean | undefined
  /** The first two-way run of two sides that both have records: counts what it would do, or merges. @default 'preview' */
  readonly first?: 'preview' | 'merge' | undefined
  /** Milliseconds after which the run stops and saves its place. The next run continues there. @default no limit */
  readonly maxMs?: number | undefined
  /** Applies more removals than the brake allows, in this run. @default false */
  readonly confirmRemovals?: boolean | undefined
}

/** Numbers of records, on each side. */
export interface SyncCount {
  readonly local: number
  readonly remote: number
}

/** The result of a sync. What a connector or engine does not count is absent. */
export interface SyncResult {
  /** False after a failure of the run, and if the brake held removals back. Failures of single records are in `errors`. */
  readonly success: boolean
  readonly itemsProcessed: number
  readonly errors: readonly Error[]
  readonly timestamp: Date
  readonly created?: SyncCount | undefined
  readonly updated?: SyncCount | undefined
  readonly deleted?: SyncCount | undefined
  /** Fields that both sides changed to different values, and removals of a record that the other side changed. */
  readonly conflicts?: number | undefined
  /** Records that are not written because the provider, the schema or the direction does not allow it. */
  readonly skipped?: number | undefined
  /** Records that wait for a decision of the host. */
  readonly parked?: number | undefined
  readonly pages?: number | undefined
  readonly requests?: number | undefined
  readonly durationMs?: number | undefined
  /** Whether the round ended. If not, the next run continues it. */
  readonly complete?: boolean | undefined
  /** The reason why the round started again, such as `expired_cursor`. */
  readonly recovered?: string | undefined
  /** Removals that were not applied because they were too many, and the side that would have lost the records. */
  readonly braked?: { readonly side: 'remote' | 'local'; readonly removals: number; readonly of: number } | undefined
  /** Nothing was written: the result counts what a run would do. */
  readonly preview?: boolean | undefined
  /** Another run took over. */
  readonly superseded?: boolean | undefined
}
