import { path } from '@mcpclient/core/define'
import type { Effect } from '@mcpclient/core/define'
import type { Context } from './shapes.ts'

const facts = <E extends Effect>(effect: E, ...permissions: readonly string[]) => ({
  effect,
  scopes: ['instagram_business_basic', ...permissions],
})
/** The effects and permissions of the tools. Source: https://developers.facebook.com/docs/instagram-platform */
export const reads = facts('read')
export const readsInsights = facts('read', 'instagram_business_manage_insights')
export const publishes = facts('write', 'instagram_business_content_publish')
export const readsContainers = facts('read', 'instagram_business_content_publish')
export const readsComments = facts('read', 'instagram_business_manage_comments')
export const moderates = facts('write', 'instagram_business_manage_comments')
export const removesComments = facts('destroy', 'instagram_business_manage_comments')
export const configures = facts('write')

/** Returns the path of a list or an action of the account. */
export const accountAt = ({ settings }: Context, edge: string): string => `${path`${settings.userId}`}/${edge}`
