import { path } from '@mcpclient/core/define'
import type { Effect } from '@mcpclient/core/define'
import type { Context } from './shapes.ts'

const facts = <E extends Effect>(effect: E, ...scopes: readonly string[]) => ({ effect, scopes })
/** The effects and permissions of the tools. Source: https://developers.facebook.com/docs/pages-api */
export const readsPage = facts('read', 'pages_read_engagement')
export const readsComments = facts('read', 'pages_read_engagement', 'pages_read_user_content')
export const readsInsights = facts('read', 'pages_read_engagement', 'read_insights')
export const publishes = facts('write', 'pages_manage_posts', 'pages_read_engagement')
export const removesPosts = facts('destroy', 'pages_manage_posts', 'pages_read_engagement')
export const moderates = facts('write', 'pages_manage_engagement', 'pages_read_engagement')
export const removesComments = facts('destroy', 'pages_manage_engagement', 'pages_read_engagement')
export const configures = facts('write', 'pages_manage_metadata')

/** Returns the path of a list or an action of the page. */
export const pageAt = ({ settings }: Context, edge: string): string => `${path`${settings.pageId}`}/${edge}`
