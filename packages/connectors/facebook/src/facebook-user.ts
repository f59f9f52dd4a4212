import { defineConnector, get, nullable, tool } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { facebookLogin, fieldsOf, graphErrors, graphPages, graphVersion, pageSize } from '@mcpclient/meta'
import * as z from 'zod'
import { Page } from './shapes.ts'

const ManagedPage = Page.pick({ id: true, name: true, username: true, link: true, category: true }).extend({
  tasks: nullable(z.array(z.string())).describe('What the user may do: CREATE_CONTENT, MODERATE, ANALYZE, and others.'),
})

const definition = defineConnector({
  id: 'facebook-user',
  name: 'Facebook user',
  description: 'List the Facebook pages that a user manages.',
  docs: 'https://developers.facebook.com/docs/graph-api/reference/user/accounts',
  baseUrl: ({ settings }) => `https://graph.facebook.com/${settings.version}/`,
  auth: facebookLogin(),
  settings: z.object({ version: graphVersion }),
  check: { request: get('me', { fields: 'id,name' }), account: { id: 'id', name: 'name' } },
  errors: graphErrors(),
  tools: {
    list_pages: tool({
      description: 'List the pages that the user manages, and what the user may do on each.',
      effect: 'read',
      scopes: ['pages_show_list'],
      input: z.object({ limit: pageSize }),
      output: z.object({ data: z.array(ManagedPage) }),
      request: (page) => get('me/accounts', { ...fieldsOf(ManagedPage), ...page }),
      pages: graphPages(),
    }),
  },
})

/** The tools and the sign-in of a Facebook user, under one name for editors. */
export interface FacebookUserTypes extends TypesOfFactory<typeof definition> {}

/** Connects to the users themselves, to list their pages: `facebookUser({ clientId, clientSecret })`. */
export const facebookUser: NamedFactory<typeof definition, FacebookUserTypes> = definition
