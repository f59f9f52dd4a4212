import { mark } from '@mcpclient/core/define'
import type { ToolContext } from '@mcpclient/core/define'
import * as z from 'zod'
import { perChangingEndpoint, perIssue } from './requests.ts'

export const apiVersion = z
  .enum(['3', '2'])
  .default('3')
  .describe('The version of the API: 3 has documents for rich text, 2 has wiki markup.')

/** The settings that tools read. */
export type Context = ToolContext<{ readonly apiVersion: '2' | '3' }>

export const reads = { effect: 'read', scopes: ['read:jira-work'] } as const
export const readsUsers = { effect: 'read', scopes: ['read:jira-user'] } as const
export const creates = { effect: 'write', scopes: ['write:jira-work'] } as const
/** A write to an issue. */
export const writes = { ...creates, limit: perIssue } as const
/** A write to an issue with PUT. */
export const updates = { ...creates, limit: [perChangingEndpoint, perIssue] } as const
export const destroys = { ...updates, effect: 'destroy' } as const

const id = z.string().min(1)
export const issueIdOrKey = id.describe('Id or key of the issue, such as ENG-42.')
/** The issue that a write goes to. Its watchers are notified. */
export const to = mark(issueIdOrKey, { destination: 'channel' })
export const projectIdOrKey = id.describe('Id or key of the project, such as ENG.')
export const accountId = id.max(128).describe('accountId of the user: search_users returns it.')
export const commentId = id.describe('Id of the comment: list_comments returns it.')

export const pageSize = (items: string, max = 100) =>
  z.number().int().min(1).max(max).default(Math.min(max, 50)).describe(`${items} in one page; Jira may return fewer.`)

/** The users who may read a comment or worklog. */
export const visibility = z
  .object({ type: z.enum(['role', 'group']), value: id.describe('Name of the role or group.') })
  .optional()
  .describe('Only members of this role or group may read it. Absent: all users who see the issue.')
