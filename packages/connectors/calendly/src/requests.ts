import { cursorPages, valueAt } from '@mcpclient/core/define'
import type { Pages } from '@mcpclient/core/define'
import * as z from 'zod'

const HOST = 'https://api.calendly.com/'

type Collection = 'users' | 'organizations' | 'event_types' | 'scheduled_events' | 'invitee_no_shows'

/** Returns the schema of a resource's URI. A UUID alone names the same resource. */
export const reference = (collection: Collection) =>
  z
    .string()
    .regex(new RegExp(`^(?:${HOST}${collection}/)?[\\w-]+$`), `A URI of api.calendly.com/${collection}, or its UUID.`)

/** Returns the UUID of a resource: the last segment of its URI. */
export const uuidOf = (resource: string): string => resource.slice(resource.lastIndexOf('/') + 1)

/** Returns the URI of a resource, which query parameters and bodies need; undefined for none. */
export const uriOf = (collection: Collection, resource: string | undefined) =>
  resource === undefined ? undefined : `${HOST}${collection}/${uuidOf(resource)}`

const invitee = new RegExp(`^${HOST}(scheduled_events/[\\w-]+/invitees/[\\w-]+)$`)
export const inviteeUri = z
  .string()
  .regex(invitee, 'A URI of an invitee, as list_invitees returns it.')
  .describe('The uri of the invitee, as list_invitees returns it.')

/** Returns the path of an invitee, whose UUID alone does not name it. */
export const inviteePath = (uri: string): string => uri.replace(invitee, '$1')

/** Returns the schema of a response whose `resource` matches the schema. */
export const resourceOf = <S extends z.ZodType>(schema: S) => z.preprocess((body) => valueAt(body, 'resource'), schema)

export const collectionOf = <S extends z.ZodType>(schema: S) => z.object({ collection: z.array(schema) })

export const pages: Pages = cursorPages({
  items: 'collection',
  next: 'pagination.next_page_token',
  param: 'page_token',
})

export const count = z.number().int().min(1).max(100).default(50).describe('Items in one page.')

/** A time. Calendly takes times in UTC, so one with another offset is converted. */
export const time = z.iso
  .datetime({ offset: true })
  .transform((at) => (at.endsWith('Z') ? at : new Date(at).toISOString()))

/** The users whose items a list has. */
export const owners = {
  user: reference('users').optional().describe('Those of this user: uri of get_current_user.'),
  organization: reference('organizations')
    .optional()
    .describe('Those of all users of this organization, for administrators: current_organization of get_current_user.'),
}
interface Owners {
  readonly user?: string | undefined
  readonly organization?: string | undefined
}
export const hasOwner = ({ user, organization }: Owners): boolean => (user ?? organization) !== undefined
export const needsOwner = 'Pass user or organization.'

/** Returns a filter with the URIs of its owners. */
export const ownedBy = <F extends Owners>({ user, organization, ...filter }: F) => ({
  ...filter,
  user: uriOf('users', user),
  organization: uriOf('organizations', organization),
})
