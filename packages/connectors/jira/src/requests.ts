import { get, offsetPages, path } from '@mcpclient/core/define'
import type { Limit, Pages, RequestSpec } from '@mcpclient/core/define'

// Source of all limits: https://developer.atlassian.com/cloud/jira/platform/rate-limiting

/** The points of an app for all its users together, until Atlassian reviews it. */
export const points: Limit = { name: 'points', requests: 65_000, perMs: 3_600_000, scope: 'app' }
// What a request certainly costs of them: 1, and 1 for an issue or project or 2 for a user that it reads. A list counts as
// 1, because Jira alone knows how much it returns.
export const READS_ONE = { cost: { points: 2 } }
export const READS_USER = { cost: { points: 3 } }

/** The requests of a site to each endpoint. Connections to the same site share them, which Jira reports with 429. */
export const perEndpoint: Limit = { requests: 100, perMs: 1000, scope: 'method' }
/** The same of a PUT or DELETE. */
export const perChangingEndpoint: Limit = { requests: 50, perMs: 1000 }
/** The writes to one issue. */
export const perIssue: Limit = { requests: 100, perMs: 30_000, burst: 20, scope: 'connection', per: 'issueIdOrKey' }

export const getMyself: RequestSpec = get('myself', undefined, READS_USER)

export const issueAt = (issueIdOrKey: string): string => path`issue/${issueIdOrKey}`
export const commentAt = (issueIdOrKey: string, id: string): string => path`issue/${issueIdOrKey}/comment/${id}`

/** Paginates a list by the index of its first item. */
export const pagesOf = (items: string): Pages => offsetPages({ items, param: 'startAt', total: 'total' })

/** Paginates users. Their lists have no total: they end with an empty page. */
export const pagesOfUsers = (): Pages => offsetPages({ items: '', param: 'startAt' })
