import { get, offsetPages, path } from '@mcpclient/core/define'
import type { Pages, RequestSpec } from '@mcpclient/core/define'

// What a request certainly costs of the points of an app: 1, and 1 for an issue or project or 2 for a user that it reads.
// A list counts as 1, because Jira alone knows how much it returns.
// Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting
export const READS_ONE = { cost: 2 }
export const READS_USER = { cost: 3 }

export const getMyself: RequestSpec = get('myself', undefined, READS_USER)

export const issueAt = (issueIdOrKey: string): string => path`issue/${issueIdOrKey}`
export const commentAt = (issueIdOrKey: string, id: string): string => path`issue/${issueIdOrKey}/comment/${id}`

/** Paginates a list by the index of its first item. */
export const pagesOf = (items: string): Pages => offsetPages({ items, param: 'startAt', total: 'total' })

/** Paginates users. Their lists have no total: they end with an empty page. */
export const pagesOfUsers = (): Pages => offsetPages({ items: '', param: 'startAt' })
