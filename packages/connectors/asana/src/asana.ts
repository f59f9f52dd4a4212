import { defineConnector, oauth2 } from '@mcpclient/core/define'
import type { NamedFactory, TypesOfFactory } from '@mcpclient/core/define'
import { errors } from './errors.ts'
import { events, hooks } from './events.ts'
import { read } from './requests.ts'
import { attachments } from './tools/attachments.ts'
import { log } from './tools/events.ts'
import { projects } from './tools/projects.ts'
import { stories } from './tools/stories.ts'
import { tasks } from './tools/tasks.ts'
import { workspaces } from './tools/workspaces.ts'

// Source: https://developers.asana.com/docs/oauth
const auth = oauth2({
  label: 'Personal access token',
  description: 'A token of https://app.asana.com/0/my-apps, or one of a service account.',
  authorizationUrl: 'https://app.asana.com/-/oauth_authorize',
  tokenUrl: 'https://app.asana.com/-/oauth_token',
  revocationUrl: 'https://app.asana.com/-/oauth_revoke',
  // Sections have no scope of their own, so only full access reaches every tool.
  scopes: ['default'],
  covers: (granted) => granted === 'default',
  refresh: { rotation: 'keep' },
})

const definition = defineConnector({
  id: 'asana',
  name: 'Asana',
  description: 'Read and write tasks, projects, comments and files of Asana.',
  docs: 'https://developers.asana.com/reference/rest-api-reference',
  baseUrl: 'https://app.asana.com/api/1.0/',
  auth,
  errors,
  // Of a token in a paid workspace; 150 in a free one. Source: https://developers.asana.com/docs/rate-limits
  limits: [{ requests: 1500, perMs: 60_000 }],
  check: { request: read('users/me', 'name'), account: { id: 'data.gid', name: 'data.name' } },
  tools: { ...tasks, ...projects, ...stories, ...attachments, ...workspaces, ...log },
  events,
  webhook: hooks,
})

/** The tools and credential of Asana, under one name for editors. */
export interface AsanaTypes extends TypesOfFactory<typeof definition> {}

/**
 * Connects to Asana, for users who sign in or with one token.
 *
 * @example
 * const mcp = createMcpClient({ connectors: { asana: asana({ token: env.ASANA_TOKEN }) } })
 * await mcp.as('ada').asana.call('create_task', { name: 'Count herons', workspace: '12345' })
 */
export const asana: NamedFactory<typeof definition, AsanaTypes> = definition
