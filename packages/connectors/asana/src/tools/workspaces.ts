import { path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { gid, limit, listOf, pages, read, reads, wrapped } from '../requests.ts'
import { CUSTOM_FIELD, CustomField, NAMED, Named, USER, User, WORKSPACE, Workspace } from '../shapes.ts'

const workspace_gid = gid.describe('The gid of the workspace, as list_workspaces returns it.')

export const workspaces = {
  list_workspaces: tool({
    description: 'List the workspaces and organizations that the user is in.',
    ...reads('workspaces:read'),
    input: z.object({ limit }),
    output: listOf(Workspace),
    request: (page) => read('workspaces', WORKSPACE, page),
    pages,
  }),
  list_users: tool({
    description: 'List the users of a workspace.',
    ...reads('users:read'),
    input: z.object({ workspace: workspace_gid, limit }),
    output: listOf(User),
    request: (filter) => read('users', USER, filter),
    pages,
  }),
  get_user: tool({
    description: 'Get one user. me is the user of the token.',
    ...reads('users:read'),
    input: z.object({
      user_gid: z.string().min(1).default('me').describe('The gid or the e-mail address of the user, or me.'),
    }),
    output: wrapped(User),
    request: (input) => read(path`users/${input.user_gid}`, USER),
  }),
  list_workspace_custom_fields: tool({
    description: 'List the custom fields of a workspace.',
    ...reads('custom_fields:read'),
    input: z.object({ workspace_gid, limit }),
    output: listOf(CustomField),
    request: ({ workspace_gid: workspace, ...page }) =>
      read(path`workspaces/${workspace}/custom_fields`, CUSTOM_FIELD, page),
    pages,
  }),
  search_typeahead: tool({
    description:
      'Find objects of a workspace by the beginning of their names. It is fast and finds the most relevant ones only, not all.',
    ...reads('workspaces.typeahead:read'),
    input: z.object({
      workspace_gid,
      resource_type: z.enum([
        'custom_field',
        'goal',
        'portfolio',
        'project',
        'project_template',
        'tag',
        'task',
        'team',
        'user',
      ]),
      query: z.string().describe('An empty string finds what this user used last.'),
      count: z.number().int().min(1).max(100).default(20),
    }),
    output: listOf(Named),
    request: ({ workspace_gid: workspace, ...filter }) => read(path`workspaces/${workspace}/typeahead`, NAMED, filter),
  }),
}
