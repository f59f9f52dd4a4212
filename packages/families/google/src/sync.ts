import type { Schema, SyncCodes, SyncPage } from '@mcpclient/core/define'
import * as z from 'zod'

/** The reasons of Google's errors that are part of a sync. */
export const syncCodes: SyncCodes = {
  expired: ['fullSyncRequired', 'updatedMinTooLongAgo', 'EXPIRED_SYNC_TOKEN'],
  conflict: ['conditionNotMet'],
  // Newer APIs return a status instead of a reason.
  gone: ['deleted', 'notFound', 'NOT_FOUND'],
  exists: ['duplicate'],
}

export interface SyncPageOptions {
  /** The field with the id of an item. @default 'id' */
  readonly id?: string | undefined
  /** Returns whether an item of a page was deleted. */
  readonly isRemoved: (item: Readonly<Record<string, unknown>>) => boolean
  /** Returns the ids that an item had before. They count as removed: the item is a new one. @default none */
  readonly formerIds?: ((item: Readonly<Record<string, unknown>>) => readonly string[]) | undefined
}

/**
 * Returns the schema of a page as Google's lists return it: `nextPageToken` until the last page, which has
 * `nextSyncToken`. A body without items and tokens is no page.
 * @param items the field with the items, such as `items`
 */
export function syncPage(
  items: string,
  { id = 'id', isRemoved, formerIds = () => [] }: SyncPageOptions,
): Schema<SyncPage> {
  const token = z.string().min(1).optional()
  const list = z.array(z.looseObject({ [id]: z.string().min(1) }))
  return z
    .looseObject({ nextPageToken: token, nextSyncToken: token })
    .refine((page) => page[items] !== undefined || (page.nextPageToken ?? page.nextSyncToken) !== undefined)
    .transform((page, context) => {
      // Newer APIs leave an empty list out.
      const listed = list.safeParse(page[items] === undefined ? [] : page[items])
      if (!listed.success) {
        context.addIssue({ code: 'custom', path: [items], message: 'It is no list of items with ids.' })
        return z.NEVER
      }
      const changed = listed.data.filter((item) => !isRemoved(item))
      const removed = listed.data.filter((item) => isRemoved(item)).map((item) => String(item[id]))
      return {
        changed,
        removed: [...removed, ...changed.flatMap(formerIds)],
        page: page.nextPageToken,
        checkpoint: page.nextSyncToken,
      }
    })
}
