import { basic, oauth2 } from '@mcpclient/core/define'
import * as z from 'zod'

const Sites = z.array(z.object({ id: z.string(), name: z.string(), url: z.url(), scopes: z.array(z.string()) }))
const MINUTE_MS = 60_000

/**
 * OAuth 2.0 (3LO). A user has one or more sites, of Jira and of other products.
 *
 * Sources: https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps and
 * https://developer.atlassian.com/cloud/oauth/getting-started/refresh-tokens
 */
export const authorization = oauth2({
  authorizationUrl: 'https://auth.atlassian.com/authorize',
  tokenUrl: 'https://auth.atlassian.com/oauth/token',
  clientAuthentication: 'post',
  scopes: (ofTools) => [...ofTools, 'offline_access'],
  authorize: { params: { audience: 'api.atlassian.com', prompt: 'consent' } },
  token: { format: 'json' },
  refresh: { rotation: 'single_use', reuseWindowMs: 10 * MINUTE_MS },
  revoke: false,
  discover: {
    url: 'https://api.atlassian.com/oauth/token/accessible-resources',
    choose: (body) =>
      Sites.parse(body)
        .filter(({ scopes }) => scopes.some((scope) => /\bjira\b/.test(scope)))
        .map(({ id, name, url }) => ({
          id,
          name: `${name}, ${url}`,
          settings: { cloudId: id, siteUrl: new URL(url).origin },
        })),
  },
})

/** An API token of an Atlassian account. Source: https://support.atlassian.com/atlassian-account/docs/manage-api-tokens-for-your-atlassian-account */
export const apiToken = basic({
  username: { name: 'email', label: 'E-mail address of the Atlassian account' },
  password: { name: 'apiToken', label: 'API token' },
})
