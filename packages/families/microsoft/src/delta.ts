import type { Schema, SyncCodes, SyncPage } from '@mcpclient/core/define'
import * as z from 'zod'

/** The codes of Graph that are part of a sync. */
export const syncCodes: SyncCodes = {
  expired: [
    'syncStateNotFound',
    'SyncStateNotFound',
    'resyncRequired',
    'resyncApplyDifferences',
    'resyncUploadDifferences',
  ],
  conflict: ['ErrorIrresolvableConflict', 'PreconditionFailed', 'resourceModified', 'entityTagDoesNotMatch'],
  gone: ['ErrorItemNotFound', 'itemNotFound', 'ResourceNotFound'],
}

export interface DeltaPageOptions {
  /** Returns whether an item is a record of the sync. @default every item */
  readonly isRecord?: ((item: Readonly<Record<string, unknown>>) => boolean) | undefined
}

const Link = z.url({ protocol: /^https?$/ })
const Body = z.looseObject({
  value: z.array(z.looseObject({ id: z.string().min(1) })),
  '@odata.nextLink': Link.optional(),
  '@odata.deltaLink': Link.optional(),
})

/**
 * Returns the schema of a delta page: `@odata.nextLink` until the last page, which has `@odata.deltaLink`. Follow both URLs
 * as they are: `get(page ?? since ?? 'me/contacts/delta')`. An item that a page lists twice counts once, in its last state.
 *
 * Source: https://learn.microsoft.com/graph/delta-query-overview
 */
export const deltaPage = ({ isRecord = () => true }: DeltaPageOptions = {}): Schema<SyncPage> =>
  Body.transform(({ value, '@odata.nextLink': page, '@odata.deltaLink': checkpoint }) => {
    const items = [...new Map(value.map((item) => [item.id, item])).values()]
    const isRemoved = (item: Readonly<Record<string, unknown>>): boolean => Object.hasOwn(item, '@removed')
    return {
      changed: items.filter((item) => !isRemoved(item) && isRecord(item)),
      removed: items.filter((item) => isRemoved(item)).map(({ id }) => id),
      page,
      checkpoint,
    }
  })
