import { defineConnector, get, oauth2 } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { events, notifications } from './events.ts'
import { Settings } from './shapes.ts'
import { images } from './tools/images.ts'
import { members } from './tools/members.ts'
import { posts } from './tools/posts.ts'

// Sources: https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow and .../programmatic-refresh-tokens
const auth = oauth2({
  label: 'Access token',
  description: 'A token of the token generator of LinkedIn.',
  authorizationUrl: 'https://www.linkedin.com/oauth/v2/authorization',
  tokenUrl: 'https://www.linkedin.com/oauth/v2/accessToken',
  clientAuthentication: 'post',
  // What an app gets without a review: Sign In with LinkedIn using OpenID Connect, and Share on LinkedIn.
  scopes: ['openid', 'profile', 'email', 'w_member_social'],
  // Apps with a secret send no code challenge.
  pkce: false,
  refresh: { rotation: 'keep' },
  // It documents no request that revokes a token.
  revoke: false,
})

const definition = defineConnector({
  id: 'linkedin',
  name: 'LinkedIn',
  description: 'Publish, read, change and delete posts of LinkedIn members and organizations.',
  docs: 'https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api',
  baseUrl: 'https://api.linkedin.com/',
  // Images are uploaded to an address that rest/images returns.
  hosts: ['www.linkedin.com'],
  auth,
  settings: Settings,
  errors,
  check: { request: get('v2/userinfo'), account: { id: 'sub', name: 'name' } },
  tools: { ...posts, ...images, ...members },
  events,
  webhook: notifications,
})

/** The tools, settings and credential of LinkedIn, under one name for editors. */
export interface LinkedInTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to LinkedIn, for users who sign in or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { linkedin: linkedin({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('ada').linkedin.call('create_post', { author: 'urn:li:organization:2414183', commentary: 'The tide is out.' })
 */
export const linkedin: NamedFactory<typeof definition, LinkedInTypes> = definition
