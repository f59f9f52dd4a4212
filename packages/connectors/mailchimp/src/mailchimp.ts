import { apiKey, defineConnector, get, oauth2, valueAt } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as z from 'zod'
import { audiences } from './marketing/audiences.ts'
import { campaigns } from './marketing/campaigns.ts'
import { errors } from './marketing/errors.ts'
import { audienceEvents, audienceWebhook } from './marketing/events.ts'
import { members } from './marketing/members.ts'
import { Settings } from './marketing/shapes.ts'
import { webhooks } from './marketing/webhooks.ts'

const Metadata = z.object({ dc: z.string(), accountname: z.string(), user_id: z.union([z.string(), z.number()]) })

// Tokens do not expire, and Mailchimp has no scopes, no refresh tokens and no request that revokes one.
// Source: https://mailchimp.com/developer/marketing/guides/access-user-data-oauth-2/
const oauth = oauth2({
  label: 'Access token',
  description: 'An access token of Mailchimp. It needs the setting dataCenter.',
  authorizationUrl: 'https://login.mailchimp.com/oauth2/authorize',
  tokenUrl: 'https://login.mailchimp.com/oauth2/token',
  clientAuthentication: 'post',
  pkce: false,
  // Its expires_in is 0.
  token: {
    read: (body) => ({ members: { access_token: valueAt(body, 'access_token'), token_type: 'bearer' } }),
  },
  revoke: false,
  discover: {
    url: 'https://login.mailchimp.com/oauth2/metadata',
    scheme: 'OAuth',
    choose: (body) => {
      const { dc, accountname, user_id } = Metadata.parse(body)
      return [{ id: String(user_id), name: accountname, settings: { dataCenter: dc } }]
    },
  },
})

const key = apiKey({
  header: 'authorization',
  prefix: 'Bearer ',
  description: 'An API key of Mailchimp, which ends with its data center: 0123abcd-us6.',
  settings: { dataCenter: (of) => of.apiKey.split('-')[1] },
})

const service = {
  name: 'Mailchimp',
  description: 'Work with audiences, their members and tags, and with campaigns.',
  docs: 'https://mailchimp.com/developer/marketing/api/',
  settings: Settings,
  baseUrl: ({ settings: { dataCenter } }: { readonly settings: { readonly dataCenter: string } }) =>
    `https://${dataCenter}.api.mailchimp.com/3.0/`,
  check: { request: get(''), account: { id: 'account_id', name: 'account_name' } },
  errors,
  // Source: https://mailchimp.com/developer/marketing/docs/fundamentals/#api-limits
  limits: [{ concurrent: 10 }],
  timeoutMs: 120_000,
  tools: { ...audiences, ...members, ...campaigns, ...webhooks },
  events: audienceEvents,
  webhook: audienceWebhook,
} as const

const definition = defineConnector({ ...service, id: 'mailchimp', auth: oauth })
const withKey = defineConnector({ ...service, id: 'mailchimp-api-key', auth: key })

/** The tools, settings, events and credential of Mailchimp, under one name for editors. */
export interface MailchimpTypes extends TypesOfFactory<typeof definition> {}
/** The same with an API key. */
export interface MailchimpApiKeyTypes extends TypesOfFactory<typeof withKey> {}

/**
 * Connects to the Mailchimp accounts of users who sign in. The data center of each is found after consent.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { lists: mailchimp({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('user_ada').lists.call('list_audiences', {})
 */
export const mailchimp: NamedFactory<typeof definition, MailchimpTypes> = definition

/**
 * Connects to one Mailchimp account with its API key, which names the data center.
 *
 * @example
 * mailchimpApiKey({ apiKey: env.MAILCHIMP_API_KEY })
 */
export const mailchimpApiKey: NamedFactory<typeof withKey, MailchimpApiKeyTypes> = withKey
