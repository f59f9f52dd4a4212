import { path, urlPages } from '@mcpclient/core/define'
import type { Pages, RequestOptions } from '@mcpclient/core/define'

export const rowsOf = (object: string): string => path`sobjects/${object}`
export const rowAt = ({ object, id }: { readonly object: string; readonly id: string }): string =>
  path`sobjects/${object}/${id}`

/** Returns the options of a query with pages of a size. The header is sent for each page. */
export const inBatches = (size: number | undefined): Pick<RequestOptions, 'headers'> =>
  size === undefined ? {} : { headers: { 'sforce-query-options': `batchSize=${size}` } }

/** Returns how a query pages: by a path that begins at the host. */
export const rowPages = (max?: number): Pages => urlPages({ items: 'records', next: 'nextRecordsUrl', max })
