import { defineConnector } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import * as z from 'zod'
import { apiToken, authorization } from './auth.ts'
import { errors } from './errors.ts'
import { appWebhook, events, siteWebhook } from './events.ts'
import { apiVersion } from './inputs.ts'
import { getMyself, perEndpoint, points } from './requests.ts'
import { attachments } from './tools/attachments.ts'
import { comments } from './tools/comments.ts'
import { issues } from './tools/issues.ts'
import { projects } from './tools/projects.ts'
import { users } from './tools/users.ts'
import { worklogs } from './tools/worklogs.ts'

const service = {
  name: 'Jira',
  description: 'Search, read and write issues, comments, worklogs and attachments of Jira Cloud.',
  docs: 'https://developer.atlassian.com/cloud/jira/platform/rest/v3/intro',
  // Times such as 2026-11-05T14:30Z. Source: https://developer.atlassian.com/cloud/jira/platform/rate-limiting
  limitHeaders: { reset: 'date' },
  check: { request: getMyself, account: { id: 'accountId', name: 'displayName' } },
  errors,
  events,
  tools: { ...issues, ...comments, ...worklogs, ...attachments, ...projects, ...users },
} as const

const cloudId = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'Copy the id of the site from https://your-site.atlassian.net/_edge/tenant_info.')

const gatewayUrl = (id: string, version: string): string =>
  `https://api.atlassian.com/ex/jira/${id}/rest/api/${version}/`

const definition = defineConnector({
  ...service,
  id: 'jira',
  settings: z.object({
    cloudId: cloudId.describe('Id of the site.'),
    siteUrl: z
      .string()
      .regex(/^https:\/\/[\w.-]+$/, 'Write it as https://your-site.atlassian.net.')
      .optional()
      .describe('URL of the site, which webhooks name.'),
    apiVersion,
  }),
  baseUrl: ({ settings }) => gatewayUrl(settings.cloudId, settings.apiVersion),
  auth: authorization,
  limits: [points, perEndpoint],
  webhook: appWebhook,
})

const withApiToken = defineConnector({
  ...service,
  id: 'jira-api-token',
  settings: z.object({
    site: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i, 'Pass your-site of https://your-site.atlassian.net.')
      .describe('Name of the site: your-site of https://your-site.atlassian.net.'),
    cloudId: cloudId.optional().describe('Id of the site, for API tokens with scopes only.'),
    apiVersion,
  }),
  // Tokens with scopes are accepted at the gateway only.
  baseUrl: ({ settings: { site, cloudId: id, apiVersion: version } }) =>
    id === undefined ? `https://${site}.atlassian.net/rest/api/${version}/` : gatewayUrl(id, version),
  auth: apiToken,
  limits: [perEndpoint],
  webhook: siteWebhook,
})

/** The tools, settings and credential of Jira with OAuth 2.0, under one name for editors. */
export interface JiraTypes extends TypesOfFactory<typeof definition> {}
/** The same with an API token. */
export interface JiraApiTokenTypes extends TypesOfFactory<typeof withApiToken> {}

/**
 * Connects to the Jira Cloud sites of users who authorize your app.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { jira: jira({ clientId, clientSecret }) }, vault: accounts })
 * await mcp.as('user_ada').jira.call('search_issues', { assignee: 'currentUser()', status: 'In Progress' })
 */
export const jira: NamedFactory<typeof definition, JiraTypes> = definition

/**
 * Connects to one Jira Cloud site with the API token of an Atlassian account.
 *
 * @example
 * jiraApiToken({ site: 'your-site', email: 'ada@example.com', apiToken: env.JIRA_API_TOKEN })
 */
export const jiraApiToken: NamedFactory<typeof withApiToken, JiraApiTokenTypes> = withApiToken
