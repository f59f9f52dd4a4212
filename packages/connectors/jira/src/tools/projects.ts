import { get, path, tool } from '@mcpclient/core/define'
import * as z from 'zod'
import { pageSize, projectIdOrKey, reads } from '../inputs.ts'
import { pagesOf, READS_ONE } from '../requests.ts'
import { IssueType, Project } from '../shapes.ts'

export const projects = {
  list_projects: tool({
    description: 'List the projects that this user can see.',
    ...reads,
    input: z.object({
      query: z.string().min(1).optional().describe('Part of a name or key.'),
      orderBy: z.enum(['key', 'name', '-lastIssueUpdatedTime']).default('key'),
      maxResults: pageSize('Projects'),
    }),
    output: z.object({ values: z.array(Project) }),
    request: (query) => get('project/search', query),
    pages: pagesOf('values'),
  }),
  get_project: tool({
    description: 'Read one project: its name, type, lead and issue types.',
    ...reads,
    input: z.object({ projectIdOrKey }),
    output: Project,
    request: (input) => get(path`project/${input.projectIdOrKey}`, undefined, READS_ONE),
  }),
  list_issue_types: tool({
    description: 'List the types of issues that this user can create in a project.',
    ...reads,
    input: z.object({ projectIdOrKey, maxResults: pageSize('Issue types', 200) }),
    output: z.object({ issueTypes: z.array(IssueType) }),
    request: ({ projectIdOrKey: project, ...query }) => get(path`issue/createmeta/${project}/issuetypes`, query),
    pages: pagesOf('issueTypes'),
  }),
}
