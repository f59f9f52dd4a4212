import { cursorPages, get, path } from '@mcpclient/core/define'
import type { Pages, RequestSpec } from '@mcpclient/core/define'
import { costs } from './costs.ts'
import { headerNames } from './read-message.ts'

/** The parts of a message that a request reads. */
export type Format = 'minimal' | 'metadata' | 'full'

export const messageAt = (id: string): string => path`users/me/messages/${id}`
export const threadAt = (id: string): string => path`users/me/threads/${id}`
export const draftAt = (id: string): string => path`users/me/drafts/${id}`

/** Limits the headers of `metadata` to those that have a field. */
export const formatted = (format: Format) => ({
  format,
  metadataHeaders: format === 'metadata' ? headerNames : undefined,
})

export const getMessage = (id: string, format: Format): RequestSpec =>
  get(messageAt(id), formatted(format), costs.getMessage)

export const getProfile: RequestSpec = get('users/me/profile', undefined, costs.getProfile)

/** Paginates a list. A page without a list is empty. */
export const pagesOf = (items: string, max?: number): Pages =>
  cursorPages({ items, next: 'nextPageToken', param: 'pageToken', max })
