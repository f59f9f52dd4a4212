import { defineConnector, get, path } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { facebookLogin, graphErrors, graphUrl } from '@mcpclient/meta'
import * as z from 'zod'
import { deliveries, events } from './events.ts'
import { Settings } from './shapes.ts'
import { comments } from './tools/comments.ts'
import { page } from './tools/page.ts'
import { posts } from './tools/posts.ts'

const Pages = z.object({
  data: z.array(z.object({ id: z.string(), name: z.string(), access_token: z.string().optional() })),
})

// A call on a page needs the page's own token. That of a long-lived user token does not expire.
// Source: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived
const auth = facebookLogin({
  label: 'Page access token',
  description: 'The access token of a page, not of a user.',
  scopes: (ofTools) => ['pages_show_list', ...ofTools],
  discover: {
    url: graphUrl('me/accounts?fields=id,name,access_token&limit=100'),
    choose: (body) =>
      Pages.parse(body).data.flatMap(({ id, name, access_token: accessToken }) =>
        accessToken === undefined ? [] : [{ id, name, settings: { pageId: id }, accessToken, account: { id, name } }],
      ),
  },
})

const definition = defineConnector({
  id: 'facebook',
  name: 'Facebook',
  description: 'Publish on a Facebook page, reply to its comments and read its insights.',
  docs: 'https://developers.facebook.com/docs/pages-api',
  baseUrl: ({ settings }) => `https://graph.facebook.com/${settings.version}/`,
  auth,
  settings: Settings,
  check: {
    request: ({ settings }) => get(path`${settings.pageId}`, { fields: 'id,name' }),
    account: { id: 'id', name: 'name' },
  },
  errors: graphErrors({ rows: { 210: { hint: 'Use the token of the page: that of a user is not accepted.' } } }),
  tools: { ...page, ...posts, ...comments },
  webhook: deliveries,
  events,
})

/** The tools, events and settings of a Facebook page, under one name for editors. */
export interface FacebookTypes extends TypesOfFactory<typeof definition> {}

/** Connects to one page of each tenant: `facebook({ clientId, clientSecret })`. */
export const facebook: NamedFactory<typeof definition, FacebookTypes> = definition
