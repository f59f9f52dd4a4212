import { defineConnector, get, path } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { auth } from './auth.ts'
import { errors } from './errors.ts'
import { deliveries, events } from './events.ts'
import { Settings } from './shapes.ts'
import { account } from './tools/account.ts'
import { comments } from './tools/comments.ts'
import { media } from './tools/media.ts'

const definition = defineConnector({
  id: 'instagram',
  name: 'Instagram',
  description: 'Publish with a professional Instagram account, reply to its comments and read its insights.',
  docs: 'https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login',
  baseUrl: ({ settings }) => `https://graph.instagram.com/${settings.version}/`,
  auth,
  settings: Settings,
  check: {
    request: ({ settings }) => get(path`${settings.userId}`, { fields: 'user_id,username' }),
    // The id of events, not the one that only this app knows.
    account: { id: 'user_id', name: 'username' },
  },
  errors,
  tools: { ...account, ...media, ...comments },
  webhook: deliveries,
  events,
})

/** The tools, events and settings of Instagram, under one name for editors. */
export interface InstagramTypes extends TypesOfFactory<typeof definition> {}

/** Connects to the professional account of each user: `instagram({ clientId, clientSecret })`. */
export const instagram: NamedFactory<typeof definition, InstagramTypes> = definition
